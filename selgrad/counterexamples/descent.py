"""Counter-examples to Section 5.2: algorithm (8) outside the hypotheses of Theorem 4."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from selgrad.counterexamples.form import Fact, against, back, kept, lost
from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import sgd
from selgrad.descent.trajectories import Trajectories
from selgrad.differentiation.grad import grad
from selgrad.errors import OutsideTheorem4
from selgrad.examples.paper import trap, zero
from selgrad.sets.verdicts import classify


def harmonic(k: int) -> float:
    """alpha_k = 1/(k + 1), which Theorem 4 covers."""
    return 1 / (k + 1)


def starts(number: int) -> np.ndarray:
    """Random points of [-2, 2]."""
    return np.random.default_rng(0).uniform(-2, 2, number)


def _recorded(T: Trajectories) -> np.ndarray:
    assert T.iterates is not None
    return T.iterates


def alternating(x: Any, d: Any) -> Any:
    """f_1 = x²/2 for d = 0, and f_2 = (x - 2)²/2 + 2 zero(x) for d = 1."""
    return np.square(x - 2 * d) / 2 + 2 * d * zero(x)


@against(("Theorem 4", "almost all c, not all"))
def every_c() -> Iterator[Fact]:
    """f_1 = x²/2, f_2 = (x - 2)²/2 + 2 zero(x): with c = 1 and alpha_0 = 1 a first step on f_1 ends at 0 from anywhere.

    There AD returns 0 for both terms, so the iterate stays; 0 is artificial, the minimum is at 1.
    """
    J = FiniteSum(alternating, np.array([0.0, 1.0]))
    x0 = starts(20_000)
    runs = {c: sgd(J, x0, steps=60, c=c, alpha=harmonic, batch="subsets", seed=1) for c in (1.0, 0.999)}
    first = runs[1.0].indices[:, 0]
    alone = first[:, 0] & ~first[:, 1]
    yield kept("what 0 is for J", classify(J, 0.0).kind, "artificial-critical")
    yield kept("all runs stay in [-2, 4]", all(bool(np.all((T.x >= -2) & (T.x <= 4))) for T in runs.values()), True)
    yield lost("c = 1: about a third of 20,000 random starts, those that draw {1} first, end at 0",
               [bool(np.array_equal(runs[1.0].x == 0, alone)), bool(6_000 < alone.sum() < 7_400)], [True, True])
    yield back("c = 0.999: number of starts that end at 0", int((runs[0.999].x == 0).sum()), 0)


@against(("Theorem 4", "almost all x_0, not all"))
def every_start() -> Iterator[Fact]:
    """J(x) = (x - 1)²/2 + zero(x): for each c one start is led to 0 by its first step, x_0 = -c/(1 - c)."""
    yield kept("what 0 is for J", classify(trap, 0.0).kind, "artificial-critical")
    cs = np.array([0.5, 0.25, 0.75])
    T = sgd(trap, -cs / (1 - cs) * np.array([1.0, 1.0, 1.0]), steps=60, c=cs, alpha=harmonic)
    yield lost("x_60 from -1 with c = 1/2, and from -3 with c = 3/4", [float(T.x[0]), float(T.x[2])], [0.0, 0.0])
    T = sgd(trap, starts(2_000), steps=60, c=0.5, alpha=harmonic)
    yield back("c = 1/2: how many of 2,000 random starts end at 0", int((T.x == 0).sum()), 0)


@against(("Theorem 4", "the sequence is bounded almost surely"))
def unbounded_run() -> Iterator[Fact]:
    """J(x) = -x: smooth, the steps are right, and x_k = x_0 + c (1 + 1/2 + ... + 1/k) grows without bound.

    J(x_k) does not converge, and there is no accumulation point that could be critical.
    """
    J = lambda x: -x
    yield kept("AD of J, the gradient", float(grad(J)(0.0)), -1.0)
    T = sgd(J, [0.0], steps=1000, c=1.0, alpha=harmonic, record=10)
    yield lost("J(x_k) for k = 10, 100, 1000",
               [round(-float(_recorded(T)[0, k // 10]), 3) for k in (10, 100, 1000)],
               [-2.929, -5.187, -7.485])
    T = sgd(lambda x: np.square(x) / 2 - x, [0.0], steps=1000, c=0.5, alpha=harmonic)
    yield back("x²/2 - x in its place: x_1000 is within 1/20 of the critical point 1", bool(abs(T.x[0] - 1) < 0.05),
               True)


def _outside(run: Callable[[], Trajectories]) -> tuple[Trajectories, bool]:
    """The run, and whether it warned of Theorem 4."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        T = run()
    return T, any(issubclass(w.category, OutsideTheorem4) for w in caught)


@against(("Theorem 4", "alpha_k = o(1/log k)"))
def constant_steps() -> Iterator[Fact]:
    """J(x) = |x| with alpha_k = 1, c = 1/2: from 1/8 the iterates go to and fro between 1/8 and -3/8 for ever."""
    T, warned = _outside(lambda: sgd(np.abs, [0.125], steps=1000, c=0.5, alpha=lambda k: 1.0, record="all"))
    yield kept("the iterates are bounded by 3/8", bool(np.all(abs(_recorded(T)) <= 0.375)), True)
    yield lost("x_998, x_999, x_1000; J(x_k) does not converge", _recorded(T)[0, -3:], [0.125, -0.375, 0.125])
    yield lost("sg.sgd warns that Theorem 4 does not speak of this run", warned, True)
    T = sgd(np.abs, [0.125], steps=1000, c=0.5, alpha=harmonic)
    yield back("alpha_k = 1/(k + 1): |x_1000| < 1/1000", bool(abs(T.x[0]) < 1e-3), True)


@against(("Theorem 4", "the alpha_k add up to infinity (understood, not printed)"))
def summable_steps() -> Iterator[Fact]:
    """J(x) = x²/2 with alpha_k = 2^-(k+1): x_k = x_0 (1 - 1/2)(1 - 1/4)(1 - 1/8) ... stops short, at no critical point.

    2^-(k+1) = o(1/log k), so the theorem as printed covers it; that the steps add up to infinity is understood.
    """
    T = sgd(lambda x: np.square(x) / 2, [1.0], steps=200, c=1.0, alpha=lambda k: 2.0 ** -(k + 1))
    k = np.arange(8, 60)
    yield kept("alpha_k log k falls from k = 8 on", bool(np.all(np.diff(2.0 ** -(k + 1) * np.log(k)) < 0)), True)
    slope = float(grad(lambda x: np.square(x) / 2)(T.x[0]))
    yield lost("x_200, and J' there", [round(float(T.x[0]), 6), round(slope, 6)], [0.288788, 0.288788])
    T = sgd(lambda x: np.square(x) / 2, [1.0], steps=200, c=0.5, alpha=harmonic)
    yield back("alpha_k = 1/(k + 1), c = 1/2: |x_200| < 1/20", bool(abs(T.x[0]) < 0.05), True)


DRAWN = "the I_k are drawn independently and uniformly"


@against(("Theorem 4", DRAWN), ("Equation (8)", DRAWN))
def one_term_only() -> Iterator[Fact]:
    """f_1 = (x - 1)²/2 and f_2 = (x + 1)²/2, and every draw is {1}: the iterates go to the minimum of f_1, not of J."""
    J = FiniteSum(lambda x, b: np.square(x - b) / 2, np.array([1.0, -1.0]))
    T = sgd(lambda x: np.square(x - 1) / 2, [0.0], steps=2000, c=0.5, alpha=harmonic)
    yield kept("steps and boundedness: x_2000 is within 1/20 of 1", bool(abs(T.x[0] - 1) < 0.05), True)
    whole = lambda x: (np.square(x - 1) + np.square(x + 1)) / 4
    yield lost("what 1 is for J, and J'(1)", [classify(J, 1.0).kind, float(grad(whole)(1.0))], ["smooth", 1.0])
    T = sgd(J, np.zeros(100), steps=2000, c=1.0, alpha=harmonic, batch="subsets", seed=1)
    yield back("drawn as in (8): 100 runs are all within 1/10 of the minimum 0", bool(np.all(abs(T.x) < 0.1)), True)
