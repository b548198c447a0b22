"""The first cell of a notebook installs selgrad where it is missing, from the one address that pyproject.toml names."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from selgrad.notebook import repository
from selgrad.notebook.build import read
from selgrad.notebook.repository import installing

SOURCES = sorted((Path(repository.PYPROJECT).parent / "notebooks" / "source").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_notebook_begins_with_it(path):
    cells = [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    said = installing(repository.repository())
    assert said and "".join(cells[0]["source"]).startswith(said)
    assert not any("find_spec" in "".join(cell["source"]) for cell in cells[1:])


@pytest.mark.parametrize("there", [True, False])
def test_it_installs_where_selgrad_is_missing_and_nowhere_else(there, monkeypatch):
    asked = []

    class Shell:
        def run_line_magic(self, *given):
            asked.append(given)

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there" if there else None)
    exec(installing("https://github.com/a/b"), {"get_ipython": Shell})
    assert asked == ([] if there else [("pip", "install -q git+https://github.com/a/b")])


def test_the_address_is_read_from_one_place(tmp_path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "x"\n[project.urls]\nRepository = "https://example.org/r"\n')
    assert repository.repository(project) == "https://example.org/r"
    assert repository.repository(tmp_path / "gone.toml") == repository.repository()  # what was installed says the same
    project.write_text('[project]\nname = "x"\n')
    assert repository.repository(project) == "" and installing("") == ""


def test_no_file_of_ours_holds_the_address_again():
    root = repository.PYPROJECT.parent
    address = repository.repository().removeprefix("https://")
    folders = ("selgrad", "docs", "notebooks/source", ".binder", "tests")
    files = [p for name in folders for p in (root / name).rglob("*")]
    files = [p for p in files if p.is_file() and p.suffix in (".py", ".md", ".js", ".txt", ".css", "")]
    assert address and [p.name for p in files if re.search(rf"{re.escape(address)}\b", p.read_text())] == []
    ast.parse(installing(repository.repository()))  # plain Python: what reads notebooks as Python still can
