"""Counter-examples to Sections 1.1, 2.1 and 2.2: derivatives, integrals, the chain rule (Propositions 2 to 4)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from selgrad.counterexamples.curves import cantor, gaps
from selgrad.counterexamples.form import Fact, against, back, kept, lost
from selgrad.counterexamples.functions import EVERYWHERE, refused
from selgrad.differentiation.grad import grad, jacobian
from selgrad.errors import DomainError
from selgrad.examples.paper import relu2, t_minus_zero
from selgrad.selections.selection import Selection
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.tracing import trace
from selgrad.tracing.operations import relu

THIRD, QUARTER = Fraction(1, 3), Fraction(1, 4)
RIGIDITY = "rigidity: finitely many elementary pieces"


@against(("Equation (1)", "the program combines smooth functions smoothly"), whose="the paper, Section 1.1")
def kinked_identity() -> Iterator[Fact]:
    """t - zero(t): the function is the identity, as smooth as can be; the program has kinks at 0."""
    t = np.arange(-8, 9) / 4
    yield kept("it is t at 17 points", bool(np.array_equal(t_minus_zero(t), t)), True)
    yield lost("F(A(P)) and the gradient of F(P), at 0", [float(grad(t_minus_zero)(0.0)), 1.0], [0.0, 1.0])
    yield back("the program log(exp(t)) of the identity, at 0", float(grad(lambda t: np.log(np.exp(t)))(0.0)), 1.0)


@against(("Equation (2)", "it holds for all x, at ties too"))
def wrong_on_the_tie() -> Iterator[Fact]:
    """max(x1, x2) with a third piece 0 that is taken where x1 = x2: (2) holds for almost all x, and not for all.

    A null set is enough: a segment inside it sees nothing else.
    """
    index = lambda x: 2 if x[0] == x[1] else int(x[1] > x[0])
    f = Selection(index, [lambda x: x[0], lambda x: x[1], lambda x: 0.0 * x[0]], shape=2)
    x = np.random.default_rng(0).normal(size=(100, 2))
    yield kept("f_s(x) = max(x1, x2) at 100 random points", bool(np.array_equal(f(x), x.max(axis=1))), True)
    yield lost("f_s(x) at (1, 1), where the maximum is 1", float(f(np.ones(2))), 0.0)
    t = (np.arange(32) + 0.5)[:, None] / 32 * np.ones(2)
    yield lost("from (0, 0) to (1, 1) the maximum rises by 1; the integral",
               float(np.mean(f.derivative(t).sum(axis=1))), 0.0)
    g = Selection(lambda x: int(x[1] > x[0]), [lambda x: x[0], lambda x: x[1]], shape=2)
    yield back("the integral with piece 0 or 1 on the tie", float(np.mean(g.derivative(t).sum(axis=1))), 1.0)


@against(("Proposition 2", EVERYWHERE), ("Remark after Proposition 3", RIGIDITY), whose="classical")
def cantor_function() -> Iterator[Fact]:
    """The Cantor function: continuous, and constant on each of the intervals that fill [0, 1] up to a null set.

    So its gradient is 0 almost everywhere, on an open set whose closure is [0, 1]: of Proposition 3 only the last
    sentence is missing. Proposition 2 fails altogether. It is not piecewise elementary: the intervals are
    infinitely many, and no smooth function on R equals it across them.
    """
    found = gaps(12, THIRD, THIRD)
    yield kept("equal at both ends of each of the 255 longest gaps",
               all(cantor(l) == cantor(r) for l, r in found[:255]), True)
    yield kept("length of the gaps of 12 levels", sum(r - l for l, r in found), 1 - Fraction(2, 3) ** 12)
    yield lost("from 0 to 1: rise, and all of it that falls into these gaps",
               [cantor(1) - cantor(0), sum(cantor(r) - cantor(l) for l, r in found[:255])], [1, 0])
    yield lost("slope from 0 to 3^-k, for k = 1, 5, 10", [float(cantor(THIRD**k) * 3**k) for k in (1, 5, 10)],
               [1.5**k for k in (1, 5, 10)])
    t = (np.arange(64) + 0.5) / 64
    yield back("relu(2t - 1), constant on half of [0, 1]: rise, integral",
               [1.0, float(np.mean(grad(lambda t: np.sum(relu(2 * t - 1)))(t)))], [1.0, 1.0])


@against(("Proposition 2", EVERYWHERE), whose="classical")
def oscillating() -> Iterator[Fact]:
    """t² sin(1/t²), with 0 at 0: one piece, differentiable at every point, 0 too, and not locally Lipschitz.

    Its derivative is not integrable near 0, so Proposition 2 has no integral to speak of.
    """
    f = lambda t: t * t * np.sin(1 / (t * t))
    h = 2.0 ** -np.arange(1, 30)
    yield kept("|f(h) - f(0)| <= h² for h = 2^-1, ..., 2^-29, so the derivative at 0 is 0",
               bool(np.all(abs(f(h)) <= h * h)), True)
    at = [1 / np.sqrt(2 * np.pi * k) for k in (10, 1000, 100000)]
    yield lost("derivatives over -2 sqrt(2 pi k), at 1/sqrt(2 pi k) for k = 10, 10³, 10⁵",
               [round(float(grad(f)(t)) / (-2 / t), 6) for t in at], [1.0, 1.0, 1.0])


@against(("Remark after Proposition 3", RIGIDITY))
def zero_on_a_fat_cantor_set() -> Iterator[Fact]:
    """The function 0; off a Cantor set K of length 1/2 by the piece 0, and at each a in K by the piece t - a.

    The derivative is right on the open set off K, whose closure is [0, 1]: closures may cover everything while a set of
    positive length is left out. The integral counts K. What is dropped is that the pieces are finitely many and their
    sets elementary; a single smooth piece that vanishes on K has slope 0 at almost all of its points.
    """
    n = 14
    found = gaps(n, QUARTER, QUARTER)
    left = 1 - sum(r - l for l, r in found)
    yield kept("no point of [0, 1] is farther than 2^-14 from a gap of the first 14 levels",
               _between_gaps(found) <= Fraction(1, 2**n), True)
    yield lost("the rise is 0; the integral is the length of K: what 14 levels leave, less 2^-15",
               left - Fraction(1, 2 ** (n + 1)), Fraction(1, 2))
    f = Selection(lambda t: t == 0.5, [lambda t: 0.0 * t, lambda t: t - 0.5])
    t = np.arange(0, 257) / 256
    yield back("with K = {1/2}, one piece more: the derivative is 0 at all but 1 of 257 points",
               int(np.count_nonzero(f.derivative(t))), 1)


def _between_gaps(found: list[tuple[Fraction, Fraction]]) -> Fraction:
    """The longest interval without a gap."""
    ends = sorted(found)
    return max(b[0] - a[1] for a, b in zip([(Fraction(0), Fraction(0)), *ends], [*ends, (Fraction(1), Fraction(1))]))


ALMOST = "derivatives are selection derivatives, not merely right almost everywhere"


@against(("Proposition 4", ALMOST), ("Equation (5)", ALMOST))
def maximum_of_twins() -> Iterator[Fact]:
    """F(t) = (t, t) and g = max with the derivative (0, 0) at ties: right almost everywhere in the plane.

    F runs inside the null set where it is wrong, so the product of the chain rule is wrong at every t.
    """
    def rule(y: Any) -> Any:
        return np.where(y[0] == y[1], 0.0, grad(lambda y: np.maximum(y[0], y[1]))(y))

    y = np.random.default_rng(0).normal(size=(50, 2))
    yield kept("the rule gives the gradient at 50 random points",
               all(np.array_equal(rule(v), np.eye(2)[np.argmax(v)]) for v in y), True)
    F = lambda t: np.stack([t, t])
    points = [-1.0, 0.0, 2.0]
    yield lost("the product at -1, 0, 2, where g(F(t)) = t",
               [float(jacobian(F)(t).T @ rule(F(t))) for t in points], [0.0, 0.0, 0.0])
    g = Selection(lambda y: int(y[1] > y[0]), [lambda y: y[0], lambda y: y[1]], shape=2)
    yield back("the product with a selection derivative",
               [float(jacobian(F)(t).T @ g.derivative(F(t))) for t in points], [1.0, 1.0, 1.0])


@against(("Equation (5)", "the functions have full domain"), ("Proposition 4", "g is in S, on all of R^p"))
def root_of_the_square() -> Iterator[Fact]:
    """sqrt(t²) is |t|, and the chain rule at 0 reads infinity times 0: the root has no derivative at 0."""
    f = lambda t: np.sqrt(t * t)
    yield kept("value at 0, derivatives at -2 and 2", [float(f(0.0)), float(grad(f)(-2.0)), float(grad(f)(2.0))],
               [0.0, -1.0, 1.0])
    yield lost("the derivative at 0 is refused", refused(lambda: grad(f)(0.0), DomainError), True)
    yield back("|t| as a selection: derivative at 0, Clarke",
               [float(grad(np.abs)(0.0)), str(clarke(np.abs, 0.0).inner)], [-1.0, "conv{-1, 1}"])


@against(("Equation (4)", "the rows are selection derivatives, and so is the product"))
def rows_of_clarke() -> Iterator[Fact]:
    """F(t) = (relu(t), relu2(t)) and g(y) = y1 - y2: at 0 each row is in Clarke's set, and the product is not.

    For selection derivatives the product is right, for Clarke's subgradients (4) would be false.
    """
    F = lambda t: np.stack([relu(t), relu2(t)])
    composed = lambda t: relu(t) - relu2(t)
    rows = jacobian(F)(0.0)
    yield kept("the rows at 0, and whether Clarke's sets contain them",
               [rows.ravel(), [clarke(f, 0.0).inner.contains(r) for f, r in zip((relu, relu2), rows)]],
               [[0.0, 1.0], [True, True]])
    product = float(rows.ravel() @ np.array([1.0, -1.0]))
    yield lost("the product, and Clarke's set of g(F(t)) = 0", [product, str(clarke(composed, 0.0).inner)],
               [-1.0, "conv{0}"])
    yield back("it lies in everything AD could return", [conservative(composed, 0.0).contains(product),
               str(conservative(trace(composed, 0.0), 0.0))], [True, "conv{-1, 1}"])
