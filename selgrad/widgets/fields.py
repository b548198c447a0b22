"""The field explorer: a point in the plane of a program, and its derivatives in the dual plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from selgrad.examples.networks import three_neurons
from selgrad.examples.paper import zero
from selgrad.plotting import AD_VALUE
from selgrad.plotting.planes import (
    AD_SET,
    CLARKE_OUTER,
    CLARKE_SET,
    WALL,
    ZERO,
    Outline,
    boundary,
    square_around,
    walls,
)
from selgrad.programs.program import Program
from selgrad.sets.verdicts import SENTENCES, Verdict, classify
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import LABEL, SUB, App, Number, View, listed, number

SPAN = 2.0


def between(x: Any) -> Any:
    """Positive between two parabolas that touch at 0, where first order cannot tell them apart."""
    return relu(x[1] - x[0] * x[0]) - relu(x[1] - 2 * x[0] * x[0])


NETWORK = "relu(-x1) + relu(-x2) - relu(x1 + x2)"
PROGRAMS: dict[str, Callable] = {
    NETWORK: three_neurons,
    "|x1| + zero(x2)": lambda x: np.abs(x[0]) + zero(x[1]),
    "x1 + zero(x2) - zero(x1)": lambda x: x[0] + zero(x[1]) - zero(x[0]),
    "max(min(x1, -x2), x2 - x1)": lambda x: np.maximum(np.minimum(x[0], -x[1]), x[1] - x[0]),
    "| |x1| - |x2| |": lambda x: np.abs(np.abs(x[0]) - np.abs(x[1])),
    "max(x1, x2, x1 + x2)": lambda x: np.max(np.stack([x[0], x[1], x[0] + x[1]])),
    "relu(x2 - x1²) - relu(x2 - 2x1²)": between,
    "relu(x2 - x1²) - relu(x2 - 2x1²) + x2/2": lambda x: between(x) + 0.5 * x[1],
}
YOURS = "your program"


def vector(v: Any) -> str:
    """A vector in words."""
    return f"({', '.join(number(round(float(entry), 6)) for entry in np.ravel(v))})"


def of_two_numbers(f: Callable | Program) -> Program:
    """f, a function of an array of two numbers, as a program; raises ValueError for another shape."""
    P = f if isinstance(f, Program) else trace(f, np.zeros(2))
    if P.input_shapes != ((2,),) or P.shapes[P.outputs[0]] != () or len(P.outputs) != 1:
        raise ValueError("The explorer shows a function of an array of two numbers: f(x) with x[0], x[1], a number.")
    return P


class FieldExplorer(App):
    """Move a point in the plane; see everything AD could return there, Clarke's bounds and the verdict.

    FieldExplorer(f) shows your own function of an array of two numbers. Controls: `program`, `x1`, `x2`.
    `verdict` is the verdict shown. Sources: Definition 5, Section 5.2; the bounds are ours.
    """

    name: ClassVar[str] = "field-explorer"
    title: ClassVar[str] = "Field explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "beside the artificial point": {"x1": 0.0625, "x2": 0.0625},
        "one kink, away from the others": {"x1": 1.0, "x2": -1.0},
        "a minimum, with a useless kink": {"program": "|x1| + zero(x2)"},
        "an artificial critical point": {"program": "x1 + zero(x2) - zero(x1)"},
        "critical, yet not a minimum": {"program": "max(min(x1, -x2), x2 - x1)"},
        "kinks inside kinks": {"program": "| |x1| - |x2| |"},
        "kinks inside kinks, on one wall": {"program": "| |x1| - |x2| |", "x1": 1.0, "x2": 1.0},
        "a maximum of three": {"program": "max(x1, x2, x1 + x2)"},
        "first order does not tell": {"program": "relu(x2 - x1²) - relu(x2 - 2x1²)"},
        "undecided": {"program": "relu(x2 - x1²) - relu(x2 - 2x1²) + x2/2"},
    }

    def __init__(self, f: Callable | Program | None = None):
        self._programs = dict(PROGRAMS) if f is None else {YOURS: f, **PROGRAMS}
        self._traced: dict[str, Program] = {}
        self._shown: str | None = None
        if f is not None:
            self._traced[YOURS] = of_two_numbers(f)
        super().__init__()

    def build(self) -> list[ipywidgets.Widget]:
        wide = {"width": "34em"}
        program = ipywidgets.Dropdown(options=list(self._programs), description="Program", style=LABEL, layout=wide,
                                      tooltip="The program of two numbers")
        x1, x2 = (Number(-SPAN, SPAN, 0.0, f"Point x{SUB[i]}", f"Coordinate {i} of the point") for i in (1, 2))
        self.controls |= {"program": program, "x1": x1.slider, "x2": x2.slider}
        return [program, x1.row(), x2.row()]

    def figure(self, figure: Figure) -> None:
        figure.set_size_inches(5.5, 3.15)
        plane = figure.add_axes((0.075, 0.1334, 0.4, 0.6984), aspect="equal")
        plane.set(xlim=(-SPAN, SPAN), ylim=(-SPAN, SPAN), xticks=[-2, 2], yticks=[-2, 2], title="kinks, and x")
        plane.set_xlabel("$x_1$", labelpad=-6)
        plane.set_ylabel("$x_2$", labelpad=-8, rotation=0, va="center")
        self._walls = LineCollection([], colors=WALL["color"], linewidths=WALL["linewidth"])
        plane.add_collection(self._walls)
        (self._x,) = plane.plot([], [], marker="o", color="black", markersize=4.5, linestyle="none", clip_on=False)
        dual = self._dual = figure.add_axes((0.585, 0.1334, 0.4, 0.6984), aspect="equal")
        dual.set(title="derivatives at x")
        dual.set_xlabel("derivative in $x_1$", labelpad=0)
        dual.set_ylabel("derivative in $x_2$", labelpad=2)
        dual.locator_params(nbins=5, integer=True)
        self._sets = {
            "field": Outline(dual, AD_SET | {"linewidth": 3.6, "linestyle": "-"}, "all AD could return"),
            "outer": Outline(dual, CLARKE_OUTER, "Clarke, outer", zorder=3),
            "inner": Outline(dual, CLARKE_SET, "Clarke, inner", zorder=4),
        }
        (self._ad,) = dual.plot([], [], label="AD", **AD_VALUE)
        self._ad.set_markersize(7.5)  # seen around a cross at 0
        dual.plot([0], [0], label="0", **ZERO)
        figure.legend(loc="upper center", ncols=5, handlelength=2.6, columnspacing=1.2)

    def refresh(self) -> None:
        name = self.controls["program"].value
        if name not in self._traced:
            self._traced[name] = of_two_numbers(self._programs[name])
        self.program = self._traced[name]

    def look(self) -> View:
        name, x1, x2 = (self.controls[key].value for key in ("program", "x1", "x2"))
        x = np.array([x1, x2])
        v = self.verdict = classify(self.program, x)
        field, inner, outer = (boundary(D) for D in (v.field, v.clarke.inner, v.clarke.outer))
        status = f"f = {name} at x = {vector(x)}: {v.kind}. {self._words(v, len(field), len(inner))}"
        alt = (f"Left: the kinks of the program as lines, and the point x. Right: the set D_P with vertices "
               f"{listed([vector(g) for g in field])}, Clarke's inner bound with vertices "
               f"{listed([vector(g) for g in inner])}, AD's value and 0. {status}")
        data = {"x": x, "field": field, "inner": inner, "outer": outer, "ad": v.ad,
                "walls": np.concatenate([np.zeros((0, 2)), *self._lines(name)])}
        return View(status, alt, data, f"{v.kind}: {SENTENCES[v.kind]}")

    def _words(self, v: Verdict, field: int, inner: int) -> str:
        said = {True: "lies in", False: "lies outside", None: "may or may not lie in"}[v.ad_is_clarke]
        away = {k: number(round(d, 6)) for k, d in (("D_P", v.zero_to_field), ("inner", v.zero_to_inner))}
        if v.clarke.exact:
            bounds = f"Clarke's set, known exactly, {inner}"
            zero_is = f"0 is {away['D_P']} away from D_P and {away['inner']} from Clarke's set."
        else:
            bounds = f"Clarke's set is not known exactly, its inner bound has {inner}"
            zero_is = (f"0 is {away['D_P']} away from D_P, {away['inner']} from the inner bound of Clarke's set and "
                       f"{number(round(v.zero_to_outer, 6))} from the outer one.")
        vertices = f"D_P has {field} {'vertex' if field == 1 else 'vertices'}, {bounds}."
        return f"AD returns {vector(v.ad)}, which {said} Clarke's subdifferential. {vertices} {zero_is}"

    def _lines(self, name: str) -> list[np.ndarray]:
        """The walls of the program shown, found once."""
        if self._shown != name:
            self._shown, self._found = name, walls(self.program, -SPAN, SPAN)
        return self._found

    def draw(self, view: View) -> None:
        data = view.data
        self._walls.set_segments(self._found)
        self._x.set_data(data["x"][:1], data["x"][1:])
        for key, outline in self._sets.items():
            outline.show(np.asarray(data[key]))
        self._ad.set_data(data["ad"][:1], data["ad"][1:])
        xlim, ylim = square_around(data["field"], data["outer"], data["ad"], pad=0.4)
        self._dual.set(xlim=xlim, ylim=ylim)
