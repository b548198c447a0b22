"""The field explorer: a point in the plane of a program, and its derivatives in the dual plane."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from selgrad.errors import SelgradError
from selgrad.examples.networks import three_neurons
from selgrad.examples.paper import zero
from selgrad.plotting.planes import square_around, walls
from selgrad.programs.program import Program
from selgrad.sets.verdicts import SENTENCES, Verdict, classify
from selgrad.tracing import trace
from selgrad.tracing.operations import relu
from selgrad.widgets.base import App, View, listed, number
from selgrad.widgets.controls import STEP, Control, Menu, Number
from selgrad.widgets.faces import PARTS, around, faces
from selgrad.widgets.scripts import script

SPAN = 2.0
SOMEWHERE = np.array([0.5, 0.25])  # where programs are recorded: at 0, log has no value
GRID = np.arange(-SPAN, SPAN + STEP, STEP)


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
WORDS: dict[str, Any] = {
    "status": "At x = {x}: {kind}. AD returns {ad}, which {said} Clarke's subdifferential.",
    "in": "lies in", "out": "lies outside", "unknown": "may or may not lie in",
    "kinds": {kind: sentence[0].upper() + sentence[1:] for kind, sentence in SENTENCES.items()},
    "remark": "{sentence} {sets} {zero}",
    "exact": "$D_P$ has {field}; Clarke's set, known exactly, has {inner}.",
    "bounds": "$D_P$ has {field}; Clarke's set is not known exactly, its inner bound has {inner}.",
    "zero": "0 is {field} away from $D_P$ and {inner} from Clarke's set.",
    "zero, bounds": "0 is {field} away from $D_P$, {inner} from the inner bound of Clarke's set and {outer} from the "
                    "outer one.",
    "not here": "$D_P$ has {field}. Clarke's set at such a point is not known to this page: run the notebook.",
    "not known": "not known",
    "one": "1 vertex", "many": "{n} vertices",
    "nothing": "At x = {x} nothing can be said: {problem}",
    "plane": "Left: the kinks of the program f = {program} as lines, and the point x.",
    "alt": "{plane} Right: the set D_P with vertices {field}, Clarke's inner bound with vertices {inner}, AD's value "
           "and 0. {status}",
    "drag": "The point $x$",
}
LEGEND = [("ad-set", "$D_P$: all AD could return"), ("clarke-outer", "Clarke, outer bound"),
          ("clarke-inner", "Clarke, inner bound"), ("ad-gradient", "AD"), ("zero", "0")]
EXACT = [LEGEND[0], ("clarke-inner", "Clarke's set"), *LEGEND[3:]]
PLANE = {"width": 0.5, "equal": True, "x": [-SPAN, SPAN], "y": [-SPAN, SPAN], "xlabel": "$x_1$", "ylabel": "$x_2$",
         "xticks": [-2, -1, 0, 1, 2], "yticks": [-2, -1, 0, 1, 2], "click": ["x1", "x2"]}
DUAL = {"width": 0.5, "equal": True, "xlabel": "derivative in $x_1$", "ylabel": "derivative in $x_2$",
        "title": "derivatives at $x$"}


def typeset(program: str) -> str:
    """The name of a program with its letters as mathematics.

    >>> typeset("max(x1, -x2)")
    '$f$ = max($x_1$, −$x_2$)'
    """
    return "$f$ = " + re.sub(r"x([12])", r"$x_\1$", program.replace("-", "\N{MINUS SIGN}"))


def vector(v: Any) -> str:
    """A vector in words."""
    return f"({', '.join(map(number, np.round(np.ravel(np.asarray(v, dtype=float)), 6)))})"


def of_two_numbers(f: Callable | Program) -> Program:
    """f, a function of an array of two numbers, as a program; raises ValueError for another shape."""
    P = f if isinstance(f, Program) else trace(f, SOMEWHERE)
    if P.input_shapes != ((2,),) or P.shapes[P.outputs[0]] != () or len(P.outputs) != 1:
        raise ValueError("The explorer shows a function of an array of two numbers: f(x) with x[0], x[1], a number.")
    return P


def outline(look: str, vertices: Any) -> list[dict[str, Any]]:
    """The marks of a convex set with these vertices in order."""
    corners = [list(map(float, v)) for v in vertices]
    if len(corners) == 1:
        return [{"mark": "points", "look": f"{look}-point", "points": corners}]
    lines: list[dict[str, Any]] = [{"mark": "line", "look": look, "points": [*corners, corners[0]]}]
    if len(corners) > 2:
        lines.insert(0, {"mark": "area", "look": f"{look}-area", "points": corners})
    return lines


class FieldExplorer(App):
    """Move a point in the plane; see everything AD could return there, Clarke's bounds and the verdict.

    FieldExplorer(f) shows your own function of an array of two numbers. Controls: `program`, `x1`, `x2`; the point
    is also set by a click in the plane, and dragged. `verdict` is the verdict shown. Sources: Definition 5,
    Section 5.2; the bounds are ours.
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
        "curvature decides": {"program": "relu(x2 - x1²) - relu(x2 - 2x1²) + x2/2"},
    }

    def __init__(self, f: Callable | Program | None = None):
        self._functions = dict(PROGRAMS) if f is None else {YOURS: f, **PROGRAMS}
        self._traced: dict[str, tuple[Program, list[np.ndarray]]] = {}
        if f is not None:
            of_two_numbers(f)
        super().__init__()

    def build(self) -> list[Control]:
        names = list(self._functions)
        return [
            Menu("program", names, names[0], "Program", "The program of two numbers"),
            Number("x1", -SPAN, SPAN, 0.0, "Point $x_1$", "Coordinate 1 of the point"),
            Number("x2", -SPAN, SPAN, 0.0, "Point $x_2$", "Coordinate 2 of the point"),
        ]

    @property
    def program(self) -> Program:
        """The program shown."""
        return self._known(self.controls["program"].value)[0]

    def _known(self, name: str) -> tuple[Program, list[np.ndarray]]:
        """A program and its walls, found once."""
        if name not in self._traced:
            P = of_two_numbers(self._functions[name])
            try:
                self._traced[name] = P, walls(P, -SPAN, SPAN)
            except SelgradError:  # somewhere in the square it has no value
                self._traced[name] = P, []
        return self._traced[name]

    @cached_property
    def _scripts(self) -> dict[str, str]:
        """The programs in JavaScript."""
        return {name: script(self._known(name)[0], parts=PARTS) for name in self._functions}

    def look(self) -> View:
        name, x1, x2 = (self.controls[key].value for key in ("program", "x1", "x2"))
        P, lines = self._known(name)
        plane = {**PLANE, "title": typeset(name), "marks": [
            *wall_marks(lines), {"mark": "handle", "look": "point", "x": x1, "y": x2, "sets": ["x1", "x2"],
                                 "label": WORDS["drag"]}]}
        data = {"x": [x1, x2], "walls": np.concatenate([np.zeros((0, 2)), *lines])}
        try:
            v = classify(P, np.array([x1, x2]))
            field, inner, outer = (around(D) for D in (v.field, v.clarke.inner, v.clarke.outer))
        except SelgradError as problem:  # of your own program
            status = WORDS["nothing"].format(x=vector([x1, x2]), problem=problem)
            nothing = {**DUAL, "x": [-1, 1], "y": [-1, 1], "marks": []}
            return View(status, f"{WORDS['plane'].format(program=name)} {status}", [plane, nothing], data=data)
        self.verdict = v
        ad = np.asarray(v.ad, dtype=float)
        status = WORDS["status"].format(x=vector([x1, x2]), kind=v.kind, ad=vector(ad), said=WORDS[
            {True: "in", False: "out", None: "unknown"}[v.ad_is_clarke]])
        alt = WORDS["alt"].format(plane=WORDS["plane"].format(program=name), field=listed([vector(g) for g in field]),
                                  inner=listed([vector(g) for g in inner]), status=status)
        data |= {"field": field, "inner": inner, "outer": outer, "ad": ad}
        (left, right), (low, high) = square_around(field, outer, ad, pad=0.4)
        dual = {**DUAL, "x": [left, right], "y": [low, high], "xticks": whole(left, right), "yticks": whole(low, high)}
        sets = [("ad-set", field), *([] if v.clarke.exact else [("clarke-outer", outer)]), ("clarke-inner", inner)]
        marks = [mark for look, vertices in sets for mark in outline(look, vertices)]
        marks.sort(key=lambda mark: mark["mark"] != "area")  # the lines of all sets over all their grounds
        marks += [{"mark": "points", "look": "ad-gradient", "points": [ad.tolist()]},
                  {"mark": "points", "look": "zero", "points": [[0, 0]]}]
        return View(status, alt, [plane, {**dual, "marks": marks}], EXACT if v.clarke.exact else LEGEND,
                    self._remark(v, len(field), len(inner)), data=data)

    def given(self) -> dict[str, Any]:
        known = {name: self._known(name) for name in self._scripts}
        lines = {name: wall_marks(found) for name, (_, found) in known.items()}
        once = [marks for n, marks in enumerate(lines.values()) if marks not in list(lines.values())[:n]]
        return {
            "words": WORDS, "legend": LEGEND, "exact": EXACT, "plane": PLANE, "dual": DUAL,
            "titles": {name: typeset(name) for name in known},
            "walls": once, "walled": {name: once.index(marks) for name, marks in lines.items()},
            "faces": {name: faces(P, GRID) for name, (P, _) in known.items()},
        }

    def programs(self) -> dict[str, str]:
        return self._scripts

    def page(self) -> str | None:
        """The live page as HTML; None for a program of your own that a page cannot follow."""
        try:
            return super().page()
        except SelgradError:
            return None

    def _remark(self, v: Verdict, field: int, inner: int) -> str:
        kind = "exact" if v.clarke.exact else "bounds"
        away = {"field": v.zero_to_field, "inner": v.zero_to_inner, "outer": v.zero_to_outer}
        zero_is = WORDS["zero" if v.clarke.exact else "zero, bounds"].format(
            **{name: number(np.round(d, 6)) for name, d in away.items()})
        sets = WORDS[kind].format(field=vertices(field), inner=vertices(inner))
        return WORDS["remark"].format(sentence=WORDS["kinds"][v.kind], sets=sets, zero=zero_is)


def vertices(n: int) -> str:
    """How many vertices, in words."""
    return WORDS["one" if n == 1 else "many"].format(n=n)


def wall_marks(lines: list[np.ndarray]) -> list[dict[str, Any]]:
    """The kinks of a program, as marks."""
    return [{"mark": "line", "look": "wall", "points": drawn(line)} for line in lines]


def drawn(points: Any) -> list[list[float]]:
    """Points for a picture, to the fourth place."""
    return (np.floor(np.asarray(points, dtype=float) * 1e4 + 0.5) / 1e4).tolist()


def whole(low: float, high: float) -> list[int]:
    """The whole numbers between two limits: at most seven, else every second one."""
    found = list(range(int(np.ceil(low)), int(np.floor(high)) + 1))
    return found if len(found) <= 7 else [t for t in found if t % 2 == 0]
