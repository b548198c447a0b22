"""The picture of an application, with matplotlib: the panels and marks that its front draws too.

A panel is a mapping with its share `width` of the picture, `x` and `y` limits, labels, ticks and `marks`; a mark has
a kind (line, points, area, rule, text, heat, handle, node, edge) and a `look`. Numbers are finite or None, which lifts
the pen. Text between two $ is mathematics.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.ticker import NullLocator

from selgrad.plotting.graphs import box, curve
from selgrad.plotting.looks import LOOKS
from selgrad.plotting.styles import WIDTH, style
from selgrad.plotting.words import HALO, tex

Mark = Mapping[str, Any]


def _xy(points: Any) -> tuple[np.ndarray, np.ndarray]:
    found = np.array([[np.nan, np.nan] if p is None or None in p else p for p in points], dtype=float)
    x, y = found.reshape(-1, 2).T
    return x, y


def stroke(look: Mapping[str, Any]) -> dict[str, Any]:
    """A look as matplotlib's properties of a line."""
    if "marker" in look:
        return {"linestyle": "none", "marker": look["marker"], "markersize": look["size"], "clip_on": False,
                "markerfacecolor": look["fill"], "markeredgecolor": look["stroke"], "markeredgewidth": look["width"]}
    dash = (0, look["dash"]) if look.get("dash") else "-"
    return {"color": look["stroke"], "linewidth": look["width"], "linestyle": dash,
            "alpha": look.get("opacity", 1.0), "dash_capstyle": "butt"}


def line(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    if len(mark["points"]):  # the layout stumbles over a line without points
        ax.plot(*_xy(mark["points"]), zorder=z, **stroke(look))


def area(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    if len(mark["points"]) > 2:
        ax.add_patch(Polygon(np.array(mark["points"], dtype=float), facecolor=look["fill"], edgecolor="none",
                             alpha=look["opacity"], zorder=z))


def rule(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    if mark.get("x") is not None:
        ax.axvline(mark["x"], zorder=z, **stroke(look))
    else:
        ax.axhline(mark["y"], zorder=z, **stroke(look))


def text(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    align: Any = {"start": "left", "end": "right"}.get(mark.get("anchor", "middle"), "center")
    ax.text(mark["x"], mark["y"], tex(mark["text"]), ha=align, va="center", color=look["fill"], zorder=z,
            fontsize=0.85 * look["size"], fontweight=look.get("weight", "normal"), path_effects=HALO)


def heat(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    levels = np.frombuffer(base64.b64decode(mark["levels"]), dtype=np.uint8).reshape(mark["rows"], mark["columns"])
    colours = LinearSegmentedColormap.from_list("heat", look["stops"])
    image = ax.imshow(levels, extent=tuple(mark["extent"]), origin="lower", aspect="auto", cmap=colours, vmin=0,
                      vmax=255, interpolation="none", zorder=z)
    if mark.get("bar"):
        shown = ax.get_figure(root=True).colorbar(image, ax=ax, ticks=[0, 255], pad=0.02)  # type: ignore[union-attr]
        shown.ax.set_yticklabels([tex(mark["bar"]["low"]), tex(mark["bar"]["high"])])
        shown.set_label(tex(mark["bar"]["label"]), labelpad=0)


def handle(ax: Axes, mark: Mark, look: Mapping[str, Any], z: float) -> None:
    ax.plot([mark["x"]], [mark["y"]], zorder=z + 50, **stroke(look))


DRAWN: dict[str, Callable[[Axes, Mark, Mapping[str, Any], float], None]] = {
    "line": line, "points": line, "area": area, "rule": rule, "text": text, "heat": heat, "handle": handle,
    "node": box, "edge": curve,
}


def _axes(ax: Axes, panel: Mapping[str, Any]) -> None:
    if panel.get("scale") == "log x":
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    ax.set(xlim=panel["x"], ylim=panel["y"], title=tex(panel.get("title", "")),
           xlabel=tex(panel.get("xlabel", "")), ylabel=tex(panel.get("ylabel", "")))
    for axis, ticks in ((ax.xaxis, panel.get("xticks")), (ax.yaxis, panel.get("yticks"))):
        if ticks is not None:
            at = [t[0] if isinstance(t, Sequence) else t for t in ticks]
            axis.set_ticks(at, [tex(t[1]) if isinstance(t, Sequence) else f"{t:g}".replace("-", "−") for t in ticks])
    if panel.get("equal"):
        ax.set_aspect("equal")
    elif panel.get("aspect"):
        ax.set_box_aspect(panel["aspect"])
    if panel.get("frame") is False:
        ax.set_axis_off()


def sample(name: str) -> Any:
    """What stands for a look in a legend."""
    look = LOOKS[name]
    if look.get("box"):
        return Patch(facecolor=look.get("fill", "white"), edgecolor=look["stroke"], linewidth=look["width"])
    if "stroke" not in look:
        return Patch(facecolor=look["fill"], alpha=look["opacity"])
    return Line2D([], [], **{**stroke(look), "clip_on": True})


def draw(panels: Sequence[Mapping[str, Any]], legend: Sequence[Sequence[str]] = (), width: float = WIDTH) -> Figure:
    """The picture as a Figure, `width` inches wide.

    >>> graph = {"width": 1, "x": [0, 1], "y": [0, 1], "marks": [
    ...     {"mark": "line", "look": "function", "points": [[0, 0], [1, 1]]}]}
    >>> len(draw([graph], [("function", "f")]).axes[0].lines)
    1
    """
    shares = [panel.get("width", 1) for panel in panels]
    tall = [(panel["y"][1] - panel["y"][0]) / (panel["x"][1] - panel["x"][0]) if panel.get("equal")
            else panel.get("aspect") for panel in panels]
    needed = [0.75 * width * share / sum(shares) * t + 0.75 for share, t in zip(shares, tall) if t]
    height = min(max(needed, default=3.0), 4.5)
    with style():
        figure = Figure(figsize=(width, height))
        grid = figure.add_gridspec(1, len(panels), width_ratios=shares)
        for place, panel in enumerate(panels):
            ax = figure.add_subplot(grid[0, place])
            _axes(ax, panel)
            for z, mark in enumerate(panel["marks"]):
                DRAWN[mark["mark"]](ax, mark, LOOKS.get(mark.get("look", mark["mark"]), {}), 1 + z / 10)
        if legend:
            figure.legend([sample(name) for name, _ in legend], [tex(words) for _, words in legend],
                          loc="outside upper center", ncols=min(len(legend), 4))
    return figure
