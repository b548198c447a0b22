"""The trap explorer: Theorem 4 by hand."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Affine2D

from selgrad.descent.trajectories import Trajectories
from selgrad.plotting import PALETTE
from selgrad.sets.verdicts import classify
from selgrad.widgets.base import BESIDE, LABEL, SUB, App, Number, View, number
from selgrad.widgets.trials import COARSE, FINE, HIGH, LOW, PRECISIONS, SCHEDULES, Problem, Trial

DRAWS = 8  # trajectories shown from one start when they are random
STROKE = 0.006


def write(figure: Figure, x: float, y: float, text: str, size: float = 9, align: float = 0.5) -> None:
    """Text as a path on the figure, laid out once: as text, matplotlib would lay it out in every redraw.

    (x, y) is the fraction of the figure at which its baseline starts (align=0), is halved or ends (1).
    """
    path = TextPath((0, 0), text, size=size)
    box, (width, height) = path.get_extents(), figure.get_size_inches()
    place = Affine2D().translate(-box.x0 - align * box.width, 0).scale(1 / (72 * width), 1 / (72 * height))
    place = place.translate(x, y) + figure.transFigure
    figure.add_artist(PathPatch(path, facecolor="black", linewidth=0, transform=place))


def tick_labels(figure: Figure, ax: Axes) -> None:
    """The numbers at the ticks of fixed axes, written once."""
    at = ax.transData + figure.transFigure.inverted()
    left, bottom = ax.get_xlim()[0], ax.get_ylim()[0]
    for t in ax.get_xticks():
        x, y = at.transform((t, bottom))
        write(figure, x, y - 0.065, number(t).replace("-", "\N{MINUS SIGN}"), size=8)
    for t in ax.get_yticks():
        x, y = at.transform((left, t))
        write(figure, x - 0.012, y - 0.013, number(t).replace("-", "\N{MINUS SIGN}"), size=8, align=1)
    ax.tick_params(labelbottom=False, labelleft=False)


class TrapExplorer(App):
    """Where algorithm (8) ends, from every start (x0, c), and from one that you choose.

    Controls: `n` traps at `a_1`, `a_2`, the `noise` of the minibatches, the `schedule` of step sizes c alpha_k, the
    precision `dtype`, and the start `x0`, `c`: a slider for the keyboard and a box for any number (the
    picture takes no clicks). The heat map holds 100,000 starts of 200 steps with Numba, 5,000 of 60 without and in
    float16. Source: algorithm (8), Theorem 4.
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

    def build(self) -> list[ipywidgets.Widget]:
        wide = {"width": "26em"}
        n = ipywidgets.IntSlider(description="Number of traps", min=1, max=2, value=1, style=LABEL, layout=wide,
                                 tooltip="How many artificial critical points J has")
        traps = [Number(LOW, HIGH, a, f"Trap {i} at a{SUB[i]}", f"The place of trap {i}")
                 for i, a in enumerate((0.0, -0.5), 1)]
        noise = Number(0.0, 1.0, 0.0, "Noise s", "The terms of J have their minima at 1 - s and 1 + s")
        schedule = ipywidgets.Dropdown(options=list(SCHEDULES), description="Schedule αₖ", style=LABEL, layout=wide,
                                       tooltip="The schedule of step sizes c αₖ")
        dtype = ipywidgets.ToggleButtons(
            options=PRECISIONS, value="float64", description="Precision", tooltips=["half", "single", "double"],
            style=LABEL | {"button_width": "6em"}, layout=BESIDE,
        )
        x0 = Number(LOW, HIGH, -1.0, "Start x₀", "The first iterate")
        c = Number(1 / 16, 1.0, 0.5, "Step factor c", "Step sizes are c αₖ")
        self.controls |= {"n": n, "a_1": traps[0].slider, "a_2": traps[1].slider, "noise": noise.slider,
                          "schedule": schedule, "dtype": dtype, "x0": x0.slider, "c": c.slider}
        self._second = traps[1].row()
        self._trials: dict[Problem, Trial] = {}
        return [n, traps[0].row(), self._second, noise.row(), schedule, dtype, x0.row(), c.row()]

    def refresh(self) -> None:
        self._second.layout.display = "flex" if self.controls["n"].value == 2 else "none"

    def figure(self, figure: Figure) -> None:
        left, right = figure.add_axes((0.075, 0.15, 0.44, 0.69)), figure.add_axes((0.60, 0.15, 0.385, 0.69))
        left.set(xlim=(LOW, HIGH), ylim=(0, 1), xticks=[-2, -1, 0], yticks=[0, 0.5, 1])
        right.set(xscale="log", xlim=(1, FINE[2] + 1), ylim=(LOW - 0.1, 2.1), xticks=[1, 10, 100],
                  yticks=[-2, -1, 0, 1, 2])
        right.xaxis.set_minor_locator(NullLocator())
        red, green = PALETTE["vermillion"], PALETTE["green"]
        self._heat = left.imshow(np.zeros((2, 2)), extent=(LOW, HIGH, 0, 1), origin="lower", aspect="auto",
                                 cmap="Blues", vmin=0, vmax=3, interpolation="none")
        first = {"color": "0", "linewidth": 1.0}
        trapped = {"linestyle": "none", "marker": "s", "markersize": 4, "markeredgecolor": "white",
                   "markeredgewidth": 0.5, "color": red}
        start = {"linestyle": "none", "marker": "P", "markersize": 7, "color": green, "markeredgecolor": "white"}
        (self._later,) = left.plot([], [], color="0.35", linewidth=0.5)
        (self._first,) = left.plot([], [], **first)
        (self._beside,) = left.plot([], [], color=red, linewidth=1.2, solid_capstyle="butt")
        (self._cells,) = left.plot([], [], **trapped)
        (self._start_point,) = left.plot([], [], clip_on=False, **start)
        right.axhline(1, color="0.6", linewidth=0.8, linestyle=":")
        self._lines = [right.axhline(0, color=red, linewidth=0.8, linestyle=(0, (4, 2))) for _ in range(2)]
        self._paths = [right.plot([], [], color=green, linewidth=0.7, alpha=0.6)[0] for _ in range(DRAWS)]
        self._paths[0].set(linewidth=1.6, alpha=1.0, marker=".", markersize=4, markevery=slice(0, 12))
        for ax in (left, right):
            tick_labels(figure, ax)
        for x, y, text in ((0.295, 0.03, "$x_0$"), (0.035, 0.66, "$c$"), (0.79, 0.03, "$k+1$"), (0.60, 0.87, "$x_k$")):
            write(figure, x, y, text)
        write(figure, 0.515, 0.862, "the darker, the farther from 1 at the end", size=7, align=1)
        legend = ((0.03, "pre-images of the trap", first), (0.27, "trapped", trapped), (0.38, "start", start))
        for x, text, look in legend:
            figure.add_artist(Line2D([x, x + 0.03], [0.95, 0.95], markevery=[1], **look))
            write(figure, x + 0.045, 0.94, text, size=8.5, align=0)

    def _problem(self) -> Problem:
        values = {name: control.value for name, control in self.controls.items()}
        places = tuple(dict.fromkeys(values[f"a_{i}"] for i in range(1, values["n"] + 1)))
        return Problem(places, values["noise"], values["schedule"], values["dtype"])

    def _trial(self, problem: Problem) -> Trial:
        """The trial of this problem; those of the same problem in other precisions are kept for the table."""
        self._trials = {key: trial for key, trial in self._trials.items() if key.family == problem.family}
        return self._trials.setdefault(problem, Trial(problem, FINE if problem.compiled else COARSE))

    def look(self) -> View:
        trial = self._trial(self._problem())
        problem = trial.problem
        x0, c = self.controls["x0"].value, self.controls["c"].value
        heat, cells = trial.cells
        aside = trial.beside
        T = problem.run([x0] * (DRAWS if problem.noise else 1), c, FINE[2], record="all")
        assert T.iterates is not None
        curves = problem.curves(np.arange(1, FINE[1] + 1) / FINE[1])
        hits = [a[cells] for a in trial.starts], [a[aside[2]] for a in aside[:2]]
        data = {"x0": [x0], "c": [c], "paths": T.iterates.astype(float), "traps": problem.traps, "heat": heat,
                "cells": hits[0], "beside": hits[1], "curves": [x for _, x in curves]}
        self._curves = curves
        status = f"{self._ends(problem, T, x0, c)} {self._counts(trial)}"
        alt = (f"Left, a heat map over x0 and c of the distance to the minimiser 1 at the end, with {len(curves)} "
               f"curves of starts that meet a trap; right, the trajectory from the chosen start. {status}")
        return View(status, alt, data, self._remark(problem, trial), self._table())

    def _ends(self, problem: Problem, T: Trajectories, x0: float, c: float) -> str:
        """What became of the chosen start, in words."""
        said = f"From x0 = {number(x0)} with c = {number(c)}"
        at = problem.trapped(T)
        if not at[0]:
            many = f", the first of {len(T)} draws" if len(T) > 1 else ""
            return f"{said} the iterate number {T.steps} is {number(T.x[0])}{many}; no trap holds it."
        assert T.iterates is not None
        k = int(np.argmax(T.iterates[0] == T.x[0]))
        kind = classify(problem.J, float(T.x[0])).kind.replace("-", " ")
        return (f"{said} the iterate is exactly {number(T.x[0])} after {k} step{'s' * (k != 1)} and stays there: "
                f"a point that is {kind}.")

    def _counts(self, trial: Trial) -> str:
        cells, aside = trial.cells[1], trial.beside[2]
        return (f"In {trial.problem.dtype}, {cells.sum():,} of {cells.size:,} random starts end in a trap, and "
                f"{aside.sum():,} of {aside.size:,} starts put next to the curves.")

    def _remark(self, problem: Problem, trial: Trial) -> str:
        said = []
        if problem.outside:
            said.append("This schedule is not o(1/log k): Theorem 4 says nothing of it.")
        if trial.size == COARSE:
            why = "float16 runs on NumPy" if problem.dtype == "float16" else "Numba is not installed"
            said.append(f"{why}, so there are {COARSE[0] * COARSE[1]:,} starts of {COARSE[2]} steps "
                        f"instead of {FINE[0] * FINE[1]:,} of {FINE[2]}.")
        return " ".join(said)

    def _table(self) -> str:
        """How many were trapped in each precision, where it was asked."""
        rows = []
        for dtype in PRECISIONS:
            found = [trial for problem, trial in self._trials.items() if problem.dtype == dtype]
            cells = [dtype, "not tried yet: choose it above", ""]
            if found:
                random, aside = found[0].cells[1], found[0].beside[2]
                cells[1:] = [f"{random.sum():,} of {random.size:,}", f"{aside.sum():,} of {aside.size:,}"]
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        heads = ("precision", "trapped, of random starts", "of starts next to the curves")
        head = "".join(f"<th scope='col'>{cell}</th>" for cell in heads)
        return f"<table style='border-spacing:1.2em 0'><tr style='text-align:left'>{head}</tr>{''.join(rows)}</table>"

    def draw(self, view: View) -> None:
        data = view.data
        self._heat.set_data(data["heat"])
        c = np.append(np.arange(1, FINE[1] + 1) / FINE[1], np.nan)  # nan lifts the pen between curves
        for line, wanted in ((self._first, True), (self._later, False)):
            x = [np.append(x, np.nan) for k, x in self._curves if (k == 1) == wanted]
            line.set_data(np.concatenate(x), np.tile(c, len(x)))
        self._cells.set_data(*data["cells"])
        x, c = data["beside"]  # as one line of short strokes: a marker for each would cost more
        ends = [x - STROKE, x + STROKE, np.full(len(x), np.nan)]
        self._beside.set_data(np.ravel(ends, "F"), np.repeat(c, 3))
        self._start_point.set_data(data["x0"], data["c"])
        for line, a in zip(self._lines, np.resize(data["traps"], 2)):
            line.set_ydata([a, a])
        k = np.arange(FINE[2] + 1) + 1
        for path, x in zip(self._paths, [*data["paths"], *[np.full(len(k), np.nan)] * DRAWS]):
            path.set_data(k, x)
