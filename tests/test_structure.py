"""The source keeps its shape: short functions, annotated, documented, in modules of a fair size."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "crmcli"
GENERATED = {"catalog.py", "v0001_initial.py"}
LONGEST_MODULE = 600
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Found(NamedTuple):
    """A function: where it is, its node, and whether others may call it."""

    where: str
    node: Function
    public: bool


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def functions() -> Iterator[Found]:
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        yield from _inside(tree, str(path.relative_to(SOURCE)), public=True)


def _inside(tree: ast.AST, where: str, *, public: bool) -> Iterator[Found]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            shown = public and not node.name.startswith("_")
            yield Found(f"{where}:{node.lineno} {node.name}", node, shown)
            yield from _inside(node, where, public=False)
        elif isinstance(node, ast.ClassDef):
            yield from _inside(node, where, public=public and not node.name.startswith("_"))
        elif not isinstance(node, ast.expr):
            yield from _inside(node, where, public=public)


def length(node: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    doc = ast.get_docstring(node, clean=False)
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return lines - (doc.count("\n") + 1 if doc else 0)


def unannotated(node: Function) -> list[str]:
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    missing = [arg.arg for arg in every if arg is not None and arg.annotation is None]
    unbound = [name for name in missing if name not in ("self", "cls")]
    return unbound + ([] if node.returns else ["return"])


def overrides(found: Found) -> bool:
    """Whether the function is a property setter or a nested helper of a protocol."""
    return any("setter" in ast.unparse(item) for item in found.node.decorator_list)


def test_functions_are_short() -> None:
    lengths = {found.where: length(found.node) for found in functions()}
    ordered = sorted(lengths.values())
    longest = {where: lines for where, lines in lengths.items() if lines > 60}
    assert statistics.median(ordered) <= 8
    assert ordered[int(len(ordered) * 0.9)] <= 30
    assert not longest


def test_every_function_says_its_types() -> None:
    assert not {f.where: names for f in functions() if (names := unannotated(f.node))}


def test_every_public_function_says_what_it_does() -> None:
    bare = [
        found.where
        for found in functions()
        if found.public and not overrides(found) and not ast.get_docstring(found.node)
    ]
    assert not bare


def test_every_module_and_public_class_says_what_it_is_for() -> None:
    bare = []
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        shown = [node for node in classes if not node.name.startswith("_")]
        bare += [
            f"{path.relative_to(SOURCE)} {getattr(node, 'name', '')}".strip()
            for node in (tree, *shown)
            if not ast.get_docstring(node)
        ]
    assert not bare


def test_no_module_is_long() -> None:
    sizes = {
        str(path.relative_to(SOURCE)): len(path.read_text("utf-8").splitlines())
        for path in modules()
        if path.name not in GENERATED
    }
    assert not {name: lines for name, lines in sizes.items() if lines > LONGEST_MODULE}


def test_the_catalogue_is_what_the_models_say() -> None:
    from crmcli.models import generate

    assert generate.TARGET.read_text("utf-8") == generate.catalog()


def test_version_and_changelog_agree() -> None:
    import tomllib

    from crmcli import __version__

    root = SOURCE.parent.parent
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    assert project["version"] == __version__
    assert f"## [{__version__}]" in changelog


@pytest.mark.parametrize("word", ["raise NotImplementedError", "breakpoint(", "TODO", "FIXME"])
def test_nothing_is_left_for_later(word: str) -> None:
    assert not [
        str(path.relative_to(SOURCE)) for path in modules() if word in path.read_text("utf-8")
    ]
