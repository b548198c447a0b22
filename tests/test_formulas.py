"""Formulas of notebooks as pictures, for pages without script and network."""

import json
import tomllib
from pathlib import Path

import pytest

from selgrad.cli import main
from selgrad.site import formulas
from selgrad.site.npm import FOLDER, SiteError, fetched

ROOT = Path(__file__).parents[1]
nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")
pytest.importorskip("nbconvert", reason="pages need nbconvert: pip install 'selgrad[lab]'")
needs_mathjax = pytest.mark.skipif(not fetched(), reason="MathJax is not in build/npm: python -m selgrad.site.npm")


@pytest.mark.parametrize("text, found", [
    ("$a$ and $$b$$", [("a", False), ("b", True)]),
    ("$$\na\n$$", [("a", True)]),
    ("`$a$` and ``$b` $`` and $c$", [("c", False)]),
    ("```python\nprint('$a$')\n```\n$c$", [("c", False)]),
    ("~~~\n$a$\n~~~\n$c$", [("c", False)]),
    (r"\$5 and $a\$b$", [(r"a\$b", False)]),
    ("5$ and 6$ are prices", []),
    ("from 5$ to 6$5", []),
    ("<code>$a$</code> $b$", [("b", False)]),
    (r"\begin{align*}a\end{align*}", [(r"\begin{align*}a\end{align*}", True)]),
    ("| $a$ | $b$ |", [("a", False), ("b", False)]),
    ("$relu_2'(0) = 1$,\nso $x$.", [("relu_2'(0) = 1", False), ("x", False)]),
])
def test_what_is_a_formula(text, found):
    assert formulas.formulas_in(text) == found
    assert formulas.replaced(text, lambda tex, display: "") == text or found


@needs_mathjax
def test_a_formula_is_a_picture_that_reads_aloud():
    wanted = [(r"\mathbb{R} \ni |x| < \tfrac12", False), ("a", True)]
    one, two = formulas.drawn(wanted)
    assert one.startswith('<span class="formula"') and 'aria-label="\\mathbb{R} \\ni &#124;x&#124; &lt;' in one
    assert "text-align: center" in two and "text-align" not in one and "\n" not in one + two
    assert formulas.drawn(wanted) == [one, two], "the same bytes at every run"


@needs_mathjax
def test_a_formula_that_mathjax_cannot_read_is_named():
    with pytest.raises(SiteError, match=r"formula '\\\\nonsense x'.*Undefined control sequence"):
        formulas.drawn([("a", False), (r"\nonsense x", False)])


def test_without_mathjax_it_is_said(tmp_path):
    with pytest.raises(SiteError, match="fetch it with"):
        formulas.drawn([("a", False)], tmp_path)


def notebook(*sources):
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("Let $x$ be *real*."), *map(v4.new_code_cell, sources)]
    nb = v4.new_notebook(cells=cells)
    nb.metadata["widgets"] = {"state": {}}
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "image/svg+xml": "<svg/>",
            "text/plain": "app"}
    nb.cells[-1].outputs = [
        v4.new_output("display_data", data), v4.new_output("display_data", {"text/latex": "$y$"}),
        v4.new_output("display_data", data | {"text/html": "<iframe></iframe>"})]
    return nb


def preprocessed(nb):
    from selgrad.site.offline import Offline

    return Offline().preprocess(nb, {})


@needs_mathjax
def test_a_notebook_without_network():
    nb, resources = preprocessed(notebook("import selgrad"))
    widget, latex, twin = (output.data for output in nb.cells[1].outputs)
    assert "$" not in nb.cells[0].source and "*real*" in nb.cells[0].source
    assert "<svg/>" in widget["text/html"] and not any("widget" in mime for mime in widget)
    assert latex["text/markdown"].startswith("<span") and "text/latex" not in latex
    assert twin["text/html"] == "<iframe></iframe>", "a page of its own wins over the picture"
    assert "widgets" not in nb.metadata
    assert set(resources.values()) == {"data:text/javascript,"} and "mathjax_url" in resources


def test_notebooks_of_others_pass_as_they_are():
    nb, resources = preprocessed(notebook("import numpy"))
    assert nb == notebook("import numpy") | {"cells": nb.cells} and resources == {}
    assert nb.cells[0].source == "Let $x$ be *real*." and len(nb.cells[1].outputs[0].data) == 3


def test_without_mathjax_the_page_asks_the_network_for_it(monkeypatch, caplog):
    monkeypatch.setattr(formulas, "asset", lambda *_: (_ for _ in ()).throw(SiteError("nowhere")))
    nb, resources = preprocessed(notebook("import selgrad"))
    assert nb.cells[0].source == "Let $x$ be *real*." and resources == {}
    assert "text/html" in nb.cells[1].outputs[0].data
    assert "need the network" in caplog.text and "nowhere" in caplog.text


def test_the_wheel_tells_nbconvert():
    import selgrad.site.offline as offline

    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    ((source, target),) = table["shared-data"].items()
    assert target == "etc/jupyter/jupyter_nbconvert_config.json"
    (name,) = json.loads((ROOT / source).read_text())["HTMLExporter"]["preprocessors"]
    assert name == f"{offline.Offline.__module__}.{offline.Offline.__name__}"


@needs_mathjax
def test_selgrad_html(tmp_path, capsys):
    nbformat.write(notebook("import selgrad"), tmp_path / "a.ipynb")
    assert main(["html", str(tmp_path / "a.ipynb"), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "a.html").read_text(encoding="utf-8")
    assert "mathjax/2.7.7" not in page and "MJX-" in page
    assert "a.html" in capsys.readouterr().out
    (tmp_path / "b.ipynb").write_text("not JSON")
    assert main(["html", str(tmp_path / "b.ipynb")]) == 2
    assert capsys.readouterr().err.startswith(f"selgrad: {tmp_path / 'b.ipynb'} is not a notebook")


def test_what_is_fetched_is_kept_out_of_git():
    assert FOLDER.relative_to(ROOT).parts[0] == "build"
