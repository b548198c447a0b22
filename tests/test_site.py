"""What the site is made of: assets that the lock pins, chapters, docstrings, the reference, the printed course."""

import json
import re
from pathlib import Path

import pytest

import selgrad as sg
from selgrad.site import build, chapters, docstrings, npm, pages, printing, reference, settings

ROOT = Path(npm.__file__).parents[2]
CITED = chapters.citations(ROOT / "docs" / "references.bib")


def test_the_lock_pins_every_package_by_its_hash():
    wanted = json.loads((ROOT / "docs" / "package.json").read_text())["dependencies"]
    packages = json.loads((ROOT / "docs" / "package-lock.json").read_text())["packages"]
    found = {name.removeprefix("node_modules/"): entry for name, entry in packages.items() if name}
    assert {name: entry["version"] for name, entry in found.items()} == wanted
    assert all(entry["integrity"].startswith("sha512-") for entry in found.values())


def test_what_is_not_fetched_is_named_with_the_command_that_fetches_it(tmp_path):
    with pytest.raises(npm.SiteError, match=r"mathjax/es5 is not in .*python -m selgrad\.site\.npm"):
        npm.asset("mathjax/es5", tmp_path)
    assert not npm.fetched(tmp_path)


def test_an_old_lock_is_fetched_again(tmp_path):
    (tmp_path / ".done").write_bytes((ROOT / "docs" / "package-lock.json").read_bytes())
    assert npm.fetched(tmp_path)
    (tmp_path / ".done").write_text("another lock")
    assert not npm.fetched(tmp_path)


def test_every_public_name_stands_in_the_reference_once():
    names = [name for topic in reference.topics() for name in topic.names]
    assert len(names) == len(set(names))
    assert {f"selgrad.{name}" for name in sg.__all__} <= set(names)
    assert {"selgrad.widgets.KinkExplorer", "selgrad.notebook.check", "selgrad.plotting.style"} <= set(names)


def test_every_public_name_has_a_first_line():
    assert [n for topic in reference.topics() for n in topic.names if not reference.first_line(n)] == []


@pytest.mark.parametrize(("text", "wanted"), [
    ("x_k = g_k(x_pr(k))", r":math:`x_{k}` = :math:`g_{k}`\ (:math:`x_{\mathrm{pr}(k)}`)"),
    ("values in R^p, *args, |t|", r"values in :math:`\mathbb{R}^{p}`, \*args, \|t\|"),
    ("`sg.clarke`s and `ClarkeBounds.exact`", r":py:obj:`sg.clarke <selgrad.clarke>`\ s and "
                                              ":py:obj:`ClarkeBounds.exact <selgrad.ClarkeBounds.exact>`"),
    ("the name has_aux, `a < b`, f -> g", r"the name has\_aux, ``a < b``, f → g"),
    ("typeset $\\alpha_k$", r"typeset :math:`\alpha_k`"),
])
def test_a_docstring_means_itself(text, wanted):
    assert docstrings.inline(text) == wanted


def test_doctests_and_tables_of_a_docstring_are_kept_as_they_stand():
    lines = docstrings.converted(["One.", "", "    a_b   *c", "", ">>> f(1)", "2", "", "- an item", "- another"])
    assert lines[2:9] == [".. code-block:: text", "", "    a_b   *c", "", ">>> f(1)", "2", ""]
    assert [line for line in lines if line.startswith("- ")] == ["- an item", "- another"]


def notebook(*cells):
    return {"metadata": {"widgets": {"state": {}}}, "cells": list(cells)}


def test_a_widget_is_shown_by_its_picture():
    picture = {chapters.VIEW: {"model_id": "1"}, "image/svg+xml": "<svg><desc>What is seen.</desc></svg>"}
    cell = {"cell_type": "code", "metadata": {}, "outputs": [{"data": dict(picture)}]}
    adapted = chapters.adapted(notebook(cell), {})
    assert adapted["metadata"] == {} and list(adapted["cells"][1]["outputs"][0]["data"]) == ["image/svg+xml"]
    assert adapted["cells"][1]["metadata"]["mystnb"]["image"]["alt"] == "What is seen."
    assert cell["outputs"][0]["data"] == picture, "the notebook itself was changed"


def test_code_cells_are_numbered_as_the_statements_count_them():
    from selgrad.statements.markers import cells

    path = sorted((ROOT / "notebooks").glob("02*.ipynb"))[0]
    adapted = chapters.adapted(json.loads(path.read_text()), {})["cells"]
    counted = [cell for cell in cells(ROOT / "notebooks" / "source") if cell.chapter == path.stem]
    places = {re.search(r'id="([\w-]+)"', c["source"]).group(1): adapted[i + 1] for i, c in enumerate(adapted)
              if c["source"][:24] == '<div class="cell-number"'}
    assert len(places) >= len(counted) > 10  # exercises come after what the source holds
    labelled = [cell for cell in counted if cell.ids]
    assert labelled and all(cell.ids[0] in "".join(places[f"cell-{cell.number}"]["source"]) for cell in labelled)


def test_a_question_and_its_picture_are_both_shown():
    data = {"text/html": "<p>What?</p>", "image/svg+xml": "<svg><desc>D.</desc></svg>", chapters.VIEW: {}}
    live = {**data, "text/html": "<iframe srcdoc=''></iframe>"}
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [{"data": d}]} for d in (data, live)]
    first, second = (cell["outputs"] for cell in chapters.adapted(notebook(*cells), {})["cells"][1::2])
    assert [list(output["data"]) for output in first] == [["text/html"], ["image/svg+xml"]]
    assert [list(output["data"]) for output in second] == [["text/html", "image/svg+xml"]]


def test_a_chapter_says_what_it_needs():
    text = "# 7. A\n\n**Prerequisites.** notebook 1.\n**Time.** 60 minutes.\n"
    said = chapters.about(notebook({"cell_type": "markdown", "metadata": {}, "source": [text]}))
    assert said == chapters.About("7. A", "Notebook 1.", "60 minutes.")
    assert chapters.about(notebook()) == chapters.About("", "", "")


def test_a_link_to_a_paper_of_the_bibliography_is_a_citation():
    text = "[A](https://arxiv.org/abs/2006.02080v3), [B](https://arxiv.org/abs/0000.00000)"
    cell = {"cell_type": "markdown", "metadata": {}, "source": [text]}
    said = chapters.adapted(notebook(cell), CITED)["cells"][0]["source"]
    assert said == text.replace("v3)", "v3) {cite:p}`bolte2020`")


def test_every_paper_that_a_chapter_links_to_is_in_the_bibliography():
    said = {path.name: path.read_text() for path in (ROOT / "notebooks" / "source").glob("*.md")}
    papers = {(name, number) for name, text in said.items() for number in chapters.PAPER.findall(text)}
    assert len(papers) > 3 and {(name, number) for name, number in papers if number not in CITED} == set()
    assert chapters.PAPER.findall("(https://arxiv.org/abs/2006.02080v3) https://example.org/1") == ["2006.02080"]


def test_the_bibliography_holds_the_papers_own_and_no_key_twice():
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "docs" / "references.bib").read_text(), re.M)
    assert len(keys) == len(set(keys)) and len(keys) >= 43


def test_without_a_repository_nothing_leads_to_it(tmp_path):
    assert not {"repository_url", "launch_buttons"} & set(settings.theme(""))
    assert settings.theme("https://github.com/a/b")["launch_buttons"]["colab_url"]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert settings.repository(tmp_path / "pyproject.toml") == ""


def test_a_notebook_that_was_never_executed_is_refused(tmp_path):
    (tmp_path / "01_a.ipynb").write_text(json.dumps(notebook({"cell_type": "code", "metadata": {}, "outputs": []})))
    with pytest.raises(npm.SiteError, match=r"01_a\.ipynb was never executed"):
        pages.write_chapters(tmp_path, tmp_path / "out")
    with pytest.raises(npm.SiteError, match="There are no notebooks"):
        pages.write_chapters(tmp_path / "out", tmp_path / "out2")


def test_a_folder_that_is_no_site_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(npm.SiteError, match="not a site of ours"):
        build.build(tmp_path)
    assert not build.current(tmp_path)


def test_on_one_page_no_two_chapters_share_an_anchor(tmp_path):
    for n, other in ((1, 2), (2, 1)):
        (tmp_path / f"0{n}_c.html").write_text(
            '<html><head><title>x</title><script src="a.js"></script></head><article class="bd-article">'
            f'<h1 id="top">A</h1><a href="#top">up</a><a href="0{other}_c.html#top">there</a>'
            '<a href="index.html#x">home</a></article></html>')
    page = printing.one_page(sorted(tmp_path.glob("*.html")))
    assert re.findall(r'id="([^"]+)"', page) == ["c01-top", "c02-top"]
    assert re.findall(r'href="([^"]+)"', page) == [
        "#c01-top", "#c02-top", "index.html#x", "#c02-top", "#c01-top", "index.html#x"]
    assert "a.js" not in page


def test_binder_installs_what_chapters_need_and_no_framework():
    import tomllib

    said = (ROOT / ".binder" / "requirements.txt").read_text()
    extras = re.search(r"^-e \.\[([\w,]+)\]$", said, re.M)
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = [package for extra in extras.group(1).split(",") for package in offered[extra]]
    assert not [p for p in wanted if re.match("tensorflow|torch|jax|pytest|playwright|selgrad", p)]
    assert "lab" in extras.group(1) and (ROOT / ".binder" / "../constraints.txt").resolve() == ROOT / "constraints.txt"
