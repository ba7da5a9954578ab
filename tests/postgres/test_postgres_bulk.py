"""What an import asks of a server costs as much for its last rows as for its first."""

from __future__ import annotations

import pytest

from crmcli.exchange.bulk import wanted
from crmcli.exchange.matching import _BY_POINT
from crmcli.exchange.references import BY_EMAIL
from crmcli.store import postgres
from crmcli.store.location import Location
from crmcli.store.write import Author, writing

IMPORT = Author("ada", "2026-03-05T09:00:00Z", "crm import people.csv", kind="import")
KEYS = [(f"person{number}@example.com", f"person {number}") for number in range(2_000)]


def test_keys_that_were_looked_up_are_not_in_the_way_of_the_next(on_server: Location) -> None:
    with writing(on_server, IMPORT, keep=False) as writer:
        sizes = []
        for _round in range(5):
            wanted(writer, ("key", "more"), KEYS)
            assert writer.scalar("SELECT count(*) FROM temp.wanted") == len(KEYS)
            sizes.append(writer.scalar("SELECT pg_relation_size(CAST('wanted' AS regclass))"))
    assert sizes == [sizes[0]] * 5


@pytest.mark.parametrize(
    ("sql", "params"), [(BY_EMAIL, ()), (_BY_POINT, ("phone",))], ids=["email", "phone"]
)
def test_thousands_of_keys_are_found_along_an_index(
    on_server: Location, sql: str, params: tuple[str, ...]
) -> None:
    with writing(on_server, IMPORT, keep=False) as writer:
        points = ((10**6 + n, 1, "email", "x", f"x{n}@example.com", 0, 1) for n in range(50_000))
        names = ("id", "contact_id", "kind", "value", "key", "is_primary", "valid")
        writer.insert_many("contact_point", names, points)
        writer.execute("ANALYZE contact_point")
        wanted(writer, ("key", "more"), KEYS)
        plan = writer.rows(f"EXPLAIN {sql}", params)
    assert "Seq Scan on contact_point" not in "\n".join(line for (line,) in plan)


def test_all_rows_of_a_temporary_table_go_without_a_trace_some_are_deleted() -> None:
    assert postgres.translated("DELETE FROM temp.doomed") == "TRUNCATE doomed"
    some = "DELETE FROM temp.doomed WHERE id = ?"
    assert postgres.translated(some) == "DELETE FROM doomed WHERE id = %s"
