"""A chapter for the site: the executed notebook without what only a kernel can show."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
PICTURES = ("text/html", "image/svg+xml", "image/png")
LINK = re.compile(r"\[([^\]]*)\]\((https?://(?:arxiv\.org/abs/|doi\.org/)([^\s)]+))\)")


def citations(bibliography: Path) -> dict[str, str]:
    """The key of every entry of a .bib file that has an arXiv number or a DOI, by that number."""
    found = {}
    for entry in bibliography.read_text(encoding="utf-8").split("\n@")[1:]:
        key = re.match(r"\w+\{([^,]+),", entry)
        for number in re.findall(r"(?:eprint|doi) = \{([^}]+)\}", entry):
            if key:
                found[number] = key.group(1)
    return found


def adapted(notebook: dict[str, Any], cited: dict[str, str]) -> dict[str, Any]:
    """The notebook as the site shows it; the original is left alone.

    A widget is shown by what stands beside its view (its live page, else its picture), a picture takes its alt
    text from its own description, and a link to a paper of the bibliography is a citation too.
    """
    new = copy.deepcopy(notebook)
    new["metadata"].pop("widgets", None)
    for cell in new["cells"]:
        if cell["cell_type"] == "code":
            for output in cell["outputs"]:
                _still(cell, output)
        elif cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = LINK.sub(lambda m: _cite(m, cited), text)
    return new


def _cite(m: re.Match[str], cited: dict[str, str]) -> str:
    key = cited.get(re.sub(r"v\d+$", "", m.group(3)))
    return m.group() + (f" {{cite:p}}`{key}`" if key else "")


def _still(cell: dict[str, Any], output: dict[str, Any]) -> None:
    """Take the widget's view out of an output, and say in words what its picture shows."""
    data = output.get("data", {})
    if any(kind in data for kind in PICTURES):
        data.pop(VIEW, None)
    if alt := _description(data):
        cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt


def _description(data: dict[str, Any]) -> str:
    svg = "".join(data.get("image/svg+xml", ""))
    found = re.search(r"<desc[^>]*>([^<]*)</desc>", svg) or re.search(r"<title[^>]*>([^<]*)</title>", svg)
    said = found.group(1) if found else "".join(data.get("text/plain", ""))
    return " ".join(said.split()) if any(kind.startswith("image/") for kind in data) else ""
