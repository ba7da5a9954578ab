"""Where output goes: data to stdout, the rest to stderr; and what writing it loads."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from output_samples import CONTACTS, DONE, PIPELINE, TASKS, how

from crmcli.errors import NotFound
from crmcli.output import emit, error, message
from crmcli.output.progress import Progress
from crmcli.output.svg import svg


def test_sentences_go_to_stdout_and_warnings_to_stderr(capsys):
    emit(DONE, how(color=False))
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "added contact c12 Ada Lovelace"
    assert err == "warning: ada@acme is also the e-mail of c9\n"


def test_json_of_a_write_holds_its_warnings(capsys):
    emit(DONE, how(format="json"))
    out, err = capsys.readouterr()
    assert json.loads(out)["warnings"] == ["ada@acme is also the e-mail of c9"]
    assert err == ""


def test_an_error_is_a_line_with_a_hint(capsys):
    error(NotFound("no contact \x1b[31m", hint="did you mean c12?"), how(color=False))
    assert capsys.readouterr().err == "crm: no contact �[31m\n  did you mean c12?\n"


def test_an_error_with_json_is_an_object(capsys):
    error(NotFound("nobody is called 山", details={"text": "山"}), how(format="json"))
    assert json.loads(capsys.readouterr().err) == {
        "code": "not_found",
        "message": "nobody is called 山",
        "hint": None,
        "details": {"text": "山"},
    }


def test_a_message_cannot_command_the_terminal(capsys):
    message("file \x1b]0;x\x07")
    assert capsys.readouterr().err == "file �]0;x�\n"


def test_a_terminal_without_unicode_gets_question_marks_and_json_stays_utf8(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    emit(TASKS, how(format="table", ascii=True, color=False))
    emit(CONTACTS, how(format="jsonl"))
    shown = stream.buffer.getvalue()
    assert b"Send the contract" in shown
    assert "山田 太郎".encode() in shown


def test_a_closed_pipe_is_noticed_by_the_writer(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(BrokenPipeError):
        emit(PIPELINE, how())
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_progress_is_silent_off_a_terminal(capsys):
    with Progress("importing", 10, how()) as progress:
        progress.advance(10)
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress("importing [red]", 10, how()) as progress:
        progress.advance(4)
    assert "importing [red]" in stream.getvalue()
    assert "4/10" in stream.getvalue()


def test_a_picture_is_the_same_each_time():
    picture = svg(PIPELINE, how(), 80, "crm pipeline")
    assert picture == svg(PIPELINE, how(), 80, "crm pipeline")
    assert picture.startswith("<svg")
    assert "Negotiation" in picture


@pytest.mark.parametrize("format", ["json", "jsonl", "csv", "tsv", "md", "ids", "table"])
def test_writing_a_list_loads_neither_rich_nor_the_models(format):
    code = (
        "import sys; from output_samples import TASKS, how; from crmcli.output import emit;"
        f"emit(TASKS, how(format={format!r}));"
        "heavy = {'rich', 'sqlalchemy', 'pydantic', 'sqlmodel', 'typer'} & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or None)"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
