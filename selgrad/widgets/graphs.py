"""The graph of a program as data for a picture: where its nodes and edges stand, and what is written on them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.plotting.dag import describe
from selgrad.plotting.layout import Graph, arranged
from selgrad.programs.listing import right_side
from selgrad.programs.program import Program

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
WIDE = 15  # letters in a line of a box
SMALLEST, EDGE = 760.0, 10.0  # the width of a picture: a small graph is not blown up; what is around it
STRAIGHT = 1.0  # pixels


def sub(k: Any) -> str:
    """A number below the line, in words: x₁₂.

    >>> "x" + sub(12)
    'x₁₂'
    """
    return str(k).translate(SUBSCRIPTS)


def short(x: float) -> str:
    """A number in the picture: five digits."""
    return f"{x + 0.0:.5g}".replace("-", "−")


def wrapped(name: str, values: np.ndarray | None) -> list[str]:
    """`name` = a number or a row of numbers, in lines that fit into a box.

    >>> wrapped("$dx_2$", np.array([0.25, -1.0, 0.03125]))
    ['$dx_2$ = (0.25,', '−1, 0.03125)']
    """
    if values is None or len(values) == 1:
        return [f"{name} = {'·' if values is None else short(values[0])}"]
    lines = [f"{name} = ({short(values[0])},"]
    for n, value in enumerate(values[1:], 2):
        word = short(value) + (")" if n == len(values) else ",")
        more = f"{lines[-1]} {word}"
        if letters(more) > WIDE:
            lines.append(word)
        else:
            lines[-1] = more
    return lines


def letters(text: str) -> int:
    """How many letters a text with mathematics shows.

    >>> letters("$x_{11}$ = relu($x_2$)")
    14
    """
    return len(re.sub(r"[$_{}]", "", text))


def titled(name: str, text: str) -> list[str]:
    """name = text, in one line or in two, the second of which may be cut off.

    >>> titled("$x_2$", "relu($x_1$)"), titled("$x_{12}$", "where($x_{11}$ > 0, $x_0$, $x_1$)")
    (['$x_2$ = relu($x_1$)'], ['$x_{12}$ = where', '($x_{11}$ > 0, $x_0$, …'])
    """
    text = text.replace("-", "−")
    if letters(f"{name} = {text}") <= WIDE:
        return [f"{name} = {text}"]
    head, bracket, rest = text.partition("(")
    if not head or letters(f"{name} = {head}") > WIDE:
        head, rest = "", text
    words = re.split(r"(\$[^$]*\$|[^$])", bracket + rest if head else rest)
    line = ""
    for n, word in enumerate(words):
        if letters(line + word) >= WIDE and any(words[n + 1 :]):
            return [f"{name} = {head}".rstrip(), line + "…"]
        line += word
    return [f"{name} = {head}".rstrip(), line]


def symbol(k: int) -> str:
    """The name of a node, typeset."""
    return f"$x_{{{k}}}$" if k > 9 else f"$x_{k}$"


def drawn(P: Program) -> dict[str, Any]:
    """The graph of P as data: where its nodes and edges stand, and what is written there whatever the inputs."""
    first, kinked = len(P.input_shapes), set(P.kinked())
    names, plain = [symbol(k) for k in range(P.m)], [f"x{sub(k)}" for k in range(P.m)]
    lines = [f"{name} = {right_side(i, plain)}" for name, (_, i) in zip(plain[first:], P.lines())]
    titles = [[f"{name}, input"] for name in names[:first]]
    titles += [titled(names[k], right_side(i, names)) for k, i in P.lines()]
    nodes = [{"title": title, "output": k in P.outputs,
              "kind": "input" if k < first else "kink" if k in kinked else "plain"} for k, title in enumerate(titles)]
    most = max(map(len, titles)) + 1
    places = {"backward": placed(arranged(P, WIDE, most + 1))}
    if first > 1:  # rows of numbers
        places["forward"] = placed(arranged(P, WIDE, most + first))
    return {"p": first, "output": P.outputs[0], "nodes": nodes, "places": places, "lines": ["input"] * first + lines,
            "graph": describe(P)}


def placed(G: Graph) -> dict[str, Any]:
    """Where nodes and edges stand, as data, in a panel with a little room around them."""
    width, height = max(G.size[0] + 2 * EDGE, SMALLEST), G.size[1] + 2 * EDGE
    left = (G.size[0] - width) / 2
    panel = {"width": 1, "aspect": height / width, "x": [left, left + width], "y": [-EDGE, height - EDGE],
             "frame": False}
    edges = [{"from": j, "to": k, "points": rounded(bent(points)), "at": rounded([G.slopes[j, k]])[0]}
             for (j, k), points in G.edges.items()]
    return {"box": list(G.box), "at": rounded(G.nodes), "edges": edges, "panel": panel}


def rounded(points: list[tuple[float, float]]) -> list[list[int]]:
    """Points in whole pixels."""
    return [[round(x), round(y)] for x, y in points]


def bent(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A polygonal line without the points that are hardly off the way from the one before to the next.

    >>> bent([(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (3.0, 2.0)])
    [(0.0, 0.0), (2.0, 0.0), (3.0, 2.0)]
    """
    kept = [points[0]]
    for (x, y), (after_x, after_y) in pairwise(points[1:]):
        (dx, dy), (ex, ey) = (x - kept[-1][0], y - kept[-1][1]), (after_x - kept[-1][0], after_y - kept[-1][1])
        if abs(dx * ey - dy * ex) > STRAIGHT * np.hypot(ex, ey):
            kept.append((x, y))
    return [*kept, points[-1]]
