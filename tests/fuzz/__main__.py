"""Fuzz the readers, guided by coverage: `python -m tests.fuzz [SECONDS [SEED]]`. Needs the extra
`fuzz`. Without a seed each run takes a way of its own.

What breaks them is printed in base64 with the traceback; the status is then not 0.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

# Only what is imported in here is instrumented.
with atheris.instrument_imports(include=["crmcli"]):
    from tests.fuzz import target
    from tests.surroundings import context_at

_WORDS = (
    "Name", "Email", "Phone", "Company", "sep=;", '""', "BEGIN:VCARD", "END:VCARD", "VERSION:2.1",
    "ENCODING=QUOTED-PRINTABLE:", "X-ABLabel:", "BDAY:", "ADR:", "PHOTO:", "\\ud800", "1e999",
)  # fmt: skip


def main(seconds: int = 60, seed: int = 0) -> None:
    """Fuzz for so long, from files of each kind. seed: of the dice; 0 for a new one."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        corpus, words = folder / "corpus", folder / "words"
        corpus.mkdir()
        for ending in target.SEEDS:
            (corpus / ending).write_bytes(target.seed(ending))
        quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in _WORDS)
        words.write_text("".join(f'"{word}"\n' for word in quoted))
        ctx = context_at(folder / "none.db")
        limits = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=1500"]
        limits.append(f"-seed={seed}")
        options = [f"-dict={words}", f"-artifact_prefix={folder}/", "-max_len=10000"]
        atheris.Setup(
            [sys.argv[0], *limits, *options, "-print_final_stats=1", str(corpus)],
            lambda data: target.read(ctx, folder, data),
        )
        atheris.Fuzz()


main(*map(int, sys.argv[1:]))
