"""The builder of notebooks, and what their first cell and `show` do."""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from test_notebooks import VIEW, load, model, problems

from selgrad.notebook import setup, show
from selgrad.notebook.build import WIDGETS, build, main, relabelled, serialised

nbformat: Any = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")


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
