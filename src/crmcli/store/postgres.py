"""PostgreSQL, spoken to in our own SQL.

All SQL in the program is written once, with `?` placeholders and the few functions of SQLite that
it needs. `translated` puts a statement into PostgreSQL's words; the functions that PostgreSQL does
not have are made in the database (`FUNCTIONS`). Texts are stored and compared bytewise, as SQLite
does it (`COLLATE "C"`), so that both databases order alike.

One writer at a time holds an advisory lock from its BEGIN to its COMMIT, as SQLite's write lock
does it: no update is lost, and the ids of bulk inserts follow each other.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from crmcli.errors import (
    CrmError,
    DatabaseBusy,
    DatabaseError,
    DatabaseMissing,
    NotPermitted,
    UsageError,
)
from crmcli.store.location import Location, without_password

if TYPE_CHECKING:
    import psycopg

    from crmcli.store.read import Rows

_OLDEST = 14_00_00  # version of a server, as the driver tells it
PATIENCE = 30  # seconds that a write waits for another one
LOCK = 0x43524D31  # the key of the advisory lock: "CRM1"

# Our words -> PostgreSQL's.
_WORDS = {
    "?": "%s",
    "%": "%%",
    "json_object(": "json_build_object(",
    "json_group_array(": "json_agg(",
    "group_concat(": "string_agg(",
    "instr(": "strpos(",
    "search MATCH ?": "words @@ CAST(%s AS tsquery)",
    # Rows that were deleted stay in the way of a scan until the table is vacuumed.
    "DELETE FROM temp.": "TRUNCATE ",
    "temp.": "",
    "INSERT OR ROLLBACK": "INSERT",
    # SQLite takes CROSS as a word on the order of tables, PostgreSQL finds that itself.
    "CROSS JOIN ": "JOIN ",
    "EXPLAIN QUERY PLAN ": "EXPLAIN ",
    "IS ": "IS NOT DISTINCT FROM ",
    "AS TEXT)": 'AS TEXT) COLLATE "C"',
}
_PATTERN = re.compile(
    r"'(?:[^']|'')*'|\bsearch MATCH \?|\b(?:json_object|json_group_array|group_concat|instr)\("
    r"|\bDELETE FROM temp\.(?=\w+$)|\btemp\.|\?|%|\bINSERT OR ROLLBACK\b"
    r"|\bCROSS JOIN (?=\w+(?:\.\w+)? \w+\s+ON\b)"
    r"|\bIS (?=\?|\w+\.\w)|\bAS TEXT\)|^EXPLAIN QUERY PLAN "
)

# Collations that know the letters of all scripts, the best first: a plain database compares bytes.
_LETTERS = ("pg_c_utf8", "und-x-icu", "C.utf8", "en_US.utf8", "default")

FUNCTIONS = (
    """CREATE FUNCTION json_extract(text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT $1::jsonb ->> substr($2, 4, length($2) - 4) $$""",
    """CREATE FUNCTION julianday(text) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT extract(epoch FROM $1::timestamptz)::double precision / 86400 + 2440587.5 $$""",
    # The words of a text, with a weight that tells those of the name (A) from the others.
    """CREATE FUNCTION search_words(text, text) RETURNS tsvector LANGUAGE sql IMMUTABLE
    PARALLEL SAFE AS $$ SELECT coalesce(string_agg(DISTINCT
      quote_literal(left(word, 255)) || ':1' || $2 COLLATE "C", ' '), '')::tsvector
    FROM regexp_split_to_table(translate(regexp_replace(lower(normalize(left($1, 200000), NFKD)
      COLLATE "{letters}"), '[\u0300-\u036f]', '', 'g'), '\u03c2', '\u03c3'), '[^[:alnum:]]+') word
    WHERE word <> '' $$""",
)
SEARCH = (
    """CREATE TABLE search (
      rowid BIGINT PRIMARY KEY, name TEXT COLLATE "C", body TEXT COLLATE "C",
      words tsvector GENERATED ALWAYS AS (
        search_words(coalesce(name, ''), 'A') || search_words(coalesce(body, ''), 'D')
      ) STORED
    )""",
    "CREATE INDEX ix_search_words ON search USING gin (words)",
    'CREATE TABLE search_vocab (term TEXT COLLATE "C" PRIMARY KEY)',
    """CREATE FUNCTION search_note_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO search_vocab SELECT DISTINCT unnest(tsvector_to_array(words)) FROM noted
      ON CONFLICT DO NOTHING;
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_terms AFTER INSERT ON search REFERENCING NEW TABLE AS noted
    FOR EACH STATEMENT EXECUTE FUNCTION search_note_terms()""",
)

FORGET_WORDS = (
    "DELETE FROM search_vocab",
    "INSERT INTO search_vocab SELECT DISTINCT unnest(tsvector_to_array(words)) FROM search",
)
"""What has the list of words hold none but those of rows that are there."""

NO_SEARCH = (
    "DROP TABLE IF EXISTS search",
    "DROP TABLE IF EXISTS search_vocab",
    "DROP FUNCTION IF EXISTS search_note_terms()",
)


class Connection:
    """A connection that understands our SQL. Its transactions are begun and ended by statements."""

    def __init__(self, raw: psycopg.Connection[Any], location: Location) -> None:
        self.raw = raw
        self.location = location
        self._sizes: dict[str, int] = {}

    def execute(self, sql: str, params: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """Run one statement of ours. Raises as `explained`."""
        # Without parameters the driver would leave the signs that `translated` doubles doubled.
        bound = _bound(sql, params) if params or "%" in sql else None
        with explained(self.location):
            return self.raw.execute(translated(sql), bound)

    def executemany(self, sql: str, params: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows of parameters."""
        with explained(self.location), self.raw.cursor() as cursor:
            cursor.executemany(translated(sql), params)

    def stream(self, sql: str, size: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, fetched `size` at a time as they are needed; in a transaction."""
        with explained(self.location), self.raw.cursor(name="stream") as cursor:
            cursor.itersize = size
            yield from cursor.execute(sql)

    def copy_in(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert many rows in one statement, so that they may refer to each other."""
        sql = translated(f"COPY {table} ({', '.join(columns)}) FROM STDIN")
        with explained(self.location), self.raw.cursor() as cursor, cursor.copy(sql) as copying:
            for row in rows:
                copying.write_row(row)

    def look_again(self, table: str) -> None:
        """Have the server look how large a table has become and what is in it."""
        self.execute(f"ANALYZE {table}")

    def grown(self, table: str, rows: int) -> None:
        """Have the server look at a table again that is twice as large as it knows.

        Its plans depend on that, and left to itself it looks after a commit, a minute later:
        matching 10,000 rows of an import took it minutes.
        """
        known = self._sizes.get(table)
        if known is None:
            sql = "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = to_regclass(?)"
            known = int(self.execute(sql, (table,)).fetchall()[0][0])
        if rows > 2 * known:
            self.look_again(table)
            known = rows
        self._sizes[table] = known

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; none is when the server is gone, which ended it."""
        return not self.raw.closed and self.raw.info.transaction_status != 0

    def close(self) -> None:
        """Let go of the server."""
        self.raw.close()


@lru_cache(maxsize=512)
def translated(sql: str) -> str:
    """A statement of ours in PostgreSQL's words; what stands in quotes keeps its own."""
    if sql.startswith("CREATE TEMP TABLE"):
        return ddl(sql)

    def word(match: re.Match[str]) -> str:
        found = match[0]
        return found.replace("%", "%%") if found.startswith("'") else _WORDS[found]

    return _PATTERN.sub(word, sql)


def _bound(sql: str, params: Sequence[Any]) -> list[Any]:
    """The parameters, with search expressions in PostgreSQL's form."""
    before = sql.split("MATCH ?")[:-1]
    places = {sum(part.count("?") for part in before[: at + 1]) + at for at in range(len(before))}
    return [tsquery(value) if i in places else value for i, value in enumerate(params)]


_TOKEN = re.compile(r'"((?:[^"]|"")*)"(\*?)|(name :)|(AND|OR|[()])')
_SIGNS = {"AND": "&", "OR": "|"}
_LONGEST = 255  # letters of a word that count
_NOTHING = "'='"  # what no text contains


def tsquery(match: str) -> str:
    """A search expression as `crmcli.store.search` writes it (FTS5), as a tsquery."""
    in_name = False
    parts: list[str] = []
    for token in _TOKEN.finditer(match):
        if token[3]:
            in_name = True
        elif token[4]:
            parts.append(_SIGNS.get(token[4], token[4]))
        else:
            parts.append(_lexemes(token[1], "*" if token[2] else "", "A" if in_name else ""))
    return " ".join(parts)


def _lexemes(word: str, begun: str, weight: str) -> str:
    """A word, which may hold several lexemes, all to be found; the last by its beginning."""
    plain = unicodedata.normalize("NFKD", word).lower()
    bare = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    found = [part[:_LONGEST] for part in re.split(r"[\W_]+", bare.replace("ς", "σ")) if part]
    marks = [f":{weight}" if weight else ""] * len(found)
    if found and (begun or weight):
        marks[-1] = f":{begun}{weight}"
    terms = [f"'{part}'{mark}" for part, mark in zip(found, marks, strict=True)]
    return f"({' & '.join(terms)})" if terms else _NOTHING


# --- connecting


def connect(location: Location, *, writes: bool = False) -> Connection:
    """A connection to the server, in autocommit; a reading one cannot write.

    Raises DatabaseError without ever showing a password.
    """
    options = "" if writes else "-c default_transaction_read_only=on"
    raw_class = _raw_class()
    _check_url(location)
    with explained(location):
        raw = raw_class.connect(location.url, autocommit=True, options=options)
    _refuse_old(raw, location)
    _read_numbers_plainly(raw)
    return Connection(raw, location)


def _refuse_old(raw: psycopg.Connection[Any], location: Location) -> None:
    version = raw.info.server_version
    if version < _OLDEST:
        raw.close()
        raise DatabaseError(
            f"{location.shown} is on PostgreSQL {version // 1_00_00}, which is too old",
            hint="crm needs PostgreSQL 14 or newer",
        )


def _check_url(location: Location) -> None:
    """Raise UsageError for an address that cannot be read; the driver would quote parts of it."""
    import psycopg

    try:
        psycopg.conninfo.conninfo_to_dict(location.url)
    except psycopg.ProgrammingError:
        raise UsageError(
            "the address of the database cannot be read",
            hint="write postgresql://user@host/name; in a password @ is %40, / is %2F and : is %3A",
        ) from None


@cache
def _raw_class() -> type[psycopg.Connection[Any]]:
    try:
        import psycopg
    except ImportError as error:
        raise DatabaseError(
            "PostgreSQL needs a driver that is not installed",
            hint="pip install 'crmcli[postgres]'",
        ) from error

    class Raw(psycopg.Connection[Any]):
        """psycopg's connection, of which SQLAlchemy can neither commit nor roll back the work."""

        def commit(self) -> None:
            """Nothing: a write that succeeds says COMMIT itself."""

        def rollback(self) -> None:
            """Nothing: a write that fails says ROLLBACK itself."""

    return Raw


def _read_numbers_plainly(raw: psycopg.Connection[Any]) -> None:
    """Sums come as integers or floats, JSON as text: what SQLite gives."""
    from psycopg.adapt import Loader
    from psycopg.types.string import TextLoader

    class Plain(Loader):
        def load(self, data: Any) -> int | float:
            text = bytes(data).decode()
            return float(text) if "." in text or "e" in text or "N" in text else int(text)

    raw.adapters.register_loader("numeric", Plain)
    for kind in ("json", "jsonb"):
        raw.adapters.register_loader(kind, TextLoader)


def begin(connection: Connection, *, bulk: bool = False) -> None:
    """Take the write lock before anything is read, waiting for other writers."""
    connection.execute("BEGIN")
    connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE * 1000:.0f}ms'")
    if bulk:
        connection.execute("SET LOCAL work_mem = '64MB'")
        # Thousands of keys are looked up at a time. With its usual figure for disks that turn, the
        # server would go through all of a table for them instead of an index.
        connection.execute("SET LOCAL random_page_cost = 1.1")
    connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")


def next_id(connection: Connection, table: str) -> int:
    """The id that the next new row of `table` gets."""
    row = connection.execute(
        f"SELECT last_value + is_called::int FROM {sequence(table)}"
    ).fetchone()
    return int(row[0]) if row else 1


def count_on(connection: Connection, table: str, last: int) -> None:
    """Have the next new row of `table` get a number beyond `last`, whose row was given its own."""
    connection.execute(
        f"SELECT setval('{sequence(table)}', ?) FROM {sequence(table)}"
        " WHERE last_value + is_called::int <= ?",
        (last, last),
    )


def sequence(table: str) -> str:
    """The name of the sequence that numbers the rows of `table`."""
    return f"{table}_id_seq"


def version(connection: Connection) -> int:
    """The schema version of the database; 0 for an empty one."""
    if connection.execute("SELECT to_regclass('meta')").fetchone() == (None,):
        return 0
    row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    return int(row[0]) if row else 0


# --- the schema


def functions(connection: Connection) -> list[str]:
    """The statements that make what our SQL uses and PostgreSQL does not have."""
    rows = connection.execute(
        "SELECT collname FROM pg_collation WHERE collencoding IN (-1, 6)"
    ).fetchall()
    known = {row[0] for row in rows}
    letters = next(name for name in _LETTERS if name in known)
    return [statement.replace("{letters}", letters) for statement in FUNCTIONS]


def ddl(statement: str) -> str:
    """A CREATE TABLE of SQLAlchemy's with our types: 64-bit integers, bytewise texts.

    An index gets the id as its last column, which SQLite's have anyway: lists are ordered by it.
    """
    if statement.startswith("CREATE INDEX"):
        return re.sub(r"(?<!\bid)\)(?= WHERE|$)", ", id)", statement, count=1)
    found = re.sub(
        r"\bBIGSERIAL\b|\bSERIAL\b", "BIGINT GENERATED BY DEFAULT AS IDENTITY", statement
    )
    found = re.sub(r"\bINTEGER\b", "BIGINT", found)
    return re.sub(r"\bVARCHAR\b|\bTEXT\b", 'TEXT COLLATE "C"', found)


def views(connection: Connection) -> list[str]:
    """The names of the views of the schema in use."""
    rows = connection.execute(
        "SELECT viewname FROM pg_views WHERE schemaname = current_schema()"
    ).fetchall()
    return [row[0] for row in rows]


def columns(reader: Rows, table: str) -> list[str]:
    """The names of the columns of a table or a view, in their order; none where there is none."""
    rows = reader.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        (table,),
    )
    return [row[0] for row in rows]


def words_of(documents: str) -> str:
    """The ids and words that index rows (rowid, name, body) should have.

    Words tell whether the index is right: in which order texts were joined is no matter.
    """
    return (
        "SELECT q.id, search_words(coalesce(q.name, ''), 'A') || search_words(coalesce(q.body, ''),"
        f" 'D') FROM ({documents}) q(id, name, body)"
    )


def unify_types(connection: Connection) -> None:
    """Give columns that a migration has made the types of the others (see `ddl`)."""
    rows = connection.execute(
        "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
        " JOIN information_schema.tables t ON t.table_schema = c.table_schema"
        "  AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'"
        " WHERE c.table_schema = current_schema() AND (c.data_type IN ('integer', 'smallint')"
        "  OR (c.data_type IN ('character varying', 'text')"
        "  AND coalesce(c.collation_name, '') <> 'C'))"
    ).fetchall()
    for table, column, found in rows:
        kind = "BIGINT" if "int" in found else 'TEXT COLLATE "C"'
        connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind}')


# --- faults


@contextmanager
def explained(location: Location) -> Iterator[None]:
    """Turn the driver's errors inside the block into ours; a broken constraint becomes sqlite3's
    IntegrityError, so that there is one to catch."""
    import psycopg

    try:
        yield
    except psycopg.IntegrityError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except psycopg.Error as error:
        raise translate(error, location) from error


Refusal = tuple[Callable[..., CrmError], str, str]

_BUSY: Refusal = (
    DatabaseBusy, "{where} is in use by another process", "try again in a moment",
)  # fmt: skip
_REFUSED: Refusal = (
    NotPermitted, "{where}: the password or the user is wrong",
    "put the password into ~/.pgpass or PGPASSWORD",
)  # fmt: skip
_ABSENT: Refusal = (
    DatabaseMissing, "{where}: there is no such database on the server",
    "make it with: createdb NAME, then crm init",
)  # fmt: skip
_NOWHERE: Refusal = (
    DatabaseError, "{where}: there is no such host", "check the name of the host",
)  # fmt: skip
_STOPPED: Refusal = (
    DatabaseError, "{where} closed the connection; what was not finished is not there",
    "try again when the server is back",
)  # fmt: skip
_GONE: Refusal = (DatabaseError, "{where} does not answer", "is the server running?")

# What the server says, by its SQLSTATE: words depend on its language.
_BY_STATE: dict[str, Refusal] = {
    "28P01": _REFUSED,
    "28000": _REFUSED,
    "3D000": _ABSENT,
    "42501": (NotPermitted, "{where}: {said}", "ask the owner of the database"),
    "25006": (NotPermitted, "{where} can only be read", "name the primary server"),
    "53100": (DatabaseError, "the disk of {where} is full; nothing was changed", "make room there"),
    "53300": (DatabaseBusy, "{where} has no connection free", "try again in a moment"),
    "55P03": _BUSY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "57014": (
        DatabaseError, "{where} broke off: {said}; what was not finished is not there",
        "see statement_timeout of the server and of the role",
    ),
    "25P03": _STOPPED,
    "57P01": _STOPPED,
    "57P02": _STOPPED,
    "57P03": (DatabaseError, "{where} is starting", "try again in a moment"),
    "42P01": (
        DatabaseError, "{where} lacks a table: {said}", "is it a database of crm? `crm db check`",
    ),
}  # fmt: skip
# What fails before there is a connection has no state.
_BY_WORDS: tuple[tuple[str, Refusal], ...] = (
    ("password", _REFUSED),
    ("no pg_hba.conf entry", _REFUSED),
    ('role "', _REFUSED),
    ('database "', _ABSENT),
    ("too many clients", (DatabaseBusy, "{where} has no connection free", "try again in a moment")),
    ("definition of service", (
        DatabaseError, "{where}: the service is not in the service file",
        "see PGSERVICEFILE and ~/.pg_service.conf",
    )),
    ("could not translate host", _NOWHERE),
    ("failed to resolve host", _NOWHERE),
    ("could not receive", _GONE),
    ("refused", _GONE),
    ("timeout", _GONE),
    ("no such file", _GONE),
    ("server closed", _STOPPED),
    ("connection is closed", _STOPPED),
    ("connection is lost", _STOPPED),
    ("connection reset", _STOPPED),
)  # fmt: skip


def translate(error: Exception, location: Location) -> CrmError:
    """The error of ours for one of the driver's. No password is part of it."""
    said = without_password(next(iter(str(error).strip().splitlines()), type(error).__name__))
    state = getattr(error, "sqlstate", None)
    refusal = _BY_STATE.get(state or "")
    if refusal is None and state is None:
        refusal = next((each for part, each in _BY_WORDS if part in str(error).lower()), None)
    if refusal is None:
        text = f"{location.shown}: {said}"
        return DatabaseError(text, hint="`crm db check` examines the database")
    kind, sentence, hint = refusal
    return kind(sentence.format(where=location.shown, said=said), hint=hint)
