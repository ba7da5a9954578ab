"""The list of imports: an entry for each file that changed something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.exchange.applying import Counts

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def listed(writer: Writer, file: str, sha256: str, record: str, counts: Counts, warnings: int = 0
           ) -> int:  # fmt: skip
    """Put an import of the present change set on the list; returns its number."""
    now = writer.author.now
    return writer.insert_log("import_batch", {
        "file": file, "sha256": sha256, "record": record,
        "change_set_id": writer.begin_change_set(), "created_at": now, "updated_at": now,
        "version": 1, **_row(counts, warnings),
    })  # fmt: skip


def relisted(writer: Writer, batch: int, counts: Counts, warnings: int) -> None:
    """Bring the counts of an import that goes on up to date."""
    row = _row(counts, warnings)
    sets = ", ".join(f"{name} = ?" for name in row)
    writer.execute(f"UPDATE import_batch SET {sets} WHERE id = ?", [*row.values(), batch])


def _row(counts: Counts, warnings: int) -> dict[str, int]:
    return {
        "read": counts.read,
        "made": counts.created,
        "changed": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": counts.skipped,
        "rejected": counts.rejected,
        "warnings": warnings,
    }
