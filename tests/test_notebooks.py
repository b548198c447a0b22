"""What strict nbval does not see: cells never run or exempted, pictures it does not compare, parts that are missing.

nbval passes a notebook without outputs: a cell that was never executed has nothing to compare.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selgrad.notebook.build import WIDGETS, read, select, serialised, stable
from selgrad.notebook.exercises import EXERCISES

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")

APPLICATIONS = {app.__name__ for app in pytest.importorskip("selgrad.widgets").APPS}
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"


def code(nb: Any) -> list[Any]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def outputs(nb: Any) -> list[Any]:
    return [output for cell in code(nb) for output in cell.outputs]


def checked(nb: Any) -> list[tuple[int, str]]:
    """(cell, exercise) for every call of check() in the notebook."""
    calls = []
    for number, cell in enumerate(nb.cells):
        if cell.cell_type == "code" and not cell.source.lstrip().startswith("%%"):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check":
                    assert isinstance(node.args[0], ast.Constant)
                    calls.append((number, str(node.args[0].value)))
    return calls


def execution(nb: Any) -> list[str]:
    """Cells not run, run out of order, failed, or exempted from comparison."""
    found = []
    counts = [cell.execution_count for cell in code(nb)]
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"code cells must be executed in order 1 to {len(counts)}, not {counts}")
    for number, cell in enumerate(nb.cells):
        tags = " ".join(cell.metadata.get("tags", []))
        if re.search(r"NBVAL_|PYTEST_VALIDATE|nbval-|raises-exception", f"{cell.source} {tags}", re.IGNORECASE):
            found.append(f"cell {number} carries a marker that exempts it from comparison")
        if cell.cell_type == "code" and cell.source.rstrip().endswith(";"):
            found.append(f"cell {number} ends with a semicolon: its output differs under nbval")
    for output in outputs(nb):
        if output.output_type == "error":
            found.append(f"an error is stored: {output.ename}")
        if output.get("name") == "stderr":
            found.append(f"stderr is stored: {str(output.text)[:60]}")
        data = set(output.get("data", {}))
        if {"image/jpeg", "application/pdf"} & data or data & {"image/png", "image/svg+xml"} == {"image/png"}:
            found.append("a picture is stored in a format that nbval does not compare: show it as SVG too")
        if data & {"image/png", "image/svg+xml"} == {"image/svg+xml"}:
            found.append("a picture is stored as SVG only, which JupyterLab does not show in a fresh clone: add PNG")
    return found


def widgets(nb: Any) -> list[str]:
    """A widget shown without saved state; GitHub refuses metadata.widgets without `state`."""
    saved = nb.metadata.get("widgets", {})
    shown = [o.data[VIEW]["model_id"] for o in outputs(nb) if VIEW in o.get("data", {})]
    if (saved or shown) and "state" not in saved.get(WIDGETS, {}):
        return ["metadata.widgets has no `state`"]
    state = saved.get(WIDGETS, {}).get("state", {})
    found = [f"widget {model} is shown but not saved" for model in shown if model not in state]
    for output in outputs(nb):
        if VIEW in output.get("data", {}) and not {"image/svg+xml", "text/html"} & set(output.data):
            found.append("a widget has no picture for readers without widgets")
    return found


def parts(nb: Any) -> list[str]:
    """What every notebook has: what one learns, setup(), and a last section of exercises."""
    found = []
    if nb.cells[0].cell_type != "markdown" or "learn" not in nb.cells[0].source.lower():
        found.append("the first cell must say what the reader will learn")
    if "setup()" not in code(nb)[0].source:
        found.append("the first code cell must call setup()")
    headings = [(n, c.source) for n, c in enumerate(nb.cells)
                if c.cell_type == "markdown" and re.search(r"^## ", c.source, re.MULTILINE)]
    last, text = headings[-1] if headings else (0, "")
    calls = checked(nb)
    if "exercise" not in text.lower() or not calls or any(number < last for number, _ in calls):
        found.append("the last section must be the exercises, graded by check()")
    return found


def problems(nb: Any) -> list[str]:
    return execution(nb) + widgets(nb) + parts(nb)


def load(path: Path) -> Any:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS, "the folder notebooks/ is empty: every test over it would pass"


@each
def test_notebook(path: Path) -> None:
    assert problems(load(path)) == []


@each
def test_as_the_builder_writes_it(path: Path) -> None:
    assert serialised(stable(load(path))) == path.read_bytes(), "run python -m selgrad.notebook.build"


@each
def test_the_notebook_is_what_its_source_says(path: Path) -> None:
    source = read(path.parent / "source" / f"{path.stem}.md")
    said, shown = ([(cell.cell_type, cell.source) for cell in nb.cells] for nb in (source, load(path)))
    assert said == shown, "run python -m selgrad.notebook.build"


def test_every_source_has_its_notebook() -> None:
    folder = Path(__file__).parents[1] / "notebooks"
    assert [path.stem for path in select([], folder / "source")] == [path.stem for path in NOTEBOOKS]


@each
def test_exercises_of_the_notebook(path: Path) -> None:
    nb = load(path)
    calls = checked(nb)
    wanted = [name for name in EXERCISES if name.startswith(path.stem[:2])]
    assert [name for _, name in calls] == wanted
    for number, name in calls:  # published unanswered
        printed = "".join(o.get("text", "") for o in nb.cells[number].outputs)
        assert printed == f'{name} is not answered yet. hint("{name}") helps.\n'


# The meta-test itself: copies with one fault each.


def model() -> Any:
    """A small notebook without fault."""
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell("# A\n\nYou will learn b."),
        v4.new_code_cell("setup()"),
        v4.new_code_cell("app"),
        v4.new_markdown_cell("## Exercises"),
        v4.new_code_cell('answer = None\ncheck("01-1", answer)'),
    ]
    nb = v4.new_notebook(cells=cells)
    for count, cell in enumerate(code(nb), 1):
        cell.execution_count = count
    data = {VIEW: {"model_id": "1" * 32}, "image/svg+xml": "<svg/>", "image/png": "x", "text/plain": "app"}
    cells[2].outputs = [v4.new_output("display_data", data)]
    nb.metadata["widgets"] = {WIDGETS: {"state": {"1" * 32: {}}}}
    return nb


def strip(nb: Any) -> None:
    for cell in code(nb):
        cell.execution_count, cell.outputs = None, []
    nb.metadata.pop("widgets")


def drop_exercises(nb: Any) -> None:
    del nb.cells[3:]


FAULTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "stripped": (strip, "executed in order"),
    "run out of order": (lambda nb: nb.cells[1].update(execution_count=7), "executed in order"),
    "skipped": (lambda nb: nb.cells[2].update(source="# NBVAL_SKIP\napp"), "exempts"),
    "ignored": (lambda nb: nb.cells[2].update(source="# NBVAL_IGNORE_OUTPUT\napp"), "exempts"),
    "ignored by tag": (lambda nb: nb.cells[2].metadata.update(tags=["nbval-ignore-output"]), "exempts"),
    "allowed to fail": (lambda nb: nb.cells[2].metadata.update(tags=["raises-exception"]), "exempts"),
    "failed": (lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("error", ename="E")), "error is stored"),
    "warned": (lambda nb: nb.cells[1].outputs.append(nbformat.v4.new_output("stream", name="stderr")), "stderr"),
    "semicolon": (lambda nb: nb.cells[2].update(source="app;"), "semicolon"),
    "picture as PNG only": (lambda nb: nb.cells[2].outputs[0].data.pop("image/svg+xml"), "does not compare"),
    "picture as JPEG": (lambda nb: nb.cells[2].outputs[0].data.update({"image/jpeg": "x"}), "does not compare"),
    "picture as SVG only": (lambda nb: nb.cells[2].outputs[0].data.pop("image/png"), "add PNG"),
    "widget state gone": (lambda nb: nb.metadata.pop("widgets"), "no `state`"),
    "widget state without state": (lambda nb: nb.metadata.update(widgets={WIDGETS: {}}), "no `state`"),
    "widget not saved": (lambda nb: nb.metadata["widgets"][WIDGETS]["state"].clear(), "not saved"),
    "widget without picture": (lambda nb: nb.cells[2].outputs[0].data.pop("image/svg+xml"), "no picture"),
    "no aim": (lambda nb: nb.cells[0].update(source="# A"), "will learn"),
    "no setup": (lambda nb: nb.cells[1].update(source="pass"), "setup()"),
    "no exercises": (drop_exercises, "must be the exercises"),
    "exercises not graded": (lambda nb: nb.cells[4].update(source="answer = None"), "must be the exercises"),
}


def test_a_faultless_notebook_passes() -> None:
    assert problems(model()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_notebook_is_refused(fault: str) -> None:
    spoil, said = FAULTS[fault]
    nb = model()
    spoil(nb)
    assert any(said in problem for problem in problems(nb)), problems(nb)


# The structure of a chapter.


def applications(source: str) -> tuple[set[str], set[str]]:
    """(made, revealed): the names of the applications that a cell makes, and those that it hands to predict()."""
    made, revealed = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if getattr(node.value.func, "id", "") in APPLICATIONS:
                made |= {name.id for name in node.targets if isinstance(name, ast.Name)}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "predict":
            revealed |= {name.id for name in node.args[1:] if isinstance(name, ast.Name)}
        elif isinstance(node, ast.Expr) and getattr(getattr(node.value, "func", None), "id", "") in APPLICATIONS:
            made.add(ast.unparse(node.value))
    return made, revealed


def structure(nb: Any) -> list[str]:
    """What a chapter lacks of the form that all have: what it says of itself, a question before it shows, the end."""
    found = []
    opening, text = nb.cells[0].source, "\n\n".join(c.source for c in nb.cells if c.cell_type == "markdown")
    _, _, goals = opening.partition("**You will learn**")
    if len(re.findall(r"^\* ", goals.partition("\n**")[0], re.MULTILINE)) < 3:
        found.append("three goals at least stand under **You will learn**")
    if not re.search(r"^\*\*You need\*\* \S.{20}", opening, re.MULTILINE):
        found.append("prerequisites stand after **You need**")
    if not re.search(r"^\*\*Time\*\*: \d+ minutes", opening, re.MULTILINE):
        found.append("minutes stand after **Time**:")
    cells = [cell.source for cell in code(nb)]
    plain = [source for source in cells if not source.lstrip().startswith("%%")]
    if not any("predict(" in source for source in plain):
        found.append("no question to commit to")
    made, revealed = (set().union(*names) for names in zip(*map(applications, plain)))
    found += [f"{name} is shown without a question: predict(..., {name})" for name in sorted(made - revealed)]
    if not any(source.lstrip().startswith("%%tensorflow") for source in cells):
        found.append("no cell of TensorFlow")
    ends = [re.search(heading, text, re.MULTILINE) for heading in (
        r"^## (What a practitioner takes away|In practice)", r"^## Further reading$", r"^## Exercises$")]
    if None in ends or [e.start() for e in ends if e] != sorted(e.start() for e in ends if e):
        found.append("the end is: for practitioners, further reading, exercises")
    reading = text.partition("\n## Further reading\n")[2].partition("\n## ")[0]
    items = re.findall(r"^\* .*$", reading, re.MULTILINE)
    if len(items) < 3 or not all(re.search(r"\]\(https://\S+\)", item) for item in items):
        found.append("three items of further reading at least, each with a link")
    if len(checked(nb)) != 10:
        found.append(f"{len(checked(nb))} exercises, not ten")
    return found


@each
def test_a_chapter_has_the_structure_of_all(path: Path) -> None:
    assert structure(load(path)) == []


CHAPTER = """# A

**You will learn**

* a;
* b;
* c.

**You need** a chapter that came before it.

**Time**: 60 minutes.
""", "predict('01-a')", "app = KinkExplorer()\npredict('01-b', app)", "%%tensorflow\n1", """
## What a practitioner takes away

## Further reading

* [a](https://a.org)
* [b](https://b.org), and [c](https://c.org)
* [d](https://d.org)

## Exercises""".strip(), *(f'check("01-{k}", None)' for k in range(1, 11))


def chapter(**changes: str) -> Any:
    """A chapter without fault; `changes` replace words of its cells, by the cell's number as "c0"."""
    sources = list(CHAPTER)
    for cell, change in changes.items():
        old, new = change.split(" -> ")
        assert old in sources[int(cell[1:])]
        sources[int(cell[1:])] = sources[int(cell[1:])].replace(old, new)
    v4 = nbformat.v4
    made = [v4.new_markdown_cell(s) if s.startswith("#") else v4.new_code_cell(s) for s in sources]
    return v4.new_notebook(cells=made)


@pytest.mark.parametrize("said, changes", [
    ("three goals", {"c0": "* c. -> "}),
    ("three goals", {"c0": "You will learn -> Goals"}),
    ("prerequisites", {"c0": "**You need** a chapter that came before it. -> "}),
    ("minutes", {"c0": "60 minutes -> long"}),
    ("no question", {"c1": "predict('01-a') -> 1", "c2": "\npredict('01-b', app) -> \napp"}),
    ("app is shown without", {"c2": "predict('01-b', app) -> app"}),
    ("KinkExplorer() is shown without", {"c2": "app = KinkExplorer()\npredict('01-b', app) -> KinkExplorer()"}),
    ("no cell of TensorFlow", {"c3": "%%tensorflow -> 0"}),
    ("the end is", {"c4": "## What a practitioner takes away -> ## What to keep"}),
    ("the end is", {"c4": "## Exercises -> ## Tasks"}),
    ("each with a link", {"c4": "[d](https://d.org) -> d"}),
    ("each with a link", {"c4": "* [d](https://d.org) -> "}),
    ("9 exercises", {"c14": 'check("01-10", None) -> 1'}),
])
def test_a_chapter_without_its_form_is_refused(said: str, changes: dict[str, str]) -> None:
    assert structure(chapter()) == []
    found = structure(chapter(**changes))
    assert any(said in problem for problem in found), found
