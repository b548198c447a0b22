"""The exercises of notebook 04, on the sets behind AD's answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.examples.networks import three_neurons
from selgrad.notebook.exercises import POINTS, Exercise, Wrong, require
from selgrad.selections.selection import Selection
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.tracing.operations import relu, sort

WANTED = (-2.0, 3.0)  # the field of 04-2
TIED = np.array([2.0, 1.0, 2.0, 1.0, 1.0])  # the point of 04-3


def odd(t: Any) -> Any:
    return relu(t) - relu(-t)


def _interval(D: Any) -> tuple[float, float]:
    return 0.0 - D.support(-1.0), D.support(1.0)


def _grade_all_of_ad(answer: Any) -> None:
    right, function = _interval(conservative(odd, 0.0)), _interval(clarke(odd, 0.0).inner)
    require(np.shape(answer) == (2,), "the answer is an interval, a pair (low, high).")
    got = (float(answer[0]), float(answer[1]))
    require(got != function, "that is Clarke's subdifferential, a set of the function; D_P is a set of the program.")
    require(got == right, "each relu has its own choice of 0 or 1; take all four together.")


def _grade_wide_field(answer: Any) -> None:
    if isinstance(answer, tuple) and len(answer) == 2:
        answer = Selection(*answer)
    if not isinstance(answer, Selection):
        raise Wrong("the answer is a pair (index, pieces) or sg.Selection(index, pieces).")
    for t in POINTS:
        got = float(answer(t))
        require(got == 0, f"at t = {t:g} your selection has the value {got:g}, but the function is 0.")
    low, high = _interval(answer.field(0.0))
    require((low, high) == WANTED, f"the values are right, but the field at 0 is [{low:g}, {high:g}].")


def _grade_sorting(answer: Any) -> None:
    right = len(conservative(lambda x: sort(x, descending=True), TIED).vertices)
    require(np.ndim(answer) == 0, "the answer is one number.")
    everything = "only tied entries may change places, so not every permutation sorts x."
    require(answer != 120, everything)
    require(answer == right, "count the orders of each group of tied entries, and multiply.")


def _grade_direction(answer: Any) -> None:
    require(np.shape(answer) == (2,), "the answer is a direction, two numbers (d1, d2).")
    d = np.asarray(answer, dtype=float)
    most = clarke(three_neurons, np.zeros(2)).outer.support(d)
    require(most < 0, f"some v in Clarke's subdifferential has <v, d> = {most:g}, which is not negative.")


FIELDS: dict[str, Exercise] = {
    "04-1": Exercise(
        "relu(t) - relu(-t) is a program of the function t. Which interval is D_P(0)? (low, high)",
        "the slopes are a + b, where a and b are what the two relus choose.",
        _grade_all_of_ad,
    ),
    "04-2": Exercise(
        "Write a selection of the function 0 whose field at 0 (Definition 5) is [-2, 3]: answer = (index, pieces).",
        "the field is made of all listed pieces that are 0 at 0, whether s uses them or not.",
        _grade_wide_field,
    ),
    "04-3": Exercise(
        "F sorts five numbers. Of how many permutation matrices is D_F(2, 1, 2, 1, 1) the hull?",
        "a permutation P counts when Px = F(x).",
        _grade_sorting,
    ),
    "04-4": Exercise(
        "Prove by hand that 0 is no Clarke critical point of relu(-x1) + relu(-x2) - relu(x1 + x2): give a direction "
        "d = (d1, d2) with <v, d> < 0 for every v in Clarke's subdifferential at 0.",
        "look at the figure: which way does the whole set lie, seen from the origin?",
        _grade_direction,
    ),
}
