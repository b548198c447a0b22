"""Editions: no solution where students look, every solution passes, the exports are what otter and nbgrader read.

Both were run on these exports by hand (otter-grader 7.0, nbgrader 0.9.6): unanswered 0 points, solved all of them,
a partly right answer its part. Here their rules are checked without installing them.
"""

import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typical_answers import RIGHT, WRONG

import selgrad as sg
from selgrad.cli import main as command
from selgrad.notebook import check, editions, grade
from selgrad.notebook.build import read, select, serialised
from selgrad.notebook.editions import EDITIONS, edit, main, make, variable
from selgrad.notebook.exercises import EXERCISES
from selgrad.notebook.exercises import of_chapter as exercises_of
from selgrad.notebook.solutions import NoSolution, Solution, of_chapter, parse

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")

ROOT = Path(__file__).parents[1]
SOURCES = select([], ROOT / "notebooks" / "source")
SOLUTIONS: dict[str, Solution] = {
    number: solution for path in sorted((ROOT / "solutions").glob("[0-9]*.md"))
    for number, solution in of_chapter(path.stem).items()
}
each_chapter = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem[:2])


def solved(solution: Solution) -> Any:
    names: dict[str, Any] = {"np": np, "sg": sg}
    exec(solution.code, names)
    return names["answer"]


# The solutions.


def test_every_exercise_is_solved_in_order() -> None:
    assert list(SOLUTIONS) == list(EXERCISES)


@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_passes(number: str) -> None:
    verdict = grade(number, solved(SOLUTIONS[number]))
    assert verdict.right, verdict.message


@pytest.mark.parametrize("text, said", [
    ("## 01-1\n\nwords\n", "needs its reasoning"),
    ("## 01-1\n\n```python\nanswer = 1\n```\n", "needs its reasoning"),
    ("## 01-1\n\nwords\n\n```python\nresult = 1\n```\n", "needs its reasoning"),
    ("## 01-1\n\na\n\n```python\nanswer = 1\n```\n\n```python\nanswer = 1\n```\n", "needs its reasoning"),
    ("## 01-1\n\na\n\n```python\nanswer = 1\n```\n\n## 01-1\n\na\n\n```python\nanswer = 1\n```\n", "twice"),
])
def test_a_solution_without_its_form_is_refused(text: str, said: str) -> None:
    with pytest.raises(NoSolution, match=said):
        parse(text)


def test_missing_solutions_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(NoSolution, match="no solutions of chapter 99"):
        of_chapter("99")
    with pytest.raises(NoSolution, match="01-1 has no solution"):
        edit(read(SOURCES[0]), "instructor", {})
    monkeypatch.setattr("selgrad.notebook.solutions.__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(NoSolution, match="use a checkout"):
        of_chapter("01")


# No solution where students look.


def plain(text: str) -> str:
    return re.sub(r"[\s*`$#>]+", " ", text)


def given_away(nb: Any) -> list[str]:
    """What of a solution stands in a notebook: an answer that is set, a sentence, a line of code."""
    cells = [cell.source for cell in nb.cells]
    cells += [str(o.get("text", "")) for cell in nb.cells for o in cell.get("outputs", [])]
    text = plain("\n".join(cells))
    found = re.findall(r"^answer\w* = (?!None$).*", "\n".join(cells), flags=re.MULTILINE)
    for number, solution in SOLUTIONS.items():
        sentences = [s for s in re.split(r"(?<=[.:;])\s", plain(solution.text)) if len(s) > 40]
        code = [plain(s.partition("answer = ")[2]) for s in solution.code.splitlines()]
        found += [f"{number}: {s}" for s in [*sentences, *(c for c in code if len(c) > 15)] if s in text]
    return found


@each_chapter
def test_no_solution_in_the_student_edition(source: Path) -> None:
    published = nbformat.read(source.parents[1] / f"{source.stem}.ipynb", as_version=4)
    assert given_away(published) == []
    assert given_away(edit(read(source), "student", {})) == []
    assert given_away(edit(read(source), "instructor", SOLUTIONS)) != [], "the search finds what is there"


def test_the_search_finds_each_part() -> None:
    number, solution = next(iter(SOLUTIONS.items()))
    for part in (solution.code, solution.text):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(part)])
        assert given_away(nb), (number, part)


def test_the_wheel_holds_no_solution() -> None:
    assert '"solutions"' not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not list((ROOT / "notebooks").rglob("*olution*"))


# The editions.


def test_the_solved_edition_runs_and_passes_every_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instructor", "06", "--out", str(tmp_path)]) == 0
    nb = nbformat.read(tmp_path / f"{capsys.readouterr().out.strip().rpartition('/')[2]}", as_version=4)
    printed = "".join(o.get("text", "") for cell in nb.cells for o in cell.get("outputs", []))
    for exercise in exercises_of("06"):
        assert f"{exercise.number} correct\n" in printed
        assert f"**Solution of {exercise.number}.**" in "\n".join(cell.source for cell in nb.cells)


def run_tests(cells: list[str], number: str, answer: Any) -> list[bool]:
    """Which of an export's test cells an answer passes."""
    passed = []
    for cell in cells:
        try:
            exec(cell, {variable(EXERCISES[number]): answer, "check": check})
        except AssertionError as problem:
            assert str(problem).startswith(number), "a failed test says what is wrong"
            passed.append(False)
        else:
            passed.append(True)
    return passed


BOUNDARY = re.compile(r"# (BEGIN|END) (QUESTION|SOLUTION|TESTS)(\n|$)|# ASSIGNMENT CONFIG\n")


def otter_problems(nb: Any) -> list[str]:
    """Where a notebook breaks the rules of otter assign: blocks in raw cells, nested, a name and points each."""
    found, stack, names = [], [], []
    if not nb.cells[0].source.startswith("# ASSIGNMENT CONFIG"):
        found.append("the first cell is the configuration")
    for cell in nb.cells:
        if cell.cell_type != "raw":
            if stack[-1:] == ["TESTS"] and (cell.cell_type != "code" or "points: " not in cell.source):
                found.append("a test without points")
            if stack[-1:] == ["SOLUTION"] and cell.source.count("# BEGIN SOLUTION") != cell.source.count("# END SOLU"):
                found.append("a solution that does not end")
            continue
        edge = BOUNDARY.match(cell.source)
        if edge is None:
            found.append(f"a raw cell that is none of otter's: {cell.source[:20]}")
        elif edge[1] == "BEGIN":
            if (edge[2] == "QUESTION") != (stack == []):
                found.append(f"{edge[2]} in the wrong place")
            stack.append(edge[2])
            names += re.findall(r"^name: (\w+)$", cell.source, flags=re.MULTILINE)
        elif edge[1] == "END":
            if stack[-1:] != [edge[2]]:
                found.append(f"{edge[2]} ends, but has not begun")
            stack = stack[:-1]
    if stack or len(set(names)) != len(names):
        found.append("a block is open or a name is used twice")
    return found


@each_chapter
def test_otter(source: Path) -> None:
    nb = make(source, "otter")
    serialised(nb)
    assert otter_problems(nb) == []
    raws = [cell.source for cell in nb.cells if cell.cell_type == "raw"]
    wanted = [f"# BEGIN QUESTION\nname: q{e.number.replace('-', '_')}\npoints: {e.points}"
              for e in exercises_of(source.name[:2])]
    assert [r for r in raws if "QUESTION\n" in r] == wanted


@pytest.mark.parametrize("spoil", [
    lambda nb: nb.cells.pop(0), lambda nb: nb.cells.pop(), lambda nb: nb.cells.append(nb.cells[-1].copy()),
    lambda nb: nb.cells.append(nbformat.v4.new_raw_cell("# BEGIN TESTS")),
    lambda nb: [c.update(source="1") for c in nb.cells if "TEST CONFIG" in c.source],
    lambda nb: [c.update(source=c.source.replace("# END SOLUTION", "")) for c in nb.cells if c.cell_type == "code"],
    lambda nb: [c.update(source=re.sub("name: q.*", "name: q1", c.source)) for c in nb.cells],
])
def test_a_faulty_export_to_otter_is_seen(spoil: Callable[[Any], Any]) -> None:
    nb = make(SOURCES[-1], "otter")
    spoil(nb)
    assert otter_problems(nb) != []


def nbgrader_problems(nb: Any) -> list[str]:
    """Where a notebook breaks nbgrader's schema 3 or its rules for solutions."""
    found, ids = [], []
    for cell in nb.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            if "BEGIN SOLUTION" in cell.source:
                found.append("a solution in a cell that nbgrader does not know")
            continue
        ids.append(meta["grade_id"])
        wanted = {"schema_version", "grade_id", "grade", "solution", "locked", "task"} | ({"points"} & set(meta))
        if set(meta) != wanted or meta["schema_version"] != 3 or not re.fullmatch(r"[\w-]+", meta["grade_id"]):
            found.append("metadata that is not of schema 3")
        if meta["grade"] != ("points" in meta):
            found.append("points belong to tests")
        if meta["grade"] and not (meta["locked"] and cell.cell_type == "code"):
            found.append("a test that can be edited")
        region = r"^### BEGIN SOLUTION\n(.*\n)+### END SOLUTION$"
        if meta["solution"] and not re.search(region, cell.source, re.MULTILINE):
            found.append("an answer without a solution")
    return found + (["an id is used twice"] if len(set(ids)) < len(ids) else [])


@each_chapter
def test_nbgrader(source: Path) -> None:
    nb = make(source, "nbgrader")
    serialised(nb)
    assert nbgrader_problems(nb) == []
    points = [c.metadata.nbgrader.points for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert points == [e.points for e in exercises_of(source.name[:2])]


@pytest.mark.parametrize("change", [
    {"schema_version": 2}, {"grade_id": "a b"}, {"grade_id": "same"}, {"points": 1}, {"extra": 1}, {"solution": True},
    {"grade": True, "points": 1, "locked": False},
])
def test_a_faulty_export_to_nbgrader_is_seen(change: dict[str, Any]) -> None:
    nb = make(SOURCES[-1], "nbgrader")
    for cell in nb.cells:
        if cell.cell_type == "markdown" and "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"].update(change)
    assert nbgrader_problems(nb) != []
    nb = make(SOURCES[-1], "nbgrader")
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)
    assert nbgrader_problems(nb) != []


@pytest.mark.parametrize("number", EXERCISES)
def test_partial_credit_goes_into_the_points(number: str) -> None:
    exercise = EXERCISES[number]
    notebooks = {edition: nbformat.v4.new_notebook(cells=EDITIONS[edition][0](
        nbformat.v4.new_markdown_cell(exercise.markdown), exercise, SOLUTIONS[number])) for edition in EDITIONS}
    otter = [c.source for c in notebooks["otter"].cells if "TEST CONFIG" in c.source]
    last = notebooks["nbgrader"].cells[-1].source.splitlines()[-1]
    worth = [float(points) for cell in otter for points in re.findall("points: (.*)", cell)]
    assert sum(worth) == exercise.points
    for answer, credit in [(None, 0), (RIGHT[number][0], 1), *((a, credit) for a, _, credit in WRONG[number])]:
        with contextlib.redirect_stdout(io.StringIO()):
            earned = sum(w for w, passed in zip(worth, run_tests(otter, number, answer)) if passed)
            points = eval(last, {variable(exercise): answer, "grade": grade})
        assert earned == points == credit * exercise.points
        assert type(points) is float, "nbgrader reads the last line as a number"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(["editions", "nbgrader", "06", "--out", str(tmp_path)]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "source" / path.stem / path.name and path.is_file()
    before = path.read_bytes()
    assert command(["editions", "nbgrader", "06", "--out", str(tmp_path)]) == 0 and path.read_bytes() == before
    capsys.readouterr()

    def gone(chapter: str) -> Any:
        raise NoSolution("There are none.")

    monkeypatch.setattr(editions, "of_chapter", gone)
    assert main(["otter", "06", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "There are none.\n"
