"""The pages that show how to add a chapter, a figure and a primitive are carried out as they stand, on a copy.

A block whose caption names a file is written there, before the line that the caption quotes or in its place; a block
of bash is run, a line at a time. Then something is spoilt, and the page's own checks must see it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from selgrad.site.npm import ROOT

BLOCK = re.compile(r"^(?P<mark>`{3,})(?:\{code-block\} \w+|(?P<shell>bash))\n(?P<body>.*?)^(?P=mark)$", re.M | re.S)
CAPTION = re.compile(r":caption: (?P<file>[^\s,]+)(?:, (?P<how>before|in the place of) `(?P<anchor>.+)`)?\n")
COPIED = ("selgrad", "figures", "notebooks", "solutions", "tests", "docs", "pyproject.toml", "constraints.txt",
          "README.md", "Makefile", "LICENSE", "LICENSES", "REUSE.toml", ".binder")


def page(name: str) -> str:
    return (ROOT / "docs" / f"add_a_{name}.md").read_text(encoding="utf-8")


def edits(text: str) -> Iterator[tuple[str, str | None, str | None, str]]:
    """(file, how, the line it is about, what is written) for each block of a page that names a file."""
    for block in BLOCK.finditer(text):
        if not block["shell"]:
            said = CAPTION.match(block["body"])
            assert said, f"a block without a caption that names a file: {block['body'][:60]}"
            yield said["file"], said["how"], said["anchor"], block["body"][said.end() :]


def commands(text: str) -> list[str]:
    return [line for block in BLOCK.finditer(text) if block["shell"] for line in block["body"].splitlines()]


def edited(old: str, how: str, anchor: str, new: str) -> str:
    """The text with `new` before the one line that holds `anchor`, or in its place and that of what continues it."""
    lines = old.splitlines(keepends=True)
    where = [number for number, line in enumerate(lines) if anchor in line]
    assert len(where) == 1, f"{anchor!r} stands in {len(where)} lines"
    return "".join([*lines[: where[0]], new, *lines[where[0] + (how == "in the place of") :]])


def apply(text: str, root: Path) -> None:
    for file, how, anchor, new in edits(text):
        path = root / file
        if how is None:
            assert not path.exists(), f"{file} is there already: the page says nothing of what stands in it"
            path.write_text(new, encoding="utf-8")
        else:
            path.write_text(edited(path.read_text(encoding="utf-8"), how, anchor or "", new), encoding="utf-8")


def run(command: str, root: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(["bash", "-c", command], cwd=root, env=env, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return tmp_path


def spoil(root: Path, file: str, right: str, wrong: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert right in text
    (root / file).write_text(text.replace(right, wrong), encoding="utf-8")


def slope(root: Path) -> None:
    spoil(root, "selgrad/primitives/kinked.py", "lambda t, threshold: t - threshold, (_one,)",
          "lambda t, threshold: t - threshold, (_nil,)")


def number(root: Path) -> None:
    spoil(root, "figures/fig_hat.py", "- 2.0 * sg.relu(t)", "- 2.5 * sg.relu(t)")


def output(root: Path) -> None:
    spoil(root, "notebooks/source/08_hats.md", "points = [-1.0, 0.0, 1.0]", "points = [-1.0, 0.5, 1.0]")


@pytest.mark.parametrize(("name", "fault", "red", "said"), [
    ("primitive", slope, 1, "failed"), ("figure", number, 1, "hat"), ("chapter", output, 1, "drifted"),
])
def test_the_page_works_as_it_stands(name: str, fault: Callable[[Path], None], red: int, said: str, copy: Path) -> None:
    text = page(name)
    apply(text, copy)
    lines = commands(text)
    assert lines
    printed = []
    for line in lines:
        done = run(line, copy)
        printed.append(done.stdout)
        assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        if "pytest" in line:
            assert re.search(r"\d+ passed", done.stdout), f"nothing was tested by {line}"
    if name == "primitive":
        assert printed[0].strip() in text, "the page says what the first line prints"
    fault(copy)
    done = run(lines[red], copy)
    assert done.returncode and said in done.stdout, f"{lines[red]} does not see the fault: {done.stdout[-500:]}"


def test_an_edit_goes_where_it_says_and_nowhere_else() -> None:
    old = "a\n    b(\n    c\n"
    assert edited(old, "before", "b(", "new\n") == "a\nnew\n    b(\n    c\n"
    assert edited(old, "in the place of", "b(", "new\n") == "a\nnew\n    c\n"
    for anchor, count in (("z", 0), (" ", 2)):
        with pytest.raises(AssertionError, match=f"stands in {count} lines"):
            edited(old, "before", anchor, "new\n")


def test_a_block_that_names_no_file_and_a_file_that_is_there_are_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a block without a caption"):
        list(edits("```{code-block} python\nx = 1\n```\n"))
    (tmp_path / "a.py").write_text("")
    with pytest.raises(AssertionError, match=r"a\.py is there already"):
        apply("```{code-block} python\n:caption: a.py\nx = 1\n```\n", tmp_path)
