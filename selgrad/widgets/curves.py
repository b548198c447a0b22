"""The curve explorer: Theorem 3 along a curve that one can bend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from selgrad.counterexamples.fields import added
from selgrad.examples.paper import zero
from selgrad.geometry.jacobians import JacobianSet
from selgrad.plotting import FUNCTION, PALETTE
from selgrad.plotting.planes import AD_SET, WALL, profile, walls
from selgrad.programs.program import Program
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import Conservativity, check_conservative
from selgrad.tracing import trace
from selgrad.widgets.base import LABEL, SUB, App, Number, View, number
from selgrad.widgets.fields import NETWORK, SPAN, vector
from selgrad.widgets.fields import PROGRAMS as MORE

BOTH = "|x1| + max(x1, x2)"
PROGRAMS: dict[str, Callable] = {  # piecewise affine ones: breakpoints are found, and nothing is sampled
    BOTH: lambda x: np.abs(x[0]) + np.maximum(x[0], x[1]),
    "zero(x1)": lambda x: zero(x[0]),
    **{name: f for name, f in MORE.items() if "²" not in name},
}


FIELDS: dict[str, Callable[[Program, Any], JacobianSet]] = {
    "everything AD could return": conservative,
    "Clarke's subdifferential": lambda P, x: clarke(P, x).inner,
    "tied slopes added (wrong)": lambda P, x: added(P)(x),
}
ADDED = "tied slopes added (wrong)"
HALO = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}  # a letter is read on a line too
GROWTH: dict[str, Any] = FUNCTION | {"linewidth": 3.0}  # thick, so that the integrals are seen to lie on it


class CurveExplorer(App):
    """Bend a curve A, B, C and see both extreme integrals of a field along it, beside the increment of f.

    Controls: `program`, `field`, `a1`, `a2`, `b1`, `b2`, `c1`, `c2`. `verdict` is what `check_conservative`
    says of the curve shown. Source: Theorem 3.
    """

    name: ClassVar[str] = "curve-explorer"
    title: ClassVar[str] = "Curve explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "the same curve, a wrong rule": {"field": ADDED},
        "a wrong rule that is not seen": {"field": ADDED, "b1": 0.5, "b2": 1.5, "c1": 1.5, "c2": -1.0},
        "inside a useless kink": {"program": "zero(x1)", "a1": 0.0, "a2": -1.5, "b1": 0.0, "b2": 1.0,
                                  "c1": 1.0, "c2": 1.5},
        "through an artificial point": {"program": NETWORK, "a1": -1.0, "a2": -1.0, "b1": 0.0, "b2": 0.0,
                                        "c1": 1.0, "c2": 1.0},
        "there and back": {"program": NETWORK, "a1": -1.5, "a2": 0.5, "b1": 1.0, "b2": -1.0, "c1": -1.5, "c2": 0.5},
        "kinks inside kinks, Clarke": {"program": "| |x1| - |x2| |", "field": "Clarke's subdifferential",
                                       "a1": -1.5, "a2": -1.5, "b1": 1.0, "b2": 1.0, "c1": 1.5, "c2": -1.5},
    }

    def __init__(self) -> None:
        self._shown: str | None = None
        super().__init__()

    def build(self) -> list[ipywidgets.Widget]:
        wide = {"width": "34em"}
        program = ipywidgets.Dropdown(options=list(PROGRAMS), description="Program", style=LABEL, layout=wide,
                                      tooltip="The program of two numbers")
        field = ipywidgets.Dropdown(options=list(FIELDS), description="Field", style=LABEL, layout=wide,
                                    tooltip="Which set of derivatives to integrate")
        self.controls |= {"program": program, "field": field}
        rows: list[ipywidgets.Widget] = [program, field]
        for point, start in {"a": (-1.5, 0.5), "b": (0.0, 0.0), "c": (1.25, 1.25)}.items():
            boxes = [Number(-SPAN, SPAN, value, f"Point {point.upper()}, x{SUB[i]}",
                            f"Coordinate {i} of {point.upper()}")
                     for i, value in enumerate(start, 1)]
            self.controls |= {f"{point}{i}": box.slider for i, box in enumerate(boxes, 1)}
            rows.append(ipywidgets.HBox([box.row() for box in boxes], layout={"flex_flow": "row wrap"}))
        return rows

    def figure(self, figure: Figure) -> None:
        plane = figure.add_axes((0.075, 0.15, 0.36, 0.707), aspect="equal")
        plane.set(xlim=(-SPAN, SPAN), ylim=(-SPAN, SPAN), xticks=[-2, 2], yticks=[-2, 2])
        plane.set_xlabel("$x_1$", labelpad=-6)
        plane.set_ylabel("$x_2$", labelpad=-8, rotation=0, va="center")
        self._walls = LineCollection([], colors=WALL["color"], linewidths=WALL["linewidth"])
        plane.add_collection(self._walls)
        (self._curve,) = plane.plot([], [], color=PALETTE["green"], linewidth=1.8, marker="o", markersize=3.5, zorder=3)
        self._letters = [plane.text(0, 0, letter, ha="center", bbox=HALO, zorder=4) for letter in "ABC"]
        graph = self._graph = figure.add_axes((0.53, 0.15, 0.45, 0.707))
        graph.set(xlim=(0, 1), xticks=[0, 0.5, 1], xlabel="along the curve")
        graph.set_xticklabels(["A", "B", "C"])
        self._between = graph.fill([0, 0, 0], [0, 0, 0], color="#FAE7C4", linewidth=0, zorder=0)[0]
        (self._f,) = graph.plot([], [], label="growth of f", **GROWTH)
        self._ends = [graph.plot([], [], label=label, zorder=4, **AD_SET)[0]
                      for label in ("largest and smallest integral", None)]
        figure.legend(loc="upper center", ncols=2, handlelength=3)

    def look(self) -> View:
        name, chosen = (self.controls[key].value for key in ("program", "field"))
        if self._shown != name:
            self._shown, self.program = name, trace(PROGRAMS[name], np.zeros(2))
            self._found = walls(self.program, -SPAN, SPAN)
        P, field = self.program, lambda x: FIELDS[chosen](self.program, x)
        corners = np.array([[self.controls[f"{point}{i}"].value for i in (1, 2)] for point in "abc"])
        v = self.verdict = check_conservative(P, field, corners)
        data = profile(P, field, corners, v.breakpoints) | {
            "corners": corners, "walls": np.concatenate([np.zeros((0, 2)), *self._found])}
        status = f"f = {name}, field: {chosen}. {self._words(corners, v)}"
        alt = ("Left: the kinks of the program as lines, and the curve A, B, C. Right: the growth of f along the "
               f"curve, and the largest and smallest integral of the field. {status}")
        return View(status, alt, data)

    def _words(self, corners: np.ndarray, v: Conservativity) -> str:
        way = ", ".join(f"{letter} = {vector(point)}" for letter, point in zip("ABC", corners))
        rise, low, high = (number(round(float(x), 9)) for x in (v.increment, v.smallest, v.largest))
        verdict = ("both integrals are the increment" if v.conservative else
                   f"they miss it by {number(round(float(v.gap), 9))}, the field is not conservative")
        return (f"Along {way}, in {len(v.breakpoints) + 1} affine parts, f grows by {rise}; the field integrates to "
                f"between {low} and {high}: {verdict}.")

    def draw(self, view: View) -> None:
        data = view.data
        self._walls.set_segments(self._found)
        self._curve.set_data(*np.asarray(data["corners"]).T)
        for text, (x, y) in zip(self._letters, data["corners"]):
            text.set_position((x, min(y + 0.16, SPAN)))
        t, ends = data["t"], [data["largest"], data["smallest"]]
        self._f.set_data(t, data["increment"])
        for line, values in zip(self._ends, ends):
            line.set_data(t, values)
        self._between.set_xy(np.concatenate([np.stack([t, ends[0]], axis=-1), np.stack([t, ends[1]], axis=-1)[::-1]]))
        low, high = float(np.min(ends)), float(np.max(ends))
        pad = 0.05 * (high - low) + 0.1  # and on to a grid, so that the axis does not jump at every move
        self._graph.set_ylim(np.floor(2 * (low - pad)) / 2, np.ceil(2 * (high + pad)) / 2)
