"""Counter-examples to Section 5.1 and to Proposition 6: fields, curves, Clarke's subdifferential (Theorem 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from selgrad.counterexamples.curves import cantor, takagi
from selgrad.counterexamples.form import Fact, against, back, kept, lost
from selgrad.counterexamples.functions import FINITE
from selgrad.differentiation.grad import grad
from selgrad.geometry.jacobians import JacobianSet
from selgrad.programs.program import Program
from selgrad.selections.selection import Pieces, Selection
from selgrad.sets.clarke import clarke
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import check_conservative
from selgrad.tracing.operations import relu, sort

AC = "the curve is absolutely continuous"
K = (1, 10, 40)


def _identity(x: Any) -> Any:
    return 1.0 * x


def added(f: Callable | Program) -> Callable[[Any], JacobianSet]:
    """A wrong field for f: everything AD could return, and where pieces tie the sum of their slopes as well.

    Off the kinks it is {gradient}, so no measure of points sees the difference; it is not conservative (ours; the
    rule that gives every tied maximum a slope of 1 has been in use).

    >>> field = added(lambda x: np.maximum(x[0], x[1]))
    >>> print(field(np.array([1.0, 0.0])), field(np.array([1.0, 1.0])))
    conv{[1., 0.]} conv{[0., 1.], [1., 0.], [1., 1.]}
    """

    def field(x: Any) -> JacobianSet:
        pieces = conservative(f, x).vertices
        return JacobianSet(pieces if len(pieces) == 1 else [*pieces, pieces.sum(axis=0)])

    return field


@against(("Theorem 3", AC), whose="classical")
def cantor_curve() -> Iterator[Fact]:
    """f(x) = x along the Cantor function: a continuous curve, whose derivative is 0 at almost every t.

    There d/dt f(curve) = 0 = <1, 0>: the formula holds almost everywhere, and integrating it gives 0 in place of 1.
    That a curve is the integral of its derivative is what absolutely continuous means.
    """
    curve = (lambda t: float(cantor(t)), lambda t: 0.0)  # its derivative, at almost every t
    found = check_conservative(_identity, lambda x: conservative(_identity, x), curve)
    yield kept("it is continuous: |c(t + 3^-k) - c(t)| <= 2^-k at 50 places, k = 8", all(
               cantor(Fraction(n, 49) + Fraction(1, 3**8)) - cantor(Fraction(n, 49)) <= Fraction(1, 2**8)
               for n in range(49)), True)
    yield lost("increment of f, integral of <v, curve'> over v in D_f", [found.increment, found.largest], [1.0, 0.0])
    straight = check_conservative(_identity, lambda x: conservative(_identity, x), [0.0, 1.0])
    yield back("the same along the straight line", [straight.increment, straight.largest], [1.0, 1.0])


@against(("Theorem 3", AC), whose="Takagi, 1903")
def takagi_curve() -> Iterator[Fact]:
    """f(x) = x along Takagi's function: a continuous curve that has no derivative at any t, so neither has f on it.

    Over dyadic intervals of half the length its slope changes by 1 up or down, wherever one looks.
    """
    def slope(t: Fraction, n: int) -> int:
        left = Fraction((t * 2**n).__floor__(), 2**n)
        return int((takagi(left + Fraction(1, 2**n)) - takagi(left)) * 2**n)

    places = [Fraction(1, 3), Fraction(3, 10), Fraction(5, 7)]
    yield kept("it is continuous: what the terms from 2^-n on add up to, at most, in units of 2^-n",
               float(sum(Fraction(1, 2 ** (n + 1)) for n in range(60))), 1.0)
    yield lost("slopes around 1/3 over intervals of length 2^-10, ..., 2^-15",
               [slope(places[0], n) for n in range(10, 16)], [0, 1, 0, 1, 0, 1])
    yield lost("changes of the slope from 2^-n to 2^-(n+1), around 1/3, 3/10 and 5/7, n < 30",
               sorted({abs(slope(t, n + 1) - slope(t, n)) for t in places for n in range(30)}), [1])


@against(("Theorem 3", "v is in D_f: the hull of the gradients of the active pieces"))
def summed_slopes() -> Iterator[Fact]:
    """At a tie of max(x1, x2) also the sum (1, 1) of both slopes: right almost everywhere, wrong along the tie.

    A gradient of Max that gave 1 to each of the tied entries was in use (onnxruntime, pull request 7217).
    """
    f = lambda x: np.maximum(x[0], x[1])
    field = added(f)
    across, along = [[0.0, 1.0], [2.0, -1.0]], [[0.0, 0.0], [2.0, 2.0]]
    found = check_conservative(f, field, across)
    yield kept("across the tie: increment, smallest, largest", [found.increment, found.smallest, found.largest],
               [1.0, 1.0, 1.0])
    found = check_conservative(f, field, along)
    yield lost("along the tie: increment, smallest, largest", [found.increment, found.smallest, found.largest],
               [2.0, 2.0, 4.0])
    found = check_conservative(f, lambda x: conservative(f, x), along)
    yield back("along the tie without the sum", [found.increment, found.smallest, found.largest], [2.0, 2.0, 2.0])


ALL_ACTIVE = "all active pieces count, not s(x) alone"


@against(("Proposition 6", ALL_ACTIVE), ("Definition 5", ALL_ACTIVE))
def index_alone() -> Iterator[Fact]:
    """relu with the one gradient that s picks: 1 at x_k = 2^-k, and 0 at their limit 0."""
    f = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t])
    yield kept("v_k at x_k, k = 1, 10, 40", [float(f.derivative(2.0**-k)) for k in K], [1.0, 1.0, 1.0])
    yield lost("the derivative at the limit", float(f.derivative(0.0)), 0.0)
    yield back("D(0) contains the limit of the v_k", f.field(0.0).contains(1.0), True)


@against(("Proposition 6", FINITE))
def pieces_that_accumulate() -> Iterator[Fact]:
    """The function 0, with the pieces 0 and t - 2^-k for k = 1, 2, ..., none of which s uses.

    At x_k = 2^-k the piece number k is active, at their limit 0 none is but the first. (The code lists 64 of them.)
    """
    f = Selection(lambda t: 0, Pieces(65, lambda i: (lambda t: 0.0 * t) if i == 0 else (lambda t: t - 2.0**-i)))
    yield kept("1 is in D(x_k), k = 1, 10, 40", [f.field(2.0**-k).contains(1.0) for k in K], [True, True, True])
    yield lost("D(0), which does not contain the limit 1", str(f.field(0.0)), "conv{0}")
    g = Selection(lambda t: 0, [lambda t: 0.0 * t, lambda t: t - 0.5, lambda t: t - 0.25])
    yield back("with two of them: 1 is in D(x_k), k = 1, 10, 40", [g.field(2.0**-k).contains(1.0) for k in K],
               [True, False, False])


@against(("Proposition 6", "the pieces are continuously differentiable"), whose="classical")
def wild_piece() -> Iterator[Fact]:
    """t² sin(1/t), with 0 at 0: one piece, differentiable everywhere, with slope 0 at 0 and slopes near 1 beside it."""
    f = lambda t: t * t * np.sin(1 / t)
    at = [1 / (np.pi * (2 * k + 1)) for k in (1, 1000, 10**6)]
    h = 2.0 ** -np.arange(1, 30)
    yield kept("|f(h) - f(0)| <= h², so the derivative at 0 is 0", bool(np.all(abs(f(h)) <= h * h)), True)
    yield lost("derivatives at x_k = 1/(pi (2k + 1)), k = 1, 10³, 10⁶: their limit 1 is not in D(0) = {0}",
               [round(float(grad(f)(t)), 6) for t in at], [1.0, 1.0, 1.0])


@against(("Illustration (a)", "the list is the two pieces 0 and x"))
def unused_piece() -> Iterator[Fact]:
    """relu with a third piece 5t, which s never takes: active at 0 all the same, so the field grows."""
    f = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t, lambda t: 5 * t])
    t = np.arange(-8, 9) / 4
    yield kept("it is relu at 17 points", bool(np.array_equal(f(t), relu(t))), True)
    yield lost("field at 0, convex subdifferential of relu", [str(f.field(0.0)), str(clarke(relu, 0.0).inner)],
               ["conv{0, 5}", "conv{0, 1}"])
    g = Selection(lambda t: t > 0, [lambda t: 0.0 * t, lambda t: t])
    yield back("field at 0 of the two pieces", str(g.field(0.0)), "conv{0, 1}")


@against(("Illustration (b)", "the pieces are the permutations, chosen as one"))
def sorting_network() -> Iterator[Fact]:
    """(max(x1, x2), min(x1, x2)) sorts two numbers; at a tie its two instructions choose on their own.

    Two of the four matrices are no permutations: D_P is larger than Clarke's Jacobian of the same function.
    """
    network = lambda x: np.stack([np.maximum(x[0], x[1]), np.minimum(x[0], x[1])])
    descending = lambda x: sort(x, descending=True)
    x = np.random.default_rng(0).normal(size=(20, 2))
    yield kept("it sorts 20 random pairs",
               all(np.array_equal(network(v), np.sort(v)[::-1]) for v in x), True)
    counts = lambda f: [len(conservative(f, np.ones(2)).vertices), len(clarke(f, np.ones(2)).inner.vertices)]
    yield lost("vertices of D_P at (1, 1), and of Clarke's Jacobian", counts(network), [4, 2])
    yield back("the same for sg.sort", counts(descending), [2, 2])
