"""What strict nbval does not see: cells never run or exempted, pictures it does not compare, missing parts.

nbval passes a notebook without outputs: a cell that was never executed has nothing to compare.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selgrad.notebook import setup, show
from selgrad.notebook.build import WIDGETS, build, main, read, relabelled, select, serialised, stable
from selgrad.notebook.exercises import EXERCISES

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")

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


# The builder.


def test_widget_ids_follow_their_order() -> None:
    def notebook(ids: list[str]) -> Any:
        nb = model()
        nb.cells[2].outputs[0].data[VIEW]["model_id"] = ids[1]
        state = {i: {"state": {"layout": f"IPY_MODEL_{ids[0]}"}} for i in ids}
        nb.metadata["widgets"] = {WIDGETS: {"state": state}}
        for number, cell in enumerate(nb.cells):
            cell["id"] = f"c{number}"
        return nb

    one, two = ["f" * 32, "a" * 32], ["0" * 31 + "b", "9" * 32]
    assert serialised(relabelled(notebook(one))) == serialised(relabelled(notebook(two)))
    assert serialised(notebook(one)) != serialised(notebook(two))


SMALL = """# A

You will learn b.

```{code-cell}
import time
from selgrad.notebook import check, setup
from selgrad.widgets import SelectionExplorer
setup()
time.sleep(0.3)
print(1)
```

```{code-cell}
SelectionExplorer()
```

## Exercises

```{code-cell}
answer = None
check("01-1", answer)
```
"""


def test_building_twice_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ipywidgets")
    source, path = tmp_path / "source" / "01_small.md", tmp_path / "01_small.ipynb"
    source.parent.mkdir()
    source.write_text(SMALL)
    assert main(["--folder", str(tmp_path), "01"]) == 0
    first = path.read_bytes()
    assert build(source, tmp_path) is None and path.read_bytes() == first
    assert problems(load(path)) == []
    elsewhere = tmp_path / "elsewhere"
    assert main(["--folder", str(tmp_path), "--out", str(elsewhere)]) == 0
    assert (elsewhere / path.name).read_bytes() == first
    built = load(path)
    built.cells[1].outputs[0].text += "2\n"
    path.write_bytes(serialised(built))
    spoilt = path.read_bytes()
    capsys.readouterr()
    assert main(["--check", "--folder", str(tmp_path)]) == 1
    assert "01_small.ipynb: drifted: cell 1 (outputs)" in capsys.readouterr().out
    assert path.read_bytes() == spoilt, "--check must not write"
    source.write_text(SMALL.replace("SelectionExplorer()", "1 / 0"))
    assert main(["--folder", str(tmp_path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert path.read_bytes() == spoilt, "a notebook that fails is not written"
    with pytest.raises(SystemExit, match="no source 09"):
        main(["--folder", str(tmp_path), "09"])


# setup() and show().


def test_setup_outside_ipython(capsys: pytest.CaptureFixture[str]) -> None:
    import warnings

    import matplotlib

    with warnings.catch_warnings(), matplotlib.rc_context():
        setup()
        assert matplotlib.rcParams["svg.hashsalt"] == "selgrad-notebook"
        with pytest.raises(RuntimeWarning):
            warnings.warn("overflow", RuntimeWarning, stacklevel=1)
    assert capsys.readouterr().out == "selgrad is ready: figures are SVG, warnings are errors.\n"


def test_show_is_deterministic_and_described() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [0, 1])
    one, two = show(figure, "A line", "It rises."), show(figure, "A line", "It rises.")
    assert one == two and repr(one) == "A line: It rises."
    assert one.svg.startswith("<svg role=\"img\"") and "<desc" in one.svg
    data, metadata = one._repr_mimebundle_()
    assert data["image/svg+xml"] == one.svg and b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"] == {"width": 192, "height": 96}, "of the size of the SVG: 2 x 1 inches"
    with pytest.raises(ValueError, match="say what the picture is"):
        show(figure, "A line")
    assert json.dumps(show("fig1").alt).count("relu") > 2
    assert copy.copy(one) == two
