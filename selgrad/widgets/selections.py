"""The selection explorer: one function, its pieces, and a choice of s where they meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from selgrad.differentiation.modes import backward_mode
from selgrad.selections.selection import Selection
from selgrad.widgets.base import App, View, listed, number
from selgrad.widgets.controls import Choice, Control, Menu, Number
from selgrad.widgets.scripts import script

SPAN, HEIGHT, CELLS = 3.0, 3.2, 96
LOW = -3.0  # where the point x is dragged
GRID = np.linspace(-SPAN, SPAN, CELLS + 1)  # every place of the slider is on it


@dataclass(frozen=True)
class Example:
    """Pieces of one function, the place where they meet, and the indices before and after it."""

    pieces: tuple[Callable, Callable]
    texts: tuple[str, str]
    tie: float
    sides: tuple[int, int] = (0, 1)

    def piece(self, i: int) -> Callable:
        """Piece i; number 2 is the mean (f_0 + f_1)/2."""
        f, g = self.pieces
        return (f, g, lambda t: 0.5 * (f(t) + g(t)))[i]


EXAMPLES = {
    "relu(t)": Example((lambda t: 0.0 * t, lambda t: 1.0 * t), ("0", "t"), 0.0),
    "|t|": Example((lambda t: -t, lambda t: 1.0 * t), ("-t", "t"), 0.0),
    "max(t/2, 2t - 3/2)": Example((lambda t: 0.5 * t, lambda t: 2.0 * t - 1.5), ("t/2", "2t - 3/2"), 1.0),
    "zero(t), Remark (a)": Example((lambda t: 0.0 * t, lambda t: 1.0 * t), ("0", "t"), 0.0, (0, 0)),
}
CHOICES = ("piece 0", "piece 1", "the mean piece")

# What is said and what stays as it is; the live page reads the same.
WORDS = {
    "status": "At x = {x}: f(x) = {value}, derivative {derivative}, active {pieces}, field D(x) = {field}.",
    "remark": "Where the pieces meet, at {tie}, s picks {choice}: there the selection derivative is {at_tie}.",
    "alt": "Left, the function {f} as a solid line over its two pieces, and the selection derivative dashed. Right, "
           "the field at x as a segment, and in it the derivative as a point. {status} {remark}",
    "mean": "their mean",
    "handle": "The point x to look at",
}
LEGEND = (("function", "function $f$"), ("piece-0", "piece 0"), ("piece-1", "piece 1"),
          ("derivative", "selection derivative"), ("ad-value", "on the tie"), ("beside-kink", "beside the tie"),
          ("ad-set", "field $D(x)$"))
PANELS: list[dict[str, Any]] = [
    {"width": 0.82, "x": [-SPAN, SPAN], "y": [-HEIGHT, HEIGHT], "xlabel": "$t$",
     "title": "$f$ and its selection derivative", "click": ["x", None]},
    {"width": 0.18, "x": [-1, 1], "y": [-HEIGHT, HEIGHT], "xticks": [], "title": "$D(x)$",
     "xlabel": "at $x$"},
]


def select(example: Example, choice: str) -> Selection:
    """The selection of an example in which s picks `choice` on the tie.

    The mean (f_0 + f_1)/2 is listed, as piece 2, only where it is picked: a further piece can
    enlarge the field even when s never picks it (Definition 5).
    """
    at_tie, (before, after) = CHOICES.index(choice), example.sides
    pieces = [example.piece(i) for i in range(max(2, at_tie + 1))]
    return Selection(lambda t: at_tie if t == example.tie else before if t < example.tie else after, pieces)


class SelectionExplorer(App):
    """Choose the index s where two pieces meet; the function stays, its derivative there does not.

    Controls: `f` (the function), `s` (what the index picks on the tie), `x` (where to look).
    `selection` is the selection shown.
    """

    name: ClassVar[str] = "selection-explorer"
    title: ClassVar[str] = "Selection explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "TensorFlow's relu": {},
        "relu with derivative 1 at 0": {"s": CHOICES[1]},
        "relu with derivative 1/2 at 0": {"s": CHOICES[2]},
        "the absolute value, derivative 0": {"f": "|t|", "s": CHOICES[2]},
        "zero of Remark (a)": {"f": "zero(t), Remark (a)", "s": CHOICES[1]},
        "a maximum at its tie": {"f": "max(t/2, 2t - 3/2)", "s": CHOICES[1], "x": 1.0},
    }

    def build(self) -> list[Control]:
        return [
            Menu("f", list(EXAMPLES), "relu(t)", "Function $f$", "The function and its pieces"),
            Choice("s", list(CHOICES), CHOICES[0], "On the tie $s$ picks", "The index s where the pieces meet"),
            Number("x", -SPAN, SPAN, 0.0, "Look at $x$", "Where value, derivative and active pieces are reported"),
        ]

    def look(self) -> View:
        name, choice, x = (self.controls[key].value for key in ("f", "s", "x"))
        example = EXAMPLES[name]
        f = self.selection = select(example, choice)
        pieces = [f.piece(i) for i in range(len(f.pieces))]
        t, tie, (i, j) = np.union1d(GRID, [example.tie]), example.tie, example.sides
        slopes = [np.broadcast_to(backward_mode(P, t), t.shape) for P in pieces]
        before, after, at_tie = (float(backward_mode(pieces[k], tie)) for k in (i, j, f.s(tie)))
        d = np.where(t < tie, slopes[i], slopes[j])
        d[t == tie] = np.nan if before != after else before
        sides = [[tie, v] for v in sorted({before, after} - {at_tie})]
        active, field = f.active(x), np.ravel(f.field(x).vertices)
        low, high = float(field.min()), float(field.max())
        here = {"x": x, "value": float(f(x)), "derivative": float(f.derivative(x))}
        texts = [f"{k} ({[*example.texts, WORDS['mean']][k]})" for k in active]
        said = {
            **{key: number(v) for key, v in here.items()}, "f": name, "choice": choice,
            "tie": number(tie), "at_tie": number(at_tie),
            "field": f"{{{number(low)}}}" if low == high else f"[{number(low)}, {number(high)}]",
            "pieces": f"{'piece' if len(active) == 1 else 'pieces'} {listed(texts)}",
        }
        for key in ("status", "remark", "alt"):
            said[key] = WORDS[key].format(**said)
        data = {"t": t, "f": f(t), "d": d, "tie": [tie], "at_tie": [at_tie], "sides": sides, "low": low,
                "high": high, **here, **{f"piece-{k}": pieces[k](t) for k in range(2)}}
        return View(said["status"], said["alt"], self._panels(data), LEGEND, said["remark"], data=data)

    def _panels(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        axis = {"mark": "rule", "look": "axis", "y": 0.0}
        lines = [("piece-0", "piece-0"), ("piece-1", "piece-1"), ("function", "f"), ("derivative", "d")]
        left = [
            axis, {"mark": "rule", "look": "at", "x": data["x"]},
            *[{"mark": "line", "look": look, "points": np.column_stack([data["t"], data[y]])} for look, y in lines],
            {"mark": "points", "look": "beside-kink", "points": data["sides"]},
            {"mark": "points", "look": "ad-value", "points": np.column_stack([data["tie"], data["at_tie"]])},
            {"mark": "handle", "look": "point", "x": data["x"], "y": LOW, "sets": ["x", None],
             "label": WORDS["handle"]},
        ]
        right = [
            axis, {"mark": "line", "look": "ad-set", "points": [[0.0, data["low"]], [0.0, data["high"]]]},
            {"mark": "points", "look": "ad-value", "points": [[0.0, data["derivative"]]]},
        ]
        return [{**panel, "marks": marks} for panel, marks in zip(PANELS, (left, right))]

    def given(self) -> dict[str, Any]:
        examples = {name: {"tie": e.tie, "sides": e.sides, "texts": e.texts} for name, e in EXAMPLES.items()}
        return {"examples": examples, "choices": CHOICES, "span": SPAN, "cells": CELLS, "words": WORDS,
                "legend": LEGEND, "panels": PANELS, "low": LOW}

    def programs(self) -> dict[str, str]:
        """The pieces of each function, their mean too."""
        return {f"{name} {i}": script(e.piece(i), 0.0) for name, e in EXAMPLES.items() for i in range(3)}
