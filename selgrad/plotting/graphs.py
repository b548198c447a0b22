"""Nodes and edges of a program's graph as marks on axes; see `selgrad.plotting.panels`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from selgrad.plotting.looks import LOOKS
from selgrad.plotting.words import HALO, tex

FORMS = {"plain": "round,pad=0.35", "input": "square,pad=0.35", "kink": "sawtooth,pad=0.42,tooth_size=0.16"}


def _look(mark: Mapping[str, Any], name: str, *over: tuple[bool, str]) -> dict[str, Any]:
    found = dict(LOOKS[name])
    for wanted, more in over:
        found |= LOOKS[more] if wanted else {}
    return found


def box(ax: Axes, mark: Mapping[str, Any], look: Mapping[str, Any], z: float) -> None:
    """A node: its name, what is computed there, and numbers; a kink by outline and by ground."""
    kind = mark["kind"]
    found = _look(mark, f"node-{kind}", (mark.get("output", False), "node-output"), (mark.get("lit", False), "lit"))
    words = "\n".join(tex(line) for line in (mark["name"], mark.get("text", ""), *mark.get("lines", ())) if line)
    ax.text(mark["x"], mark["y"], words, ha="center", va="center", fontsize=7.5, zorder=50, bbox={
        "boxstyle": FORMS[kind], "facecolor": found["fill"], "edgecolor": found["stroke"],
        "linewidth": found["width"]})


def curve(ax: Axes, mark: Mapping[str, Any], look: Mapping[str, Any], z: float) -> None:
    """An edge: a smooth curve from left to right, horizontal at every point, with words at its middle."""
    points = mark["points"]
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        vertices += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    found = _look(mark, "edge", (mark.get("lit", False), "lit"))
    ax.add_patch(PathPatch(Path(vertices, codes), facecolor="none", edgecolor=found["stroke"],
                           linewidth=found["width"], zorder=1))
    if mark.get("text"):
        (x0, y0), (x1, y1) = points[-2], points[-1]
        ax.text((x0 + x1) / 2, (y0 + y1) / 2, tex(mark["text"]), ha="center", va="center", fontsize=7, zorder=49,
                path_effects=HALO)
