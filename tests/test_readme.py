"""The README points at what there is: files, tests, public names, and the folders in their order."""

import re
from pathlib import Path

from test_imports import ORDER

import selgrad as sg
from selgrad.statements.coverage import markdown

ROOT = Path(sg.__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPANS = sorted(set(re.findall(r"`([^`\n]+)`", README)))


def missing(spans):
    """Paths and public names between backticks that do not exist."""
    paths = [s for s in spans if re.fullmatch(r"[\w./-]+\.(py|md|cff)|[\w/]+/", s)]
    names = [m.group(1) for s in spans if (m := re.match(r"sg\.(\w+)", s))]
    places = (ROOT, ROOT / "selgrad", ROOT / "selgrad" / "primitives", ROOT / "tests")
    return [p for p in paths if not any((place / p).exists() for place in places)] + [
        f"sg.{n}" for n in names if not hasattr(sg, n)]


def test_the_readme_names_what_there_is():
    assert missing(SPANS) == []
    assert missing(["sets/theorem9.py", "sg.clasify", "kinked.py", "sg.grad(P)"]) == ["sets/theorem9.py", "sg.clasify"]


def test_the_house_lists_every_folder_in_order():
    house = README.partition("## The house")[2].partition("\n## ")[0]
    listed = [name for row in re.findall(r"^\|([^|]*`[^|]*)\|", house, re.M) for name in re.findall(r"`(\w+)/`", row)]
    folders = [name for name in ORDER if (ROOT / "selgrad" / name).is_dir()]
    assert listed == folders


def test_the_table_is_what_the_markers_say():
    assert markdown(ROOT) in README, "put the output of `selgrad statements --markdown` into the README"
    assert markdown(ROOT).replace("test_sgd.py", "test_descent.py") not in README
