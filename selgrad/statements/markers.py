"""Where statements are marked: first lines of cells, `pytest.mark.statement`, and the counter-examples' own words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r"^# (?!Without a hypothesis: )(?P<ids>.+) \((?P<whose>paper|later|ours)\)(?::|$)")


@dataclass(frozen=True)
class Cell:
    """A code cell: chapter, its number as the notebook prints it, [n], the ids it is labelled with, its names."""

    chapter: str
    number: int
    ids: tuple[str, ...]
    whose: str
    names: frozenset[str]

    def __str__(self) -> str:
        return f"{self.chapter[:2]} [{self.number}]"


def cells(folder: Path) -> Iterator[Cell]:
    """The code cells of the chapters in notebooks/source.

    A cell that runs a statement begins with its label: `# Proposition 3 (paper)`, or `# Definition 3, Equation (2)
    (paper): what is to be seen`. A cell magic may stand before it. `# Without a hypothesis: ...` is no label.
    """
    for path in sorted(folder.glob("*.md")):
        for number, found in enumerate(CELL.finditer(path.read_text(encoding="utf-8")), 1):
            source = found[1]
            lines = [line for line in source.splitlines() if not (line.startswith(("%%", ":")) or not line.strip())]
            label = LABEL.match(lines[0]) if lines else None
            ids = tuple(label["ids"].split(", ")) if label else ()
            yield Cell(path.stem, number, ids, label["whose"] if label else "", names(source))


def names(source: str) -> frozenset[str]:
    """The names that Python source reads; none for a cell magic."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def marked_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """(id, file::test) for every `@pytest.mark.statement("id", ...)` of a test, and every such pytestmark."""
    for path in sorted(folder.glob("**/test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            where = path.relative_to(folder).as_posix()
            if isinstance(node, ast.FunctionDef):
                marks, where = node.decorator_list, f"{where}::{node.name}"
            elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "pytestmark" for t in node.targets):
                marks = [node.value]
            else:
                continue
            for mark in marks:
                for call in ast.walk(mark):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.statement":
                        yield from ((ast.literal_eval(argument), where) for argument in call.args)
