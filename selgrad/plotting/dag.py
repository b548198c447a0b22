"""Draw a program: its nodes in layers, inputs on the left, kinked instructions marked by shape and colour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from selgrad.errors import TooLarge
from selgrad.plotting.styles import style
from selgrad.programs.listing import right_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from selgrad.programs.program import Program

MOST_NODES = 60
# Marked twice, by outline and by colour: a diamond-like hexagon with an orange ground is a kink.
PLAIN = {"boxstyle": "round,pad=0.32", "facecolor": "white", "edgecolor": "0.35", "linewidth": 0.8}
INPUT = PLAIN | {"boxstyle": "square,pad=0.32", "facecolor": "#e8f1f8"}
KINK = PLAIN | {"boxstyle": "sawtooth,pad=0.4,tooth_size=0.16", "facecolor": "#fdebd0"}
OUTPUT_EDGE = {"linewidth": 1.8, "edgecolor": "black"}


def layers(P: Program) -> list[int]:
    """The layer of each node: the length of the longest path that leads to it from an input.

    >>> import selgrad as sg
    >>> layers(sg.trace(lambda t: sg.relu(-t) + t, 0.0))
    [0, 1, 2, 3]
    """
    depth = [0] * len(P.input_shapes)
    for _, instruction in P.lines():
        depth.append(1 + max(depth[j] for j in instruction.pr))
    return depth


@dataclass
class _Slot:
    """A place in a layer: a node, or a point that a long edge passes through."""

    layer: int
    before: list[int]
    y: float = 0.0


def positions(P: Program) -> tuple[list[tuple[float, float]], dict[tuple[int, int], list[tuple[float, float]]]]:
    """Where each node stands, and the points each edge (j, k) runs through, its ends included."""
    depth = layers(P)
    slots = [_Slot(d, []) for d in depth]
    routes: dict[tuple[int, int], list[int]] = {}
    for k, instruction in P.lines():
        for j in dict.fromkeys(instruction.pr):
            route = [j]
            for layer in range(depth[j] + 1, depth[k]):
                slots.append(_Slot(layer, [route[-1]]))
                route.append(len(slots) - 1)
            slots[k].before.append(route[-1])
            routes[j, k] = [*route, k]
    for layer in range(max(depth) + 1):
        # Sweeping once from left to right, each slot wants the mean height of what it reads.
        here = [i for i, slot in enumerate(slots) if slot.layer == layer]
        here.sort(key=lambda i: (-sum(slots[j].y for j in slots[i].before) / max(1, len(slots[i].before)), i))
        for place, i in enumerate(here):
            slots[i].y = (len(here) - 1) / 2 - place
    at = [(float(slot.layer), slot.y) for slot in slots]
    return at[: len(depth)], {edge: [at[i] for i in route] for edge, route in routes.items()}


def _curve(points: list[tuple[float, float]]) -> Path:
    """A smooth curve from left to right, horizontal at every point."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        vertices += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(vertices, codes)


def node_label(P: Program, k: int) -> str:
    """The name of a node and what is computed there."""
    first = len(P.input_shapes)
    text = "input" if k < first else right_side(P.line(k))
    return f"x{k}\n{text if len(text) <= 18 else text[:17] + '…'}"


def _draw(P: Program, ax: Axes) -> None:
    at, routes = positions(P)
    kinked, outputs = set(P.kinked()), set(P.outputs)
    for points in routes.values():
        ax.add_patch(PathPatch(_curve(points), facecolor="none", edgecolor="0.6", linewidth=0.9, zorder=1))
    for k, (x, y) in enumerate(at):
        look = INPUT if k < len(P.input_shapes) else KINK if k in kinked else PLAIN
        box = {**look, **(OUTPUT_EDGE if k in outputs else {})}
        ax.text(x, y, node_label(P, k), ha="center", va="center", fontsize=7.5, bbox=box, zorder=3)
    heights = [y for points in routes.values() for _, y in points] + [y for _, y in at]
    ax.set(xlim=(-0.6, max(x for x, _ in at) + 0.6), ylim=(min(heights) - 0.7, max(heights) + 0.7))
    ax.set_axis_off()


def describe(P: Program) -> str:
    """Alt text of a drawing: every line of the program, and which nodes have kinks."""
    first = len(P.input_shapes)
    lines = [f"x{j} input" for j in range(first)]
    lines += [f"x{k} = {right_side(i)}" for k, i in P.lines()]
    kinked = ", ".join(f"x{k}" for k in P.kinked()) or "none"
    return f"Graph of a program: {'; '.join(lines)}. Nodes with kinks: {kinked}."


def draw_program(P: Program, ax: Axes | None = None) -> Figure:
    """The graph of a program as a matplotlib Figure; kinked nodes have a serrated, orange box.

    Inputs are blue squares, outputs have a heavy outline. Raises TooLarge beyond 60 nodes. Show
    it with `selgrad.notebook.show(fig, title, describe(P))`.
    """
    if len(P.shapes) > MOST_NODES:
        raise TooLarge(f"A drawing of {len(P.shapes)} nodes is unreadable; {MOST_NODES} is the most.")
    if ax is None:
        at, routes = positions(P)
        tall = {y for points in routes.values() for _, y in points} | {y for _, y in at}
        wide = max(x for x, _ in at) + 1
        size = (min(5.5, 1.25 * wide + 0.3), 0.75 * (max(tall) - min(tall) + 1.4))
        with style():
            figure = Figure(figsize=size)
            ax = figure.subplots()
    else:
        figure = ax.get_figure(root=True)  # type: ignore[assignment]
    with style():
        _draw(P, ax)
    return figure  # type: ignore[return-value]
