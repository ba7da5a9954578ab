"""The rows that an import set aside: written as they were, with the line and the reason.

The file has the header of the original and two more columns; mended, it can be imported as it is.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from crmcli.errors import CrmError
from crmcli.exchange.readers import Source
from crmcli.exchange.reading import Rejected
from crmcli.values.spreadsheet import spreadsheet_safe

COLUMNS = ("line", "reason")
_LONGEST_NAME = 60  # characters, of which each may take four of the 255 bytes of a name


class Rejects:
    """FILE.rejects.csv, made at the first rejected row: beside the file, or in this folder."""

    def __init__(self, source: Source, *, write: bool) -> None:
        self._source, self._write = source, write
        self._file: IO[str] | None = None
        self.path: Path | None = None
        self.reasons: list[str] = []

    def add(self, rows: Sequence[Rejected]) -> None:
        """Set rows aside."""
        for row in rows[: max(20 - len(self.reasons), 0)]:
            self.reasons.append(f"line {row.line}: {row.reason}")
        if not rows or not self._write:
            return
        file = self._file or self._open()
        width = len(self._source.header)
        self._writer(file).writerows(
            [
                *self._safe(row.cells[:width]),
                *[""] * (width - len(row.cells)),
                row.line,
                row.reason,
                *self._safe(row.cells[width:]),
            ]
            for row in rows
        )

    def _safe(self, cells: Sequence[str]) -> Sequence[str]:
        """Cells of CSV as they were; texts of other files so that no spreadsheet runs them."""
        if self._source.delimiter:
            return cells
        return [spreadsheet_safe(cell) for cell in cells]

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> IO[str]:
        folder, name = _place(self._source.path)
        for path in (folder / name, Path(name)):
            try:
                # Rows of a CRM are about people: nobody else is to read them.
                handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            except OSError:
                continue
            self.path = path
            self._file = open(handle, "w", encoding="utf-8", newline="")  # noqa: SIM115
            self._writer(self._file).writerow((*self._safe(self._source.header), *COLUMNS))
            return self._file
        raise CrmError(
            f"{name} can be written neither beside the file nor here, and rows were rejected",
            hint="import from a folder that you may write to",
        )

    def _writer(self, file: IO[str]) -> Any:
        return csv.writer(file, delimiter=self._source.delimiter or ",", lineterminator="\n")


def _place(path: Path) -> tuple[Path, str]:
    """The folder of a file, or of the archive that holds it, and the name of its rejects there."""
    folder = next((parent for parent in path.parents if parent.is_dir()), Path())
    # The names in an archive are data: what a terminal obeys has no place in a name on disk.
    name = "".join(
        char if char.isprintable() else "_" for char in ".".join(path.relative_to(folder).parts)
    )
    return folder, f"{name[-_LONGEST_NAME:]}.rejects.csv"
