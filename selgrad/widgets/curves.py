"""The curve explorer: Theorem 3 along a curve that one can bend."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any, ClassVar

import numpy as np

from selgrad.counterexamples.fields import added
from selgrad.examples.paper import zero
from selgrad.geometry.jacobians import JacobianSet
from selgrad.plotting.planes import profile, walls
from selgrad.programs.program import Program
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import Conservativity, check_conservative
from selgrad.tracing import trace
from selgrad.widgets.base import App, View, number
from selgrad.widgets.controls import Choice, Control, Menu, Number
from selgrad.widgets.fields import NETWORK, SPAN, drawn, typeset, vector, wall_marks
from selgrad.widgets.fields import PROGRAMS as MORE
from selgrad.widgets.scripts import script

BOTH = "|x1| + max(x1, x2)"
PROGRAMS: dict[str, Callable] = {  # piecewise affine ones: breakpoints are found, and nothing is sampled
    BOTH: lambda x: np.abs(x[0]) + np.maximum(x[0], x[1]),
    "zero(x1)": lambda x: zero(x[0]),
    **{name: f for name, f in MORE.items() if "²" not in name},
}

ADDED = "tied slopes added (wrong)"
FIELDS: dict[str, Callable[[Program, Any], JacobianSet]] = {
    "everything AD could return": conservative,
    "Clarke's subdifferential": lambda P, x: clarke(P, x).inner,
    ADDED: lambda P, x: added(P)(x),
}
STARTS = {"a": (-1.5, 0.5), "b": (0.0, 0.0), "c": (1.25, 1.25)}

TEXTS = {
    "right": "f grows by {rise}, and both integrals are the increment.",
    "wrong": "f grows by {rise}; the field integrates to between {low} and {high}: they miss it by {gap}, the field is "
             "not conservative.",
    "remark": "Along A = {a}, B = {b}, C = {c}, in {parts} affine part{s}.",
    "alt": "Left: the kinks of the program f = {program} as lines, and the curve A, B, C. Right: the growth of f along "
           "the curve, and the largest and smallest integral of the field. {status} {remark}",
}
LEGEND = (("wall", "kinks"), ("curve", "curve"), ("growth", "growth of $f$"),
          ("integral", "largest and smallest integral"), ("crossing", "kinks met"))
PLANE = {"width": 1, "equal": True, "x": [-SPAN, SPAN], "y": [-SPAN, SPAN], "xlabel": "$x_1$", "ylabel": "$x_2$",
         "xticks": [-2, -1, 0, 1, 2], "yticks": [-2, -1, 0, 1, 2]}
GROWTH = {"width": 1.15, "x": [0, 1], "xlabel": "along the curve", "xticks": [[0, "A"], [0.5, "B"], [1, "C"]]}
APART = 0.25  # letters; in every corner there are nine places for the three of them
BESIDE = [(right * a, up * b) for a, b in sorted(product((0.1875, 0.5, 0.8125), repeat=2), key=max)
          for up in (1, -1) for right in (1, -1)]


def pieces_of(found: list[np.ndarray]) -> list[np.ndarray]:
    """Walls (2, 2), cut where they meet each other: along each piece the same pieces of the program are active.

    >>> cross = [np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, -1.0]])]
    >>> [piece.tolist() for piece in pieces_of(cross)][:2]
    [[[-1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]]]
    """
    parts = []
    for a, b in found:
        cuts = {0.0, 1.0}
        for p, q in found:
            M = np.stack([b - a, p - q], axis=1)
            if abs(np.linalg.det(M)) > 1e-9:
                t, u = np.linalg.solve(M, p - a)
                if 1e-9 < t < 1 - 1e-9 and -1e-9 < u < 1 + 1e-9:
                    cuts.add(round(float(t), 12))
        parts += [np.array([a + s * (b - a), a + t * (b - a)]) for s, t in pairwise(sorted(cuts))]
    return parts


def inner(t: np.ndarray) -> np.ndarray:
    """Which breakpoints are no corners of the curve."""
    return (t > 0) & (t != 0.5) & (t < 1)


def places(points: np.ndarray) -> list[list[float]]:
    """Points for a picture, whatever the last bits of breakpoints."""
    return drawn(np.round(points, 9))


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
        self._traced: str | None = None
        super().__init__()

    def build(self) -> list[Control]:
        return [
            Menu("program", list(PROGRAMS), BOTH, "Program", "The program of two numbers"),
            Choice("field", list(FIELDS), next(iter(FIELDS)), "Field", "Which set of derivatives to integrate"),
            *(Number(f"{point}{i}", -SPAN, SPAN, value, f"Point ${point.upper()}_{i}$",
                     f"Coordinate {i} of point {point.upper()}")
              for point, start in STARTS.items() for i, value in enumerate(start, 1)),
        ]

    def look(self) -> View:
        name, chosen = (self.controls[key].value for key in ("program", "field"))
        if self._traced != name:
            self._traced, self.program = name, trace(PROGRAMS[name], np.zeros(2))
            self._walls = walls(self.program, -SPAN, SPAN)
        P, field = self.program, lambda x: FIELDS[chosen](self.program, x)
        corners = np.array([[self.controls[f"{point}{i}"].value for i in (1, 2)] for point in STARTS])
        v = self.verdict = check_conservative(P, field, corners)
        data = profile(P, field, corners, v.breakpoints) | {
            "corners": corners, "walls": np.concatenate([np.zeros((0, 2)), *self._walls])}
        status, remark = self._words(corners, v)
        alt = TEXTS["alt"].format(program=name, status=status, remark=remark)
        panels = [{**PLANE, "title": typeset(name), "marks": self._plane(data)}, {**GROWTH, **self._growth(data)}]
        return View(status, alt, panels, LEGEND, remark, data=data)

    def _words(self, corners: np.ndarray, v: Conservativity) -> tuple[str, str]:
        rise, low, high, gap = (number(round(float(x), 9)) for x in (v.increment, v.smallest, v.largest, v.gap))
        status = TEXTS["right" if v.conservative else "wrong"].format(rise=rise, low=low, high=high, gap=gap)
        parts = len(v.breakpoints) + 1
        remark = TEXTS["remark"].format(parts=parts, s="" if parts == 1 else "s",
                                        **{point: vector(at) for point, at in zip(STARTS, corners)})
        return status, remark

    def _plane(self, data: dict[str, np.ndarray]) -> list[dict[str, Any]]:
        marks = wall_marks(self._walls)
        marks += [{"mark": "line", "look": "curve", "points": data["corners"]},
                  {"mark": "points", "look": "crossing", "points": places(data["points"][inner(data["t"])])}]
        taken: list[tuple[float, float]] = []
        for point, (x, y) in zip(STARTS, data["corners"]):
            marks.append({"mark": "handle", "look": "curve-point", "x": x, "y": y, "sets": [f"{point}1", f"{point}2"],
                          "label": f"Point {point.upper()}"})
            at = next((x + dx, y + dy) for dx, dy in BESIDE if max(abs(x + dx), abs(y + dy)) <= SPAN and all(
                max(abs(x + dx - a), abs(y + dy - b)) > APART for a, b in taken))
            taken.append(at)
            marks.append({"mark": "text", "look": "letter", "x": at[0], "y": at[1], "text": point.upper()})
        return marks

    def _growth(self, data: dict[str, np.ndarray]) -> dict[str, Any]:
        """The limits and the marks of the panel at the right."""
        t, f, ends = data["t"], data["increment"], [data["largest"], data["smallest"]]
        low, high = (round(float(x), 9) for x in (np.min([*ends, f]), np.max([*ends, f])))
        pad = 0.05 * (high - low) + 0.1  # and on to a grid, so that the axis does not jump at every move
        between = np.concatenate([np.stack([t, ends[0]], axis=-1), np.stack([t, ends[1]], axis=-1)[::-1]])
        line = places(np.stack([t, f], axis=-1))
        marks = [{"mark": "area", "look": "between", "points": places(between)},
                 {"mark": "rule", "look": "axis", "y": 0.0},
                 {"mark": "line", "look": "growth", "points": line},
                 *({"mark": "line", "look": "integral", "points": places(np.stack([t, end], axis=-1))} for end in ends),
                 {"mark": "points", "look": "crossing", "points": [p for p, met in zip(line, inner(t)) if met]}]
        return {"y": [float(np.floor(2 * (low - pad)) / 2), float(np.ceil(2 * (high + pad)) / 2)], "marks": marks}

    def given(self) -> dict[str, Any]:
        """Sentences and, by program, the walls, and their pieces with the vertices of both sets along each.

        Off the walls both sets are the gradient.
        """
        found = {}
        for name, f in PROGRAMS.items():
            P = trace(f, np.zeros(2))
            lines, pieces = walls(P, -SPAN, SPAN), []
            for piece in pieces_of(lines):
                middle = piece.mean(axis=0)
                sets = [D.boundary() for D in (conservative(P, middle), clarke(P, middle).inner)]
                pieces.append({"ends": piece.tolist(), "sets": [s.tolist() for s in sets]})
            found[name] = {"title": typeset(name), "walls": wall_marks(lines), "pieces": pieces}
        return {"texts": TEXTS, "legend": LEGEND, "plane": PLANE, "growth": GROWTH, "fields": list(FIELDS),
                "span": SPAN, "beside": BESIDE, "apart": APART, "kinks": found}

    def programs(self) -> dict[str, str]:
        return {name: script(f, np.zeros(2)) for name, f in PROGRAMS.items()}
