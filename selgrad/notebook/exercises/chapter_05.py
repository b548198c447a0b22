"""Chapter 5: SGD and artificial critical points."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import sgd
from selgrad.descent.trajectories import Trajectories
from selgrad.examples.paper import trap, zero
from selgrad.notebook.exercises.answers import derivative, number, numbers, same_function
from selgrad.notebook.exercises.form import Exercise, require
from selgrad.sets.verdicts import classify

STEPS = 60


def run_trap(x0: float, c: float, **options: Any) -> Trajectories:
    """Algorithm (8) on (x - 1)²/2 + zero(x) with step sizes c/(k + 1)."""
    require(0 < c <= 1, f"c = {c:g} is not in (0, 1].")
    return sgd(trap, [x0], c=c, steps=STEPS, alpha=lambda k: 1 / (k + 1), record="all", **options)


def _path(T: Trajectories) -> np.ndarray:
    assert T.iterates is not None
    return T.iterates[0]


def _first_step(answer: Any) -> None:
    x = _path(run_trap(-3.0, number(answer, "one number, c")))
    require(x[1] == 0, f"the first step goes from -3 to {x[1]:g}, not to 0.")


def _second_step(answer: Any) -> None:
    x0, c = numbers(answer, 2, "a pair (x0, c)")
    x = _path(run_trap(x0, c))
    require(x[0] != 0 and x[1] != 0, "the iterate is at 0 too early: x_2 is to be the first.")
    near = abs(x[2]) < 1e-12
    require(x[2] == 0, f"x_2 is {x[2]:g}, not 0." + (" One float beside it may do." if near else ""),
            0.5 if near else 0.0)


def _own_trap(answer: Any) -> None:
    same_function(answer, lambda t: (t - 3) ** 2, "(t - 3)²")
    ad = float(derivative(answer, 2.0))
    kind = classify(answer, 2.0).kind
    require(kind == "artificial-critical", f"the function is right, but 2 is {kind}: AD returns {ad:g} there.", 0.5)
    require(ad == 0, f"0 is a mixture of what AD could return at 2, but AD returns {ad:g}: that moves on.", 0.5)


def _noise(answer: Any) -> None:
    b = numbers(answer, 2, "a pair (b_0, b_1)")
    sum_ = FiniteSum(lambda x, b: np.square(x - b) / 2 + zero(x), b)
    # what decides is what AD returns at 0, exactly; a run would also show how 1 - b_i is rounded
    ad = [float(derivative(lambda x, b=b_i: np.square(x - b) / 2 + zero(x), 0.0)) for b_i in b]
    require(abs(sum(ad)) <= 1e-12, f"the full batch leaves 0: the mean of what AD returns there is {sum(ad) / 2:g}.")
    run = sgd(sum_, np.zeros(100), c=0.5, steps=STEPS, alpha=lambda k: 1 / (k + 1), batch=1)
    stay = int((run.x == 0).sum())
    require(stay == 0, f"with minibatches of one, {stay} of 100 trajectories are still at 0.", 0.5)


EXERCISES = (
    Exercise(
        "05-1", "recall",
        r"$J(x) = \tfrac12 (x-1)^2 + \mathrm{zero}(x)$ and $\gamma_k = c/(k+1)$. For which $c$ does the first step "
        "from $x_0 = -3$ reach 0?",
        "one number, $c$",
        ("Off the kink AD returns x - 1.", "Solve x0 - c (x0 - 1) = 0."),
        _first_step,
    ),
    Exercise(
        "05-2", "build",
        "Same $J$ and step sizes: find a start and a $c$ from which $x_2$ is the first iterate that is exactly 0, "
        "in float64.",
        "a pair `(x0, c)`",
        ("Run the map backwards twice.", "sg.find_traps does it; among the floats nearby one hits."),
        _second_step,
    ),
    Exercise(
        "05-3", "build",
        "Write a program of the function $(t - 3)^2$ with the artificial critical point 2, where AD returns 0.",
        "a function of one number, `answer = lambda t: ...`",
        ("What does AD return for (t - 3)² at 2?", "Add a multiple of zero(t - 2) that cancels the slope."),
        _own_trap,
    ),
    Exercise(
        "05-4", "prove",
        r"$f(x, b) = \tfrac12 (x - b)^2 + \mathrm{zero}(x)$ with two data: give data such that from $x_0 = 0$ the full "
        "batch stays at 0 and every minibatch of one leaves.",
        "a pair `(b_0, b_1)`",
        ("AD of term i at 0 is 1 - b_i.", "The mean of the two is to be 0, the terms are not."),
        _noise,
    ),
)
