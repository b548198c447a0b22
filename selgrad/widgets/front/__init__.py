"""The front of the applications: the script and the style sheet that draw in a browser what `look()` says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
PARTS = ("text.js", "layout.js", "marks.js", "picture.js", "controls.js", "front.js")


@cache
def read(name: str) -> str:
    """One of the files here, as it travels."""
    text = terse((FOLDER / name).read_text(encoding="utf-8"))
    return re.sub(r"\s*([{};])\s*", r"\1", text) if name.endswith(".css") else text


def terse(text: str) -> str:
    """A script or a style sheet without indentation, empty lines and comments that begin with two slashes and a space.

    >>> terse("// why\\n  a = 1;\\n\\n    b = 2;  // how\\n")
    'a = 1;\\nb = 2;\\n'
    """
    lines = (re.sub(r"(^|\s\s)// [^\"'`]*$", "", line).strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def script() -> str:
    """The front as a module that a notebook's front end loads."""
    return "".join(map(read, PARTS)) + read("notebook.js")


def sheet() -> str:
    """Its style sheet."""
    return read("front.css")
