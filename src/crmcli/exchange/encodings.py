"""Which encoding a file of text has: by its mark, by being valid UTF-8, by its zeros, by guess."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import InvalidValue, UnknownName
from crmcli.exchange.opening import Scan
from crmcli.values.base import quote

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = {
    b"PK\x03\x04": "a zip file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"PAR1": "a Parquet file",
}
# The encodings that CRMs, offices and phones of the last decades write, by region.
_CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp932",
    "gb18030", "big5", "cp949", "mac_roman",
)  # fmt: skip
_FEW = 8
_RARE = 200  # a zero among so many bytes is a slip, more are another encoding or no text
_SAMPLE = 16 * 1024
AS_CSV = "save it as CSV (UTF-8) and import that"


class Encoding(NamedTuple):
    """What was concluded, and what is to be known of it."""

    name: str
    notes: tuple[str, ...] = ()


def encoding_of(path: Path, scan: Scan, chosen: str) -> Encoding:
    """The encoding of a file of text; `chosen` is what somebody said.

    Raises InvalidValue for what is no text, UnknownName for an encoding that does not exist.
    """
    head = scan.head
    if chosen:
        return Encoding(_readable(_existing(chosen), head))
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    kind = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)
    if kind:
        raise InvalidValue(f"{path} is {kind}, not a text file", hint=AS_CSV)
    if head.count(0) * _RARE > len(head) or (b"\0" in head and not scan.utf8):
        return Encoding(_without_mark(path, head))
    return Encoding("utf-8-sig") if scan.utf8 else _eight_bits(scan.odd)


def _existing(name: str) -> str:
    try:
        # Some are no encodings of text, or cannot pass over what they cannot read.
        "x".encode(name)
        b"\xff\xff\xff\xff".decode(name, "replace")
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise UnknownName(
            f"there is no encoding {quote(name)}",
            hint="for example utf-8, utf-16, windows-1252, iso-8859-2, shift_jis, gb18030",
        ) from None
    return "utf-8-sig" if found == "utf-8" else found


def _readable(name: str, head: bytes) -> str:
    """UTF-16 and UTF-32 as their decoders want it: they insist on a mark."""
    wide = name in ("utf-16", "utf-32")
    return f"{name}-le" if wide and not any(head.startswith(m) for m, _n in _MARKS) else name


def _without_mark(path: Path, head: bytes) -> str:
    """UTF-16 without a mark: every second byte of plain text is zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    raise InvalidValue(f"{path} is not a text file", hint=AS_CSV)


def _eight_bits(sample: bytes) -> Encoding:
    """UTF-8 with a few bad bytes, or an older encoding."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not char.isascii() for char in text) - broken
    if whole > 4 * broken:
        return Encoding("utf-8-sig", ("some characters are broken in the file",))
    return Encoding(_guessed(sample))


def _guessed(odd: bytes) -> str:
    lines = [line for line in odd.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    if sum(byte > 127 for byte in sample) < _FEW:
        return "cp1252"
    from charset_normalizer import from_bytes

    found = list(from_bytes(sample, cp_isolation=list(_CANDIDATES)))
    # Encodings that read the sample alike are one match with several names.
    clear = [match for match in found if match.chaos <= found[0].chaos]
    western = any("cp1252" in match.could_be_from_charset for match in clear)
    return "cp1252" if western or not clear else clear[0].encoding
