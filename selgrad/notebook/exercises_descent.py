"""The exercises of notebooks 05 and 06: starts that are trapped, traps one makes, and what rounding does to both."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import sgd
from selgrad.descent.trajectories import Trajectories
from selgrad.differentiation.grad import grad
from selgrad.examples.paper import trap, zero
from selgrad.experiments.precision import boustany
from selgrad.notebook.exercises import POINTS, Exercise, require
from selgrad.programs.arguments import as_real
from selgrad.sets.verdicts import classify

STEPS = 60


def _numbers(answer: Any, count: int, said: str) -> np.ndarray:
    require(np.shape(answer) == ((count,) if count > 1 else ()), f"the answer is {said}.")
    return np.atleast_1d(as_real(answer, "The answer")).astype(float)


def _run(x0: float, c: float, **options: Any) -> Trajectories:
    require(0 < c <= 1, f"c = {c:g} is not in (0, 1].")
    return sgd(trap, [x0], c=c, steps=STEPS, alpha=lambda k: 1 / (k + 1), record="all", **options)


def _path(T: Trajectories) -> np.ndarray:
    assert T.iterates is not None
    return T.iterates[0]


def _grade_first_step(answer: Any) -> None:
    (c,) = _numbers(answer, 1, "one number, c")
    x = _path(_run(-3.0, c))
    require(x[1] == 0, f"the first step goes from -3 to {x[1]:g}, not to 0.")


def _grade_second_step(answer: Any) -> None:
    x0, c = _numbers(answer, 2, "a pair (x0, c)")
    x = _path(_run(x0, c))
    require(x[0] != 0 and x[1] != 0, "the iterate is at 0 too early: x_2 is to be the first.")
    require(x[2] == 0, f"x_2 is {x[2]:g}, not 0. One float beside it may do.")


def _grade_own_trap(answer: Any) -> None:
    require(callable(answer), "the answer is a function: answer = lambda t: ...")
    for t in POINTS:
        got = float(answer(t))
        require(abs(got - (t - 3) ** 2) <= 1e-9 * (1 + (t - 3) ** 2),
                f"at t = {t:g} your program returns {got:g}, but (t - 3)² is {(t - 3) ** 2:g} there.")
    kind = classify(answer, 2.0).kind
    ad = float(grad(answer)(2.0))
    require(kind == "artificial-critical", f"the function is right, but 2 is {kind}: AD returns {ad:g} there.")
    require(ad == 0, f"0 is a mixture of what AD could return at 2, but AD returns {ad:g}: that moves on.")


def _grade_noise(answer: Any) -> None:
    b = _numbers(answer, 2, "a pair (b_0, b_1)")
    sum_ = FiniteSum(lambda x, b: np.square(x - b) / 2 + zero(x), b)
    run = {batch: sgd(sum_, np.zeros(100), c=0.5, steps=STEPS, alpha=lambda k: 1 / (k + 1), batch=batch)
           for batch in ("full", 1)}
    x = run["full"].x[0]
    require(x == 0, f"the full batch leaves 0 and ends at {x:g}: the mean of b must be such that AD is 0 there.")
    stay = int((run[1].x == 0).sum())
    require(stay == 0, f"with minibatches of one, {stay} of 100 trajectories are still at 0.")


def _grade_compensation(answer: Any) -> None:
    (got,) = _numbers(answer, 1, "one number")
    right = float(boustany(0.0, [1.0, 2.0, 3.0, 10.0], "float64"))
    require(got != 0, "at t = 0 all four entries are tied, and max1 and max2 do not choose alike.")
    require(got == right, "max1 keeps the first entry, max2 takes the mean of all that are tied.")


def _grade_half(answer: Any) -> None:
    x0, c = _numbers(answer, 2, "a pair (x0, c)")
    ends = {dtype: _run(x0, c, dtype=dtype).x[0] for dtype in ("float16", "float64")}
    require(ends["float16"] == 0, f"in float16 the run ends at {ends['float16']:g}, which is no trap.")
    require(x0 != 0 and ends["float64"] != 0, "in float64 it is trapped too.")


def _grade_preactivation(answer: Any) -> None:
    w, x, b = _numbers(answer, 3, "three numbers (w, x, b)")
    single = np.float32(w) * np.float32(x) + np.float32(b)
    require(single == 0, f"in float32 w x + b is {single:g}, not 0.")
    require(w * x + b != 0, "in float64 w x + b is 0 too.")
    require(w != 0 and x != 0, "w and x are not to be 0.")


DESCENT: dict[str, Exercise] = {
    "05-1": Exercise(
        "J(x) = (x - 1)²/2 + zero(x) and gamma_k = c/(k + 1). For which c does the first step from x0 = -3 reach 0?",
        "off the kink AD returns x - 1; solve x0 - c (x0 - 1) = 0.",
        _grade_first_step,
    ),
    "05-2": Exercise(
        "Same J and step sizes: a pair (x0, c) from which x_2 is the first iterate that is exactly 0, in float64.",
        "run the map backwards twice, or let sg.find_traps do it; among the floats nearby one hits.",
        _grade_second_step,
    ),
    "05-3": Exercise(
        "Write a program of the function (t - 3)² with the artificial critical point 2, where AD returns 0.",
        "add a multiple of zero(t - 2); which one cancels the slope at 2?",
        _grade_own_trap,
    ),
    "05-4": Exercise(
        "f(x, b) = (x - b)²/2 + zero(x) with two data b_0, b_1: choose them such that from x0 = 0 the full batch "
        "stays at 0 and every minibatch of one leaves.",
        "AD of term i at 0 is 1 - b_i; the mean is to be 0, the terms are not.",
        _grade_noise,
    ),
    "06-1": Exercise(
        "What does AD return for max1(t x) - max2(t x) at t = 0 with x = (1, 2, 3, 10)?",
        "all entries of t x are 0: max1 keeps the first one, max2 shares among all four.",
        _grade_compensation,
    ),
    "06-2": Exercise(
        "J and gamma_k as in 05-1: a pair (x0, c) that is trapped at 0 in float16 and not in float64.",
        "take a point of the curve c = x0/(x0 - 1) and move c by less than float16 can tell.",
        _grade_half,
    ),
    "06-3": Exercise(
        "Three numbers w, x, b, w and x not 0, whose preactivation w x + b is 0 in float32 and not in float64.",
        "in float64, 0.1 * 3 is not 0.3.",
        _grade_preactivation,
    ),
}
