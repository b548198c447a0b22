"""Nodes and edges of a program's graph as marks on axes; see `selgrad.plotting.panels`.

Such a panel is laid out in pixels at a type size of 13 (`selgrad.plotting.layout`), and all is drawn smaller with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Patch, Polygon, Rectangle

from selgrad.plotting.looks import LOOKS
from selgrad.plotting.words import HALO, tex

LINE, TIP = 17.0, 8.0  # the height of a line, what a kink's box is pointed by


def _look(name: str, *over: tuple[bool, str]) -> dict[str, Any]:
    found = dict(LOOKS[name])
    for wanted, more in over:
        found |= LOOKS[more] if wanted else {}
    return found


def _type(ax: Axes, pixels: float) -> float:
    """The type size in points of so many pixels of the layout."""
    low, high = ax.get_xlim()
    return pixels * 72 * ax.get_figure(root=True).get_figwidth() / (high - low) * 0.97  # type: ignore[union-attr]


def box(ax: Axes, mark: Mapping[str, Any], look: Mapping[str, Any], z: float) -> None:
    """A node: what is computed there, and numbers; a kink by outline and by ground."""
    kind, (x, y), (w, h) = mark["kind"], (mark["x"], mark["y"]), mark["box"]
    found = _look(f"node-{kind}", (mark["output"], "node-output"), (mark["lit"], "lit"))
    paint = {"facecolor": found["fill"], "edgecolor": found["stroke"], "linewidth": 0.7 * found["width"], "zorder": 50}
    l, r, b, t = x - w / 2, x + w / 2, y - h / 2, y + h / 2
    shape: Patch = {
        "input": lambda: Rectangle((l, b), w, h, **paint),
        "plain": lambda: FancyBboxPatch((l, b), w, h, boxstyle="round,pad=0,rounding_size=7", **paint),
        "kink": lambda: Polygon([(l - TIP, y), (l, t), (r, t), (r + TIP, y), (r, b), (l, b)], **paint),
    }[kind]()
    ax.add_patch(shape)
    lines = [*mark["title"], *mark["lines"]]
    for i, line in enumerate(lines):
        ax.text(x, y + LINE * ((len(lines) - 1) / 2 - i), tex(line), ha="center", va="center_baseline", zorder=51,
                fontsize=_type(ax, 12.0))


def curve(ax: Axes, mark: Mapping[str, Any], look: Mapping[str, Any], z: float) -> None:
    """An edge: a curve, and a number on it."""
    found = _look("edge", (mark["lit"], "lit"))
    x, y = zip(*mark["points"])
    ax.plot(x, y, color=found["stroke"], linewidth=0.7 * found["width"], zorder=1)
    if mark["text"]:
        at_x, at_y = mark["at"]
        ax.text(at_x, at_y, tex(mark["text"]), ha="center", va="center", fontsize=_type(ax, 11.5), zorder=49,
                path_effects=HALO)
