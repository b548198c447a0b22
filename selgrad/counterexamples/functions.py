"""Counter-examples to Section 2: functions, indices and selections (Definitions 1 to 5, Proposition 1)."""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial
from typing import Any

import numpy as np

from selgrad.counterexamples.form import Fact, against, back, kept, lost
from selgrad.differentiation.grad import grad
from selgrad.differentiation.modes import backward_mode
from selgrad.errors import DomainError, NotContinuous, SelgradError
from selgrad.selections.of_program import selection
from selgrad.selections.primitive import primitive
from selgrad.selections.selection import Pieces, Selection
from selgrad.tracing import trace
from selgrad.tracing.operations import relu


def changes(values: Any) -> int:
    """How often neighbours differ."""
    return int(np.count_nonzero(np.diff(np.asarray(values, dtype=int))))


def between(k: float, per_unit: int = 8) -> np.ndarray:
    """Points of [-k, k], a step of 1/per_unit apart, none of them an integer."""
    n = 2 * int(k) * per_unit
    return -k + (np.arange(n) + 0.5) / per_unit


def refused(act: Any, error: type[SelgradError]) -> bool:
    """Whether act() raises this error."""
    try:
        act()
    except error:
        return True
    return False


RANGES = (10, 100, 1000)
LOG_EXP_ONLY = "only +, -, *, /, affine maps, exp and log"


@against(("Definition 1", LOG_EXP_ONLY), ("Remark 1", "every operation is log-exp"))
def sine() -> Iterator[Fact]:
    """The sine on all of R is smooth and no log-exp function: it has infinitely many zeros.

    A function of the log-exp structure vanishes on finitely many points and intervals (the structure is o-minimal, by
    Wilkie). On a bounded interval nothing is wrong with the sine: there the structure R_an,exp contains it.
    """
    yield kept("it is differentiable; AD at 0", grad(np.sin)(0.0), 1.0)
    yield lost("lines outside log-exp", list(trace(np.sin, 0.0).leaves_log_exp()), [1])
    yield lost("zeros in [-10, 10], [-100, 100], [-1000, 1000]", [changes(np.sin(between(k)) > 0) for k in RANGES],
               [7, 63, 637])
    cubic = lambda t: t * t * t - t
    yield back("the same for t³ - t", [changes(cubic(between(k)) > 0) for k in RANGES], [3, 3, 3])


@against(("Definition 1", "a finite expression"))
def power_series() -> Iterator[Fact]:
    """The sine as the sum of t - t³/3! + t⁵/5! - ...: each partial sum is a polynomial, the sum is not log-exp."""
    def partial(terms: int) -> Any:
        return lambda t: sum((-1.0) ** n * t ** (2 * n + 1) / factorial(2 * n + 1) for n in range(terms))

    t = between(10)
    yield kept("lines outside log-exp, for 2, 4, 8 and 16 terms",
               [len(trace(partial(n), 0.0).leaves_log_exp()) for n in (2, 4, 8, 16)], [0, 0, 0, 0])
    yield back("zeros in [-10, 10], for 1, 2 and 3 terms", [changes(partial(n)(t) > 0) for n in (1, 2, 3)], [1, 3, 1])
    yield lost("zeros in [-10, 10], for 16, 24 and 32 terms: those of the sine, and it has more in longer intervals",
               [changes(partial(n)(t) > 0) for n in (16, 24, 32)], [7, 7, 7])


EVERYWHERE = "each piece is elementary on all of R^p"


@against(("Definition 1", "inside the domain of definition"), ("Definition 3", EVERYWHERE),
         ("Proposition 2", EVERYWHERE))
def t_log_t() -> Iterator[Fact]:
    """t log t for t > 0, and 0 for t <= 0: continuous, two log-exp expressions, but the first has no value at 0.

    Its slope log(t) + 1 has no bound near 0, so the function is not locally Lipschitz.
    """
    f = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t * np.log(t)])
    yield kept("lines outside log-exp", [len(f.piece(i).leaves_log_exp()) for i in (0, 1)], [0, 0])
    yield kept("|f(2^-k)| < 2^(5-k) for k = 10, 20, 40",
               [bool(abs(f(2.0**-k)) < 2.0 ** (5 - k)) for k in (10, 20, 40)], [True, True, True])
    yield lost("the second piece has no value at 0", refused(lambda: f.piece(1)(0.0), DomainError), True)
    yield lost("slopes from 0 to 2^-k in units of log 2, for k = 10, 20, 40",
               [round(float(f(2.0**-k) * 2.0**k / np.log(2)), 9) for k in (10, 20, 40)], [-10.0, -20.0, -40.0])


@against(("Definition 2", "finitely many equations and inequalities"))
def parity() -> Iterator[Fact]:
    """s(t) = 1 where k <= t < k + 1 for an odd k: each inequality is affine, and there are infinitely many.

    An elementary index on R changes finitely often, since its cells are finitely many points and intervals.
    """
    s = lambda t: np.floor(t).astype(int) % 2
    yield kept("it has two values", sorted({int(i) for i in s(between(10))}), [0, 1])
    yield lost("changes in [-10, 10], [-100, 100], [-1000, 1000]", [changes(s(between(k))) for k in RANGES],
               [19, 199, 1999])
    yield back("the same for [t > 0]", [changes(between(k) > 0) for k in RANGES], [1, 1, 1])


ELEMENTARY = "index and pieces are elementary"


@against(("Definition 2", "they are between elementary functions"), ("Proposition 1", "both functions are in S"),
         ("Proposition 3", ELEMENTARY))
def relu_of_the_sine() -> Iterator[Fact]:
    """relu(sin t), with s(t) = [sin t > 0] and the pieces 0 and sin t: one inequality, and not an elementary one.

    It is continuous, its pieces are smooth, and AD is right off the kinks; but it has infinitely many of those, so its
    sets U_i are no solution sets of finitely many equations and inequalities between elementary functions. (For
    finitely many pieces that are continuously differentiable on all of R^p Proposition 2 does survive; that is ours.)
    """
    P = trace(lambda t: relu(np.sin(t)), 0.0)
    t = between(10)
    yield kept("AD is cos t where sin t > 0, else 0",
               bool(np.array_equal(backward_mode(P, t), np.where(np.sin(t) > 0, np.cos(t), 0.0))), True)
    yield lost("kinks in [-10, 10], [-100, 100], [-1000, 1000]", [changes(np.sin(between(k)) > 0) for k in RANGES],
               [7, 63, 637])
    yield lost("lines outside log-exp", list(P.leaves_log_exp()), [1])
    yield back("the same for relu(t³ - t): lines outside log-exp",
               list(trace(lambda t: relu(t * t * t - t), 0.0).leaves_log_exp()), [])


CONTINUOUS = "f is continuous"


@against(("Definition 3", CONTINUOUS), ("Proposition 2", CONTINUOUS), ("Theorem 3", CONTINUOUS),
         ("Proposition 6", CONTINUOUS))
def step() -> Iterator[Fact]:
    """0 for t <= 0, and 1 + 5t for t > 0: an elementary index, affine pieces, and a jump that no derivative sees."""
    f = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: 1 + 5 * t])
    yield kept("lines of the pieces outside log-exp", [len(f.piece(i).leaves_log_exp()) for i in (0, 1)], [0, 0])
    yield lost("sg.Selection finds the jump", refused(lambda: f.check_continuous(0.0), NotContinuous), True)
    t = np.arange(-63, 64, 2) / 64
    yield lost("from -1 to 1: rise, integral of the derivative", [float(f(1.0) - f(-1.0)), 2 * float(np.mean(
               f.derivative(t)))], [6.0, 5.0])
    yield lost("D(2^-30) and D(0), which is no limit of the former", [str(f.field(2.0**-30)), str(f.field(0.0))],
               ["conv{5}", "conv{0}"])
    g = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: 5 * t])
    yield back("without the jump: rise, integral, and D(0)", [float(g(1.0) - g(-1.0)), 2 * float(np.mean(
               g.derivative(t))), str(g.field(0.0))], [5.0, 5.0, "conv{0, 5}"])


FINITE = "finitely many pieces"


@against(("Definition 3", FINITE), ("Proposition 2", FINITE), ("Proposition 3", FINITE))
def constants() -> Iterator[Fact]:
    """f(t) = t as a selection of constants: s(t) = t, and the piece number a is the constant a.

    The pieces are elementary, each set {s = a} is given by one equation, t = a, and the derivative is 0 everywhere.
    (The code lists the constants k/2^20, k = 0, ..., 2^20, and is asked at those points alone.)
    """
    n = 2**20
    f = Selection(lambda t: int(t * n), Pieces(n + 1, lambda i: lambda t: 0.0 * t + i / n))
    t = np.arange(65) / 64
    yield kept("f(t) = t at 65 points of [0, 1]", bool(np.array_equal(f(t), t)), True)
    yield lost("derivatives there", sorted({float(d) for d in f.derivative(t)}), [0.0])
    yield lost("from 0 to 1: rise, integral", [float(f(1.0) - f(0.0)), float(np.mean(f.derivative(t)))], [1.0, 0.0])
    identity = Selection(lambda t: 0, [lambda t: t])
    yield back("with the one piece t: rise, integral", [float(identity(1.0) - identity(0.0)),
               float(np.mean(identity.derivative(t)))], [1.0, 1.0])


@against(("Definition 4", "a representation is given"), ("Equation (3)", "a representation is given"))
def no_representation() -> Iterator[Fact]:
    """relu has no selection derivative "at 0" of its own: [t > 0] and [t >= 0] give two."""
    strict = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t])
    weak = Selection(lambda t: t >= 0, [lambda t: 0.0 * t, lambda t: t])
    t = np.arange(-8, 9) / 4
    yield kept("both are relu at 17 points", bool(np.array_equal(strict(t), weak(t))), True)
    yield lost("derivatives at 0", [strict.derivative(0.0), weak.derivative(0.0)], [0.0, 1.0])
    yield back("the first one, asked twice", [strict.derivative(0.0), strict.derivative(0.0)], [0.0, 0.0])


@against(("Definition 5", "the convex hull is taken"))
def without_the_hull() -> Iterator[Fact]:
    """|t| has its minimum at 0, and neither of its slopes -1 and 1 is 0 there."""
    D = selection(np.abs, 0.0).field(0.0)
    slopes = D.vertices.ravel().tolist()
    yield kept("gradients of the active pieces at 0", slopes, [-1.0, 1.0])
    yield lost("0 is one of them", 0.0 in slopes, False)
    yield back("0 lies in their hull: 0 is selection critical", D.contains(0.0), True)


@against(("Proposition 1", "finitely many operations"), whose="Takagi, 1903")
def takagi_sum() -> Iterator[Fact]:
    """The sum of 2^-n dist(2^n t, Z) on [0, 1]: each partial sum is in S, the sum has no derivative anywhere.

    From 0 to 2^-N its slope is N, so it is not even locally Lipschitz, as a function in S is (Proposition 2).
    """
    def partial(terms: int) -> Any:
        def f(t: Any) -> Any:
            total, tent = 0.0, np.minimum(t, 1 - t)
            for n in range(terms):
                total, tent = total + tent / 2**n, np.minimum(2 * tent, 1 - 2 * tent)
            return total
        return f

    yield kept("kinked lines in sums of 2, 4 and 8 terms, all in S",
               [len(trace(partial(n), 0.25).kinked()) for n in (2, 4, 8)], [3, 5, 9])
    yield lost("slope from 0 to 2^-N, for N = 4, 8, 16",
               [float(partial(30)(2.0**-n) * 2**n) for n in (4, 8, 16)], [4.0, 8.0, 16.0])
    yield back("the same for the sum of 4 terms", [float(partial(4)(2.0**-n) * 2**n) for n in (4, 8, 16)],
               [4.0, 4.0, 4.0])


@against(("Proposition 1", "the operations are sum, product and composition"))
def reciprocal() -> Iterator[Fact]:
    """relu(t) / t: a quotient of functions in S is 0 left of 0, 1 right of it, and nothing at 0."""
    f = lambda t: relu(t) / t
    yield kept("values at -2^-30 and 2^-30", [float(f(-(2.0**-30))), float(f(2.0**-30))], [0.0, 1.0])
    yield lost("a value at 0 is refused", refused(lambda: trace(f, 1.0)(0.0), DomainError), True)
    yield back("the product relu(t) t at 0, and its derivative", [float(relu(0.0) * 0.0),
               float(grad(lambda t: relu(t) * t)(0.0))], [0.0, 0.0])


@against(("Remark 1", "every operation is log-exp"))
def own_wave() -> Iterator[Fact]:
    """A primitive of one's own, 0 for t <= 0 and sin t for t > 0: taken, since its pieces are smooth, and flagged.

    It is a continuous selection with an elementary index; its second piece is not log-exp.
    """
    wave = primitive("my_wave", [lambda t: 0.0 * t, np.sin], lambda t: t)
    line = primitive("my_line", [lambda t: 0.0 * t, lambda t: t], lambda t: t)
    yield kept("values at -1 and 0", [float(wave(-1.0)), float(wave(0.0))], [0.0, 0.0])
    yield lost("lines outside log-exp", list(trace(wave, 0.0).leaves_log_exp()), [1])
    yield back("the same with t for sin t", list(trace(line, 0.0).leaves_log_exp()), [])
