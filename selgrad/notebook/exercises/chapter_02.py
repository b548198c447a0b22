"""Chapter 2: elementary selections."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.examples.paper import remark_a
from selgrad.notebook.exercises.answers import GRID, ends, indices, interval, number, selection, selection_value
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.selections.selection import Selection
from selgrad.tracing.operations import relu


def _active(answer: Any) -> None:
    maximum = Selection(lambda x: int(np.argmax(np.asarray(x))), [lambda x, i=i: x[i] for i in range(3)], shape=3)
    right = set(maximum.active(np.array([1.0, 2.0, 2.0])))
    got = indices(answer)
    extra, missing = sorted(got - right), sorted(right - got)
    require(not extra, f"piece {extra} is in your set, but its value there is not the maximum (count from 0).")
    require(not missing, "a piece with the value of the maximum is missing, whatever s picks.", 0.5)


def _zero_field(answer: Any) -> None:
    right, got = ends(remark_a().field(0.0)), interval(answer)
    require(got != (0.0, 0.0), "[0, 0] is Clarke's subdifferential of the function; the field is one of the pieces.")
    require(got == right, "the hull of the slopes of the active pieces is another interval.")


def _hinge(answer: Any) -> None:
    S = selection(answer)
    for t in GRID:
        got, want = number(selection_value(S, t)), max(0.0, 1.0 - float(t))
        require(abs(got - want) < 1e-12, f"at t = {t:g} your selection is {got:g}, but max(0, 1 - t) is {want:g}.")
    right = grad(lambda t: relu(1 - t))
    for t in GRID[GRID != 1.0]:
        got = float(S.derivative(t))
        require(abs(got - right(t)) < 1e-12, f"the values are right, but the derivative at {t:g} is {got:g}.", 0.5)
    require(len(S.active(1.0)) >= 2, "at t = 1 only one piece is active: the list needs both, 0 and 1 - t.", 0.5)


EXERCISES = (
    Exercise(
        "02-1", "recall",
        r"Which pieces are active for $\max(x_0, x_1, x_2)$ at $(1, 2, 2)$? The answer is the set $I(x)$.",
        "a set of indices, counted from 0, as `answer = {0, 1}`",
        ("The pieces are x_0, x_1 and x_2.", "Compare each with the maximum, whatever s picks."),
        _active,
    ),
    Exercise(
        "02-2", "recall",
        "With $s(t) = [t = 0]$ and the pieces $0$ and $t$ (Remark (a)), which interval is the field at 0?",
        "a pair `(low, high)`",
        ("Which pieces have the value of the function at 0?", "Both are active at 0; take the hull of their slopes."),
        _zero_field,
    ),
    Exercise(
        "02-3", "build",
        r"Write the hinge loss $\max(0, 1 - t)$ as an elementary selection.",
        "a pair `(index, pieces)` or `sg.Selection(index, pieces)`",
        ("Two pieces are enough.", "index(t) is a function that returns 0 or 1, the place of the piece in the list."),
        _hinge,
    ),
)
