"""The test-bed itself: what it must find, it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browser.chromium import Watch, axe, leaves
from browser.lab import Lab

PAGE = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1>{}</main>"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """write(body) -> the address of a page with it."""

    def write(body: str) -> str:
        path = tmp_path / "page.html"
        path.write_text(PAGE.format(body), encoding="utf-8")
        return path.as_uri()

    return write


def test_a_faultless_page(page: Any, watch: Watch, written: Any) -> None:
    page.goto(written("<button>Reset</button>"))
    assert watch.problems() == [] and axe(page) == []


def test_errors_in_the_console_are_found(page: Any, watch: Watch, written: Any) -> None:
    page.goto(written("<script>console.error('one'); throw new Error('two')</script>"))
    page.wait_for_timeout(50)
    assert [text.split()[0] for text in watch.errors] == ["one", "two"]
    watch.errors.clear()


def test_a_request_is_found_and_reaches_nobody(page: Any, watch: Watch, written: Any) -> None:
    inner = "<script src='https://cdn.jsdelivr.net/npm/mathjax'></script>"
    page.goto(written(f"<img alt='' src='http://example.org/a.png'><iframe title=a srcdoc=\"{inner}\"></iframe>"))
    page.wait_for_timeout(100)
    assert sorted(watch.requests) == ["http://example.org/a.png", "https://cdn.jsdelivr.net/npm/mathjax"]
    assert all("ERR_NAME_NOT_RESOLVED" in text for text in watch.errors) and len(watch.errors) == 2
    watch.requests.clear(), watch.errors.clear()


def test_axe_finds_a_nameless_button(page: Any, written: Any) -> None:
    page.goto(written("<div id=a><button></button></div><div id=b>text</div>"))
    assert axe(page)[0].startswith("button-name (critical)") and axe(page, "#b") == [] and axe(page, "#a") != []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8888/lab", "http://localhost/", "file:///x", "blob:http://a/b"])
def test_what_stays_on_the_machine(url: str) -> None:
    assert not leaves(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook that fails in its second cell."""
    nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat: pip install 'selgrad[lab]'")
    sources = ["print('a')", "import sys; print('b', file=sys.stderr); 1 / 0", "print('c')"]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    (tmp_path / "work").mkdir()
    nbformat.write(nb, tmp_path / "work" / "fails.ipynb")
    return tmp_path / "work"


def test_what_fails_in_a_notebook_is_found(lab: Lab, page: Any) -> None:
    lab.open(page, "fails.ipynb")
    lab.run_all(page)
    assert lab.failed(page) == ["cell 1: b\n", "cell 1: ZeroDivisionError: division by zero", "cell 2 has not run"]
