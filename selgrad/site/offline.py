"""nbconvert's HTML of a notebook that uses selgrad, for reading without network: formulas drawn, widgets as pictures.

The wheel registers this for `jupyter nbconvert --to html` in its environment; other notebooks pass as they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor

from selgrad.displays import CARD
from selgrad.errors import SelgradError
from selgrad.site import formulas
from selgrad.site.npm import SiteError

VIEW = "application/vnd.jupyter.widget-view+json"
NOTHING = "data:text/javascript,"
URLS = ("mathjax_url", "require_js_url", "jquery_url")


class Offline(Preprocessor):
    """Makes the page of a notebook that uses selgrad ask nothing of the network."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        if not any(cell.cell_type == "code" and re.search(r"\bselgrad\b", cell.source) for cell in nb.cells):
            return nb, resources
        nb.metadata.pop("widgets", None)
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                still(output.get("data", {}))
        try:
            draw_formulas(nb)
        except SiteError as problem:
            self.log.warning("Formulas need the network to be typeset in this page. %s", problem)
        else:
            resources.update(dict.fromkeys(URLS, NOTHING))
        return nb, resources


def draw_formulas(nb: Any) -> None:
    """Replace every formula of the texts, those of outputs too, by its picture; raises SiteError."""
    data = [output["data"] for cell in nb.cells for output in cell.get("outputs", []) if "data" in output]
    for bundle in data:
        if "text/latex" in bundle and "text/html" not in bundle:
            bundle["text/markdown"] = bundle.pop("text/latex")
    places = [(cell, "source") for cell in nb.cells if cell.cell_type == "markdown"]
    places += [(bundle, "text/markdown") for bundle in data if "text/markdown" in bundle]
    wanted = list(dict.fromkeys(
        formula for place, key in places for formula in formulas.formulas_in(place[key])))
    drawn = dict(zip(wanted, formulas.drawn(wanted)))
    for place, key in places:
        place[key] = formulas.replaced(place[key], lambda *formula: drawn[formula])


def still(data: dict[str, Any]) -> None:
    """Keep of an output what a page shows without a kernel: its own HTML, or else its picture."""
    data.pop(VIEW, None)
    if "image/svg+xml" in data and "text/html" not in data:
        data["text/html"] = f'<div class="selgrad-picture" style="{CARD}">{data["image/svg+xml"]}</div>'


def to_html(notebook: Path) -> str:
    """The page of a notebook; raises SiteError where its formulas cannot be drawn, SelgradError for another file."""
    from nbconvert.exporters import HTMLExporter

    try:
        nb = nbformat.read(notebook, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as problem:
        raise SelgradError(f"{notebook} is not a notebook: {str(problem)[:100]}") from problem
    draw_formulas(nb)
    resources = {"metadata": {"name": notebook.stem, "path": str(notebook.parent)}}
    return HTMLExporter(preprocessors=[Offline]).from_notebook_node(nb, resources)[0]
