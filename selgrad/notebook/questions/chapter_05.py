"""Questions of chapter 5, stochastic gradient descent and artificial critical points."""

from __future__ import annotations

import numpy as np

from selgrad.descent.sgd import sgd
from selgrad.examples.paper import zero
from selgrad.notebook.questions.form import Option, Question


def _harmonic(k: int) -> float:
    return 1 / (k + 1)


def _objective(x: np.ndarray) -> np.ndarray:
    return np.square(x - 1) / 2 + zero(x)


def _trapping() -> float:
    """The one multiple of 1/16 from which x0 = -1 ends at 0."""
    c = np.arange(1, 17) / 16
    run = sgd(_objective, np.full(16, -1.0), steps=60, c=c, alpha=_harmonic)
    (found,) = c[run.x == 0]
    return float(found)


def _share() -> str:
    rng = np.random.default_rng(0)
    x0, c = -2 * rng.random(20_000), 1 - rng.random(20_000)
    hits = int((sgd(_objective, x0, steps=60, c=c, alpha=_harmonic).x == 0).sum())
    return "none" if hits == 0 else "some" if hits < 200 else "many"


QUESTIONS = {
    "05-a": Question(
        "J(x) = (x - 1)²/2 + zero(x) has its minimum at 1; AD returns x - 1 everywhere but at 0, where it returns 0. "
        "Gradient descent x ← x - γ AD(x) starts at x = -1 with a first step size γ = c. For which c between 0 and 1 "
        "does the first step end at 0, and every later one too?",
        (
            Option("1/2", 0.5, "-1 + 2c = 0."),
            Option("1", 1.0, "AD at -1 is -1 - 1 = -2, so with c = 1 the first step goes to -1 + 2 = 1, the minimum."),
            Option("1/4", 0.25, "AD at -1 is -2: with c = 1/4 the step ends at -1/2."),
            Option("0", 0.0, "With c = 0 nothing moves at all: x stays at -1."),
        ),
        _trapping,
        "AD at -1 is -2, so c = 1/2 steps to 0 exactly, where AD returns 0: an artificial critical point, a trap.",
        number=True,
        other="AD at -1 is x - 1 = -2, so the first step ends at -1 + 2c. Which c makes that 0?",
    ),
    "05-b": Question(
        "The same J, now from 20,000 random starts x₀ in [-2, 0], each with a random c in (0, 1] and γₖ = c/(k + 1), "
        "60 steps, in double precision. Nearly all of them cross 0 on their way to 1. How many end in the trap?",
        (
            Option("none", "none", "To cross 0 is not to land on it."),
            Option("a few dozen", "some", "That is what float16 shows. In float64 a start would have to lie on a curve "
                   "about one rounding, 2^-53, wide."),
            Option("hundreds: each must step over the trap", "many", "An iterate jumps over 0. It is held only if it "
                   "lands on 0 exactly, to the last bit."),
        ),
        _share,
        "The starts that are trapped form curves in the plane of (x₀, c), a set without area: Theorem 4.",
    ),
}
