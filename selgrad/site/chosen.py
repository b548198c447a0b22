"""What the chapters lend to the slides and to the cheat sheet: cells with tags, in the order of the course.

In notebooks/source a tag stands above a text, `+++ {"tags": ["slide"]}`, or in a code cell, `:tags: [slide]`:

    slide              a slide begins here; its title is the heading above, or what follows, as in "slide: Two answers"
    slide+             this goes onto the slide that has begun
    slide-code         of a code cell the code is shown too, and not its output alone
    sheet, sheet+      the same for the cheat sheet
    sheet-code         the same again
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selgrad.notebook.questions import find
from selgrad.site.npm import SiteError

HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
TAG = re.compile(r"(?P<kind>slide|sheet)(?P<how>|\+|-code|: (?P<title>.+))")
QUESTION = re.compile(r'^predict\("(\d\d-\w)"', re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A piece of a slide: a text or question (Markdown), code, an output (plain), or a picture (a URL, with `alt`)."""

    kind: str
    content: str
    alt: str = ""


@dataclass
class Group:
    """A slide, or a paragraph of the sheet: its title, the chapter it is from, its parts."""

    title: str
    chapter: str
    parts: list[Part] = field(default_factory=list)


def chosen(notebook: dict[str, Any], kind: str) -> list[Group]:
    """The groups that the tags of an executed notebook choose for `kind`, slide or sheet.

    Raises SiteError for a tag that is none of the above, and for one that continues what has not begun.
    """
    chapter = heading = ""
    groups: list[Group] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (headings := HEADING.findall(source)):
            heading = headings[0]
            chapter = chapter or heading
        tags = [_read(tag, chapter) for tag in cell["metadata"].get("tags", [])]
        mine = [tag for tag in tags if tag["kind"] == kind]
        code = any(tag["how"] == "-code" for tag in mine)
        for tag in mine:
            if tag["how"] == "-code":
                continue
            if tag["how"] != "+":
                groups.append(Group(tag["title"] or heading, chapter))
            elif not groups:
                raise SiteError(f"{chapter}: a cell continues a {kind} (`{kind}+`) before one has begun (`{kind}`).")
            groups[-1].parts += _parts(cell, source, code)
    return groups


def _read(tag: str, chapter: str) -> re.Match[str]:
    found = TAG.fullmatch(tag)
    if found is None:
        raise SiteError(f"{chapter}: the tag {tag!r} of a cell means nothing; see selgrad/site/chosen.py.")
    return found


def _parts(cell: dict[str, Any], source: str, code: bool) -> Iterator[Part]:
    """What a cell shows. A question to commit to is shown as such: its answer is not on the slide."""
    if cell["cell_type"] == "markdown":
        yield Part("text", HEADING.sub("", source).strip())
        return
    if code:
        yield Part("code", source)
    if asked := QUESTION.search(source):
        question = find(asked[1])
        options = "" if question.number else "".join(f"\n1. {option.said}" for option in question.options)
        yield Part("question", f"{question.text}\n{options}")
        return
    for output in cell["outputs"]:
        if "text" in output:
            yield Part("output", "".join(output["text"]).rstrip())
        elif "image/svg+xml" in output["data"]:
            svg = "".join(output["data"]["image/svg+xml"])
            said = " ".join("".join(output["data"].get("text/plain", "")).split())
            yield Part("picture", f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}", said)
        elif "text/latex" in output["data"]:
            yield Part("text", "".join(output["data"]["text/latex"]))
