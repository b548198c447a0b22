"""Chapter 6: numerical precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.experiments.precision import boustany
from selgrad.notebook.exercises.answers import number, numbers
from selgrad.notebook.exercises.chapter_05 import run_trap
from selgrad.notebook.exercises.form import Exercise, require


def _compensation(answer: Any) -> None:
    got = number(answer)
    right = float(boustany(0.0, [1.0, 2.0, 3.0, 10.0], "float64"))
    require(got != 0, "at t = 0 all four entries are tied, and max1 and max2 do not choose alike.")
    require(got == right, "max1 keeps the first entry, max2 takes the mean of all that are tied.")


def _half(answer: Any) -> None:
    x0, c = numbers(answer, 2, "a pair (x0, c)")
    ends = {dtype: run_trap(x0, c, dtype=dtype).x[0] for dtype in ("float16", "float64")}
    require(ends["float16"] == 0, f"in float16 the run ends at {ends['float16']:g}, which is no trap.")
    require(x0 != 0 and ends["float64"] != 0, "in float64 it is trapped too.", 0.5)


def _preactivation(answer: Any) -> None:
    w, x, b = numbers(answer, 3, "three numbers (w, x, b)")
    require(w != 0 and x != 0, "w and x are not to be 0.")
    single = np.float32(w) * np.float32(x) + np.float32(b)
    require(single == 0, f"in float32 w x + b is {single:g}, not 0.")
    require(w * x + b != 0, "in float64 w x + b is 0 too.", 0.5)


EXERCISES = (
    Exercise(
        "06-1", "recall",
        r"What does AD return for $\mathrm{max1}(t\,x) - \mathrm{max2}(t\,x)$ at $t = 0$ with $x = (1, 2, 3, 10)$?",
        "one number",
        ("All entries of t x are 0.", "max1 keeps the first one, max2 shares among all four."),
        _compensation,
    ),
    Exercise(
        "06-2", "build",
        r"$J(x) = \tfrac12 (x-1)^2 + \mathrm{zero}(x)$ and $\gamma_k = c/(k+1)$: find a start and a $c$ that are "
        "trapped at 0 in float16 and not in float64.",
        "a pair `(x0, c)`",
        ("Take a point of the curve c = x0/(x0 - 1).", "Move c by less than float16 can tell."),
        _half,
    ),
    Exercise(
        "06-3", "build",
        "Find three numbers, $w$ and $x$ not 0, whose preactivation $w x + b$ is 0 in float32 and not in float64.",
        "three numbers `(w, x, b)`",
        ("Products and sums are rounded in both formats, not alike.", "In float64, 0.1 * 3 is not 0.3."),
        _preactivation,
    ),
)
