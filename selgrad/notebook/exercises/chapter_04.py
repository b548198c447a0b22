"""Chapter 4: conservative fields, the sets behind AD's answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.examples.networks import three_neurons
from selgrad.notebook.exercises.answers import GRID, ends, interval, number, numbers, selection, selection_value
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.tracing.operations import relu, sort

WANTED = (-2.0, 3.0)  # the field that is asked for
TIED = np.array([2.0, 1.0, 2.0, 1.0, 1.0])


def odd(t: Any) -> Any:
    return relu(t) - relu(-t)


def _all_of_ad(answer: Any) -> None:
    right, function = ends(conservative(odd, 0.0)), ends(clarke(odd, 0.0).inner)
    got = interval(answer)
    require(got != function, "that is Clarke's subdifferential, a set of the function; D_P is a set of the program.")
    require(got == right, "each relu has its own choice of 0 or 1; take all four together.")


def _sorting(answer: Any) -> None:
    right = len(conservative(lambda x: sort(x, descending=True), TIED).vertices)
    got = number(answer)
    require(got != 120, "only tied entries may change places, so not every permutation sorts x.")
    require(got == right, "count the orders of each group of tied entries, and multiply.")


def _wide_field(answer: Any) -> None:
    S = selection(answer)
    for t in GRID:
        got = number(selection_value(S, t))
        require(got == 0, f"at t = {t:g} your selection has the value {got:g}, but the function is 0.")
    low, high = ends(S.field(0.0))
    one = 0.5 if low == WANTED[0] or high == WANTED[1] else 0.0
    require((low, high) == WANTED, f"the values are right, but the field at 0 is [{low:g}, {high:g}].", one)


def _direction(answer: Any) -> None:
    d = numbers(answer, 2, "a direction, two numbers (d1, d2)")
    most = clarke(three_neurons, np.zeros(2)).outer.support(d)
    require(most < 0, f"some v in Clarke's subdifferential has <v, d> = {most:g}, which is not negative.")


EXERCISES = (
    Exercise(
        "04-1", "recall",
        "`relu(t) - relu(-t)` is a program of the function $t$. Which interval is $D_P(0)$?",
        "a pair `(low, high)`",
        ("Each relu chooses 0 or 1 at its kink.", "The slopes are a + b, where a and b are what the two relus choose."),
        _all_of_ad,
    ),
    Exercise(
        "04-2", "recall",
        "$F$ sorts five numbers. Of how many permutation matrices is $D_F(2, 1, 2, 1, 1)$ the hull?",
        "one whole number",
        ("A permutation P counts when Px = F(x).", "Tied entries may change places, and no others."),
        _sorting,
    ),
    Exercise(
        "04-3", "build",
        "Write a selection of the function 0 whose field at 0 (Definition 5) is $[-2, 3]$.",
        "a pair `(index, pieces)` or `sg.Selection(index, pieces)`",
        ("The field is made of all listed pieces that are active, whether s uses them or not.",
         "Pieces that are 0 at 0 may have any slope."),
        _wide_field,
    ),
    Exercise(
        "04-4", "prove",
        "Prove by hand that 0 is no Clarke critical point of the network "
        r"$\mathrm{relu}(-x_1) + \mathrm{relu}(-x_2) - \mathrm{relu}(x_1 + x_2)$: give a direction $d$ with "
        r"$\langle v, d \rangle < 0$ for every $v$ in Clarke's subdifferential at 0. "
        "(Such a $d$ is a descent direction.)",
        "two numbers `(d1, d2)`",
        ("Look at the figure: which way does the whole set lie, seen from the origin?",
         "A direction with two positive entries will do."),
        _direction,
    ),
)
