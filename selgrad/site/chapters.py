"""A chapter for the site: the executed notebook without what only a kernel can show."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selgrad.site.npm import SiteError

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("text/html", "image/svg+xml", "image/png")
PAPER = re.compile(r"https://(?:arxiv\.org/abs/|doi\.org/|openreview\.net/forum\?id=)([^\s)]+?)(?:v\d+)?(?=[\s)]|$)")
LINK = re.compile(rf"\[[^\]]*\]\({PAPER.pattern}\)")


def chapter_files(notebooks: Path) -> list[Path]:
    """Every chapter, in order; raises SiteError when there is none."""
    paths = sorted(notebooks.glob("[0-9]*.ipynb"))
    if not paths:
        raise SiteError(f"There are no notebooks in {notebooks}; make them with `make notebooks`.")
    return paths


def citations(bibliography: Path) -> dict[str, str]:
    """The key of every entry of a .bib file that has an arXiv number, a DOI or a page on OpenReview, by that."""
    found = {}
    for entry in bibliography.read_text(encoding="utf-8").split("\n@")[1:]:
        key = re.match(r"\w+\{([^,]+),", entry)
        for number in re.findall(r"(?:eprint|doi|url) = \{(?:https://openreview.net/forum\?id=)?([^}]+)\}", entry):
            if key:
                found[number] = key.group(1)
    return found


@dataclass(frozen=True)
class About:
    """What a chapter says of itself."""

    title: str
    needs: str
    time: str


def about(notebook: dict[str, Any]) -> About:
    """Title, prerequisites and time, from the chapter's text; empty where it does not say."""
    text = "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")

    def said(pattern: str) -> str:
        found = re.search(pattern, text, re.MULTILINE)
        return found.group(1).strip() if found else ""

    needs = said(r"^\*\*(?:You need|Prerequisites)\W*\*\*:?\s*(.*)$")
    return About(said(r"^# (.*)$"), needs[:1].upper() + needs[1:], said(r"^\*\*Time\W*\*\*:?\s*(.*)$"))


def adapted(notebook: dict[str, Any], cited: dict[str, str]) -> dict[str, Any]:
    """The notebook as the site shows it; the original is left alone.

    A widget is shown by what stands beside its view (its live page, else its picture), a picture takes its alt
    text from its own description, and a link to a paper of the bibliography is a citation too.
    """
    new = copy.deepcopy(notebook)
    new["metadata"].pop("widgets", None)
    number, cells = 0, []
    for cell in new["cells"]:
        if cell["cell_type"] == "code":
            number += 1
            cells.append(_numbered(number))
            cell["outputs"] = [shown for output in cell["outputs"] for shown in _still(cell, output)]
        elif cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = LINK.sub(lambda m: _cite(m, cited), text)
        cells.append(cell)
    new["cells"] = cells
    return new


def _numbered(number: int) -> dict[str, Any]:
    """What stands before a code cell: its number, as Jupyter prints it, and the place to which links lead."""
    html = f'<div class="cell-number" id="cell-{number}">[{number}]</div>'
    return {"cell_type": "markdown", "id": f"number-{number}", "metadata": {}, "source": html}


def _cite(m: re.Match[str], cited: dict[str, str]) -> str:
    key = cited.get(m.group(1))
    return m.group() + (f" {{cite:p}}`{key}`" if key else "")


def _still(cell: dict[str, Any], output: dict[str, Any]) -> list[dict[str, Any]]:
    """An output without the widget's view, its picture said in words; the picture apart, if the HTML has none."""
    data = output.get("data", {})
    if any(kind in data for kind in PICTURES):
        data.pop(VIEW, None)
    if alt := _description(data):
        cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    html = "".join(data.get("text/html", ""))
    if not html or "image/svg+xml" not in data or re.search("<(iframe|svg|img|canvas)", html):
        return [output]
    picture = {kind: value for kind, value in data.items() if kind != "text/html"}
    return [{**output, "data": {"text/html": html}}, {**output, "data": picture}]


def _description(data: dict[str, Any]) -> str:
    svg = "".join(data.get("image/svg+xml", ""))
    found = re.search(r"<desc[^>]*>([^<]*)</desc>", svg) or re.search(r"<title[^>]*>([^<]*)</title>", svg)
    said = found.group(1) if found else "".join(data.get("text/plain", ""))
    return " ".join(said.split()) if any(kind.startswith("image/") for kind in data) else ""
