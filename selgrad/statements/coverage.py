"""The list of statements with what the markers say, and its gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError
from importlib import import_module
from pathlib import Path
from typing import Any

from selgrad.counterexamples import COUNTEREXAMPLES
from selgrad.statements import STATEMENTS
from selgrad.statements.graph import ancestors
from selgrad.statements.markers import Cell, cells, marked_tests
from selgrad.statements.table import Statement


@dataclass(frozen=True)
class Covered:
    """A statement with the cells that run it, its tests, and the counter-examples of each of its hypotheses."""

    statement: Statement
    cells: tuple[Cell, ...]
    tests: tuple[str, ...]
    examples: dict[str, tuple[str, ...]]

    def __str__(self) -> str:
        s = self.statement
        whose = {"paper": "the paper's", "later": "a later paper's", "ours": "ours"}[s.whose]
        lines = [
            f"{s.id}: {s.name} ({s.place}, {whose})",
            f"    says      {s.says}",
            f"    object    {', '.join(s.objects)} in {', '.join(s.files)}",
            f"    cell      {', '.join(map(str, self.cells)) or 'none'}",
            f"    test      {_first(self.tests)}",
        ]
        if s.rests_on:
            lines.append(f"    rests on  {', '.join(s.rests_on)}")
        lines += [f"    without   \"{h}\": {', '.join(found) or 'no example'}" for h, found in self.examples.items()]
        if s.note:
            lines.append(f"    note      {s.note}")
        return "\n".join(lines)


def _first(tests: tuple[str, ...]) -> str:
    if not tests:
        return "none"
    return tests[0] + (f" and {len(tests) - 1} more" if len(tests) > 1 else "")


def coverage(root: Path, statements: dict[str, Statement] | None = None) -> list[Covered]:
    """Every statement with its markers, in the order of the paper; root holds notebooks/source and tests."""
    statements = STATEMENTS if statements is None else statements
    found_cells, found_tests = list(cells(root / "notebooks" / "source")), list(marked_tests(root / "tests"))
    return [Covered(
        s, tuple(c for c in found_cells if s.id in c.ids),
        tuple(dict.fromkeys(where for id, where in found_tests if id == s.id)),
        {h: tuple(e.name for e in COUNTEREXAMPLES.values() if (s.id, h) in e.drops) for h in s.hypotheses},
    ) for s in statements.values()]


def gaps(root: Path, statements: dict[str, Statement] | None = None) -> list[str]:
    """What is missing or does not fit, one sentence each; empty when the list is complete."""
    statements = STATEMENTS if statements is None else statements
    found = [sentence for one in coverage(root, statements) for sentence in _missing(one, root)]
    for cell in cells(root / "notebooks" / "source"):
        for id in cell.ids:
            if id not in statements:
                found.append(f"Cell {cell} is labelled {id!r}, which is no statement.")
            elif cell.whose != statements[id].whose:
                found.append(f"Cell {cell} labels {id} as {cell.whose}, and it is {statements[id].whose}.")
    for id, where in marked_tests(root / "tests"):
        if id not in statements:
            found.append(f"The test {where} is marked {id!r}, which is no statement.")
    shown = set().union(*(cell.names for cell in cells(root / "notebooks" / "source")))
    for name, example in COUNTEREXAMPLES.items():
        if name not in shown:
            found.append(f"The counter-example {name} is in no cell of a chapter.")
        for id, hypothesis in example.drops:
            if id not in statements or hypothesis not in statements[id].hypotheses:
                found.append(f"The counter-example {name} drops {hypothesis!r}, which is no hypothesis of {id}.")
    unknown = [(s.id, b) for s in statements.values() for b in s.rests_on if b not in statements]
    found += [f"{id} rests on {below!r}, which is no statement." for id, below in unknown]
    if not unknown:
        try:
            ancestors(statements)
        except CycleError as circle:
            found.append(f"Statements rest on each other: {', '.join(circle.args[1])}.")
    return found


def _missing(one: Covered, root: Path) -> Iterable[str]:
    s = one.statement
    if not one.cells:
        yield f"{s.id} has no cell: let one begin with `# {s.id} ({s.whose})`."
    if not one.tests:
        yield f"{s.id} has no test: mark one with pytest.mark.statement({s.id!r})."
    for hypothesis, found in one.examples.items():
        if not found:
            yield f"{s.id} without {hypothesis!r} has no counter-example."
    for name in s.objects:
        if resolve(name) is None:
            yield f"{s.id} names {name}, which does not exist."
    for file in s.files:
        if not any((root / place / file).is_file() for place in ("", "selgrad")):
            yield f"{s.id} names the file {file}, which does not exist."


def resolve(name: str) -> Any:
    """The object of a dotted name, `sg` for selgrad; None if there is none."""
    parts = ["selgrad" if part == "sg" and n == 0 else part for n, part in enumerate(name.split("."))]
    for cut in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found
    return None


def markdown(root: Path) -> str:
    """The table of the README: chapters and files without numbers that every edit would move."""
    rows = ["| in the paper | object | file | notebook | test | without a hypothesis |", "|---|---|---|---|---|---|"]
    for one in coverage(root):
        s = one.statement
        examples = dict.fromkeys(name for found in one.examples.values() for name in found)
        files = dict.fromkeys(test.partition("::")[0] for test in one.tests)
        columns = (
            f"{s.id}, {s.name}" + (" (ours)" if s.whose == "ours" else ""),
            _code(s.objects, "selgrad."), _code(s.files),
            ", ".join(dict.fromkeys(c.chapter[:2] for c in one.cells)), _code(files), _code(examples),
        )
        rows.append("| " + " | ".join(columns) + " |")
    return "\n".join(rows)


def _code(names: Iterable[str], without: str = "") -> str:
    return ", ".join(f"`{name.removeprefix(without)}`" for name in names)
