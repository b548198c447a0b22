"""The trap explorer: Theorem 4 by hand."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from selgrad.descent.trajectories import Trajectories
from selgrad.widgets.base import App, View, listed, number
from selgrad.widgets.controls import Choice, Control, Menu, Number, Whole
from selgrad.widgets.scripts import script
from selgrad.widgets.trials import (
    COARSE,
    FINE,
    HIGH,
    LONGEST,
    LOW,
    PRECISIONS,
    ROWS,
    SCHEDULES,
    SHORT,
    Problem,
    Trial,
    on_curves,
)

DRAWS = 8  # trajectories shown from one start when they are random
STROKE = 0.006  # half the width of the mark of a trapped start beside a curve
FARTHEST = 3.0  # the distance from 1 that the darkest shade stands for
DOTS = 12  # iterates that are marked by a dot
WORDS = {
    "trapped": "From x₀ = {x0}, c = {c} the iterate is exactly {end} after {k} {steps} and stays there: artificial "
               "critical.",
    "free": "From x₀ = {x0}, c = {c} the iterate number {k} is {end}{many}; no trap holds it.",
    "many": ", the first of {n} draws",
    "counts": "In {dtype}, {cells} of {starts} random starts end in a trap. Of {near} starts put next to the curves "
              "{beside} do.",
    "in": "{n} in {dtype}",
    "outside": "This schedule is not o(1/log k): Theorem 4 says nothing of it.",
    "coarse": "{why}, so there are {few} starts of {short} steps instead of {all} of {long}.",
    "float16": "float16 is slow here",
    "no Numba": "Numba is not installed",
    "alt": "Left, a heat map over x₀ and c of the distance to the minimiser 1 at the end, with {curves} curves of "
           "starts that meet a trap; right, the trajectory from the chosen start. {status}",
}
TRAP_AT = 238  # where on it
EDGE = 280  # of the axis on which k + 1 is drawn: room for the traps to be held by
LEGEND = [("preimage-first", "starts that meet the trap after one step"), ("preimage", "after more steps"),
          ("trapped", "trapped"), ("start", "start"), ("trap", "trap")]
PLANE = {"width": 0.52, "aspect": None, "equal": False, "x": [LOW, HIGH], "y": [0, 1], "scale": "linear",
         "xlabel": "start $x_0$", "ylabel": "step factor $c$", "title": "where starts end",
         "xticks": [-2, -1, 0], "yticks": [0, 0.5, 1], "frame": True, "click": ["x0", "c"]}
PATH = {"width": 0.48, "aspect": 1.1, "equal": False, "x": [0.75, EDGE], "y": [LOW - 0.1, 2.1], "scale": "log x",
        "xlabel": "$k + 1$", "ylabel": "$x_k$", "title": "the run from the start", "xticks": [1, 10, 100],
        "yticks": [-2, -1, 0, 1, 2], "frame": True, "click": [None, "x0"]}
BAR = {"low": "0", "high": number(FARTHEST), "label": "distance from 1"}


HANDLES = {"start": ("start", ["x0", "c"], "Start $x_0$ and step factor $c$"),
           "x0": ("start", [None, "x0"], "Start $x_0$"),
           "a_1": ("trap-point", [None, "a_1"], "Trap 1 at $a_1$"),
           "a_2": ("trap-point", [None, "a_2"], "Trap 2 at $a_2$")}


def descent(n: int, dtype: str) -> str:
    """Algorithm (8) on a term with n traps, in JavaScript."""
    P = Problem(tuple(map(float, range(-n, 0))), 0.0, "1/(k+1)", dtype).J.program(np.zeros(()))
    return script(P, parts=("descend",), dtype=dtype)


def drawn(x: Any) -> np.ndarray:
    """Numbers to the fourth place, which is finer than a picture shows."""
    return np.floor(np.asarray(x, dtype=float) * 1e4 + 0.5) / 1e4


def points(x: Any, y: Any) -> list[Any]:
    """[[x, y], ...] for JSON; None where x is nan, which lifts the pen."""
    return [None if a != a else [a, b] for a, b in zip(drawn(x).tolist(), drawn(y).tolist(), strict=True)]


class TrapExplorer(App):
    """Where algorithm (8) ends, from every start (x0, c), and from one that you choose.

    Controls: `n` traps at `a_1`, `a_2`, the `noise` of the minibatches, the `schedule` of step sizes c alpha_k, the
    precision `dtype`, and the start `x0`, `c`, which is also chosen by a click in the picture. The heat map holds
    16,000 starts of 200 steps with Numba, 5,000 of 60 without and in float16. Source: algorithm (8), Theorem 4.
    """

    name: ClassVar[str] = "trap-explorer"
    title: ClassVar[str] = "Trap explorer"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "missed by a sixteenth": {"c": 0.5625},
        "trapped at the second step": {"a_1": -0.3125, "c": 0.25},
        "two traps": {"n": 2, "c": 0.25},
        "noise frees the iterate": {"x0": 0.0, "noise": 0.25},
        "float16": {"dtype": "float16"},
        "a schedule outside Theorem 4": {"schedule": "1/2, constant"},
    }

    def build(self) -> list[Control]:
        self._trials: dict[Problem, Trial] = {}
        self._drawn: tuple[Problem | None, list[dict[str, Any]]] = (None, [])
        return [
            Whole("n", 1, 2, 1, "Number of traps", "How many artificial critical points J has"),
            Number("a_1", LOW, HIGH, 0.0, "Trap 1 at $a_1$", "The place of trap 1"),
            Number("a_2", LOW, HIGH, -0.5, "Trap 2 at $a_2$", "The place of trap 2"),
            Number("noise", 0.0, 1.0, 0.0, "Noise $s$", "The terms of J have their minima at 1 - s and 1 + s"),
            Menu("schedule", list(SCHEDULES), "1/(k+1)", "Schedule $α_k$", "The schedule of step sizes c alpha_k"),
            Choice("dtype", PRECISIONS, "float64", "Precision", "Half, single or double precision"),
            Number("x0", LOW, HIGH, -1.0, "Start $x_0$", "The first iterate"),
            Number("c", 1 / 16, 1.0, 0.5, "Step factor $c$", "Step sizes are c alpha_k"),
        ]

    def refresh(self) -> None:
        self.controls["a_2"].hidden = self.controls["n"].value < 2

    def _problem(self) -> Problem:
        values = {name: control.value for name, control in self.controls.items()}
        places = tuple(dict.fromkeys(values[f"a_{i}"] for i in range(1, values["n"] + 1)))
        return Problem(places, values["noise"], values["schedule"], values["dtype"])

    def _trial(self, problem: Problem) -> Trial:
        """The trial of this problem; those of the same problem in other precisions are kept."""
        self._trials = {key: trial for key, trial in self._trials.items() if key.family == problem.family}
        return self._trials.setdefault(problem, Trial(problem, FINE if problem.compiled else COARSE))

    def given(self) -> dict[str, Any]:
        return {"words": WORDS, "legend": LEGEND, "plane": PLANE, "path": PATH, "bar": BAR,
                "handles": HANDLES, "fine": FINE, "coarse": COARSE, "longest": [LONGEST[False], LONGEST[True]],
                "rows": ROWS, "short": SHORT, "span": [LOW, HIGH], "farthest": FARTHEST, "stroke": STROKE,
                "draws": DRAWS, "at": TRAP_AT, "dots": DOTS, "precisions": PRECISIONS, "schedules": list(SCHEDULES),
                "outside": {s: Problem((0.0,), 0.0, s, "float64").outside for s in SCHEDULES}}

    def programs(self) -> dict[str, str]:
        return {f"{n} {dtype}": descent(n, dtype) for n in (1, 2) for dtype in PRECISIONS}

    def look(self) -> View:
        problem = self._problem()
        trial = self._trial(problem)
        x0, c = self.controls["x0"].value, self.controls["c"].value
        T = problem.run([x0] * (DRAWS if problem.noise else 1), c, FINE[2], record="all")
        assert T.iterates is not None
        curves, (heat, cells), aside = trial.curves, trial.cells, trial.beside
        data = {"x0": [x0], "c": [c], "paths": T.iterates.astype(float), "traps": problem.traps, "heat": heat,
                "cells": [a[cells] for a in trial.starts], "beside": [a[aside[2]] for a in aside[:2]],
                "curves": [x for _, x in curves]}
        status = self._ends(problem, T, x0, c)
        plane = {**PLANE, "marks": [*self._map(trial), handle("start", x0, c)]}
        return View(status, WORDS["alt"].format(curves=len(curves), status=status),
                    [plane, {**PATH, "marks": self._run(problem, T, x0)}], legend=LEGEND,
                    remark=self._remark(trial), data=data)

    def _ends(self, problem: Problem, T: Trajectories, x0: float, c: float) -> str:
        """What became of the chosen start, in words."""
        slots = {"x0": number(x0), "c": number(c), "end": number(T.x[0])}
        if not problem.trapped(T)[0]:
            many = WORDS["many"].format(n=len(T)) if len(T) > 1 else ""
            return WORDS["free"].format(k=T.steps, many=many, **slots)
        assert T.iterates is not None
        k = int(np.argmax(T.iterates[0] == T.x[0]))
        return WORDS["trapped"].format(k=k, steps="step" if k == 1 else "steps", **slots)

    def _remark(self, trial: Trial) -> str:
        problem, cells = trial.problem, trial.cells[1]
        beside = {dtype: self._trial(replace(problem, dtype=dtype)).beside[2] for dtype in PRECISIONS}
        said = [WORDS["counts"].format(
            dtype=problem.dtype, cells=f"{cells.sum():,}", starts=f"{cells.size:,}",
            near=f"{beside[problem.dtype].size:,}",
            beside=listed([WORDS["in"].format(n=f"{at.sum():,}", dtype=dtype) for dtype, at in beside.items()]))]
        if problem.outside:
            said.append(WORDS["outside"])
        if trial.size == COARSE:
            said.append(WORDS["coarse"].format(
                why=WORDS["float16" if problem.dtype == "float16" else "no Numba"], few=f"{COARSE[0] * COARSE[1]:,}",
                short=COARSE[2], all=f"{FINE[0] * FINE[1]:,}", long=FINE[2]))
        return " ".join(said)

    def _map(self, trial: Trial) -> list[dict[str, Any]]:
        """What the plane of starts shows, whatever start is chosen: kept until the problem changes."""
        if self._drawn[0] != trial.problem:
            self._drawn = trial.problem, _map_of(trial)
        return self._drawn[1]

    def _run(self, problem: Problem, T: Trajectories, x0: float) -> list[dict[str, Any]]:
        """The trajectories, the minimiser, and the traps as handles."""
        assert T.iterates is not None
        paths = [points(np.arange(FINE[2] + 1) + 1, x) for x in T.iterates]
        names = [name for name in ("a_1", "a_2") if not self.controls[name].hidden]
        return [
            {"mark": "rule", "look": "minimum", "y": 1},
            *({"mark": "rule", "look": "trap", "y": a} for a in problem.traps),
            *({"mark": "line", "look": "path", "points": path} for path in paths[1:]),
            {"mark": "line", "look": "path-first", "points": paths[0]},
            {"mark": "points", "look": "iterate", "points": paths[0][:DOTS]},
            *(handle(name, TRAP_AT, self.controls[name].value) for name in names),
            handle("x0", 1, x0),
        ]


def handle(name: str, x: float, y: float) -> dict[str, Any]:
    """One of the things to drag, at its place."""
    look, sets, label = HANDLES[name]
    return {"mark": "handle", "look": look, "x": x, "y": y, "sets": sets, "label": label}


def _map_of(trial: Trial) -> list[dict[str, Any]]:
    """The marks of a trial: shades, curves, and what was trapped."""
    heat, cells = trial.cells
    shades = np.floor(np.minimum(heat, FARTHEST) / FARTHEST * 255 + 0.5).astype(np.uint8)
    rows, columns = heat.shape
    x, c = (a[trial.beside[2]] for a in trial.beside[:2])
    strokes = [[[a - STROKE, b], [a + STROKE, b], None] for a, b in zip(drawn(x).tolist(), drawn(c).tolist())]
    marks: list[dict[str, Any]] = [
        {"mark": "heat", "rows": rows, "columns": columns, "levels": b64encode(shades.tobytes()).decode(),
         "extent": [LOW, HIGH, 0, 1], "bar": BAR}]
    for look, first in (("preimage", False), ("preimage-first", True)):
        for k, curve in trial.curves:
            if (k == 1) == first and np.isfinite(curve).any():
                marks.append({"mark": "line", "look": look, "points": points(curve[1::2], on_curves()[1::2])})
    marks.append({"mark": "line", "look": "beside-preimage", "points": [end for stroke in strokes for end in stroke]})
    marks.append({"mark": "points", "look": "trapped", "points": points(*(a[cells] for a in trial.starts))})
    return marks
