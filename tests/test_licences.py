"""Two licences, and which file is under which: what REUSE.toml says, read as its specification has it."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from selgrad.site import npm, settings

ROOT = npm.ROOT
CODE, TEXT, BOTH = "BSD-3-Clause", "CC-BY-4.0", "BSD-3-Clause AND CC-BY-4.0"
CC_BY = "f5b745ef98087f531e719ee8ca6a96809444573ecc7173c6fa68eaad39b3cc3f"  # the text that Creative Commons publishes
SAID = (ROOT / "REUSE.toml").read_text(encoding="utf-8")


def licence(path: str, said: str = SAID) -> str | None:
    """What REUSE.toml says of a file: `*` stays in a folder, `**` does not, and the last entry that matches holds."""
    found = None
    for entry in tomllib.loads(said)["annotations"]:
        patterns = [entry["path"]] if isinstance(entry["path"], str) else entry["path"]
        for pattern in patterns:
            regex = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
            if re.fullmatch(regex, path):
                found = entry["SPDX-License-Identifier"]
    return found


@pytest.mark.parametrize(("path", "wanted"), [
    ("selgrad/sets/clarke.py", CODE), ("tests/test_licences.py", CODE), ("figures/fig_1.py", CODE), ("Makefile", CODE),
    ("docs/_static/site.js", CODE), ("docs/conf.py", CODE), ("docs/index.md", BOTH), ("README.md", BOTH),
    ("notebooks/01_programs_are_not_functions.ipynb", BOTH), ("notebooks/source/05_x.md", BOTH),
    ("solutions/01.md", BOTH), ("selgrad/notebook/exercises/chapter_01.py", BOTH), ("figures/out/fig1.svg", TEXT),
    ("figures/data/digits.json", TEXT), ("docs/references.bib", TEXT),
])
def test_each_kind_of_file(path: str, wanted: str) -> None:
    assert licence(path) == wanted


def unlisted(paths: list[str], said: str = SAID) -> list[str]:
    return [path for path in paths if licence(path, said) is None]


def test_no_file_is_left_out() -> None:
    inner = [path for name in ("selgrad", "docs", "notebooks", "figures", "solutions", "tests") for path in
             (ROOT / name).rglob("*") if path.is_file()]
    paths = [path.relative_to(ROOT).as_posix() for path in [*inner, *(p for p in ROOT.iterdir() if p.is_file())]]
    assert len(paths) > 300 and unlisted(paths) == []
    without_the_first = SAID.replace('path = "**"', 'path = "nothing"')
    assert "selgrad/draws.py" in unlisted(paths, without_the_first)


def test_every_entry_matches_something() -> None:
    for entry in tomllib.loads(SAID)["annotations"]:
        for pattern in [entry["path"]] if isinstance(entry["path"], str) else entry["path"]:
            assert any(ROOT.glob(pattern.replace("**.", "**/*."))), pattern


def test_the_texts_are_the_standard_ones() -> None:
    assert hashlib.sha256((ROOT / "LICENSES" / f"{TEXT}.txt").read_bytes()).hexdigest() == CC_BY
    bsd = (ROOT / "LICENSES" / f"{CODE}.txt").read_text()
    assert bsd == (ROOT / "LICENSE").read_text() and bsd.startswith("BSD 3-Clause License")
    assert sorted(p.stem for p in (ROOT / "LICENSES").iterdir()) == [CODE, TEXT]


@pytest.mark.parametrize("text", [
    (ROOT / "README.md").read_text(encoding="utf-8"), settings.LICENCES,
    (ROOT / "docs" / "index.md").read_text(encoding="utf-8"),
], ids=["README", "footer", "front page"])
def test_both_are_named_where_a_reader_looks(text: str) -> None:
    assert "CC BY 4.0" in text and "BSD 3-clause" in text


def test_the_package_says_both() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == BOTH
    files = {path for pattern in project["license-files"] for path in ROOT.glob(pattern)}
    assert files == {ROOT / "LICENSE", ROOT / "REUSE.toml", *Path(ROOT / "LICENSES").iterdir()}
