"""Theorem 3 put to the test: a field integrated along a curve, beside the increment of the function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.differentiation.products import jvp
from selgrad.errors import InputError, NotElementary, ShapeError
from selgrad.geometry.rationals import exactly
from selgrad.kinks.breakpoints import NARROW, changes_along, inner, pieces_along
from selgrad.kinks.gradients import is_linear
from selgrad.programs.canonical import canonical, text
from selgrad.programs.evaluate import Exact, evaluate
from selgrad.programs.program import Program
from selgrad.tracing import trace

SAMPLES = 16  # random parameters of an interval at which a field is compared with itself
QUADRATURE = 1e-8  # asked of the adaptive quadrature, absolute and relative


@dataclass(frozen=True)
class Conservativity:
    """What `check_conservative` found.

    increment of f; largest and smallest integral of <v, curve'> over v in the field. gap: how far they are
    from it, summed over the intervals, so that errors cannot cancel. breakpoints: where f along the curve
    changes its piece, t in [0, 1]. exact: nothing was approximated, and the field was seen to be D_P of one piecewise
    affine program, which is constant between the breakpoints. sampled: no quadrature either, but of the field nothing
    is known, and it was compared at `SAMPLES` random parameters of each interval. error: what quadrature allows for.
    """

    increment: Any
    largest: Any
    smallest: Any
    gap: Any
    breakpoints: tuple[Any, ...]
    exact: bool
    error: float
    conservative: bool
    sampled: bool = False

    def __str__(self) -> str:
        many = f"over {len(self.breakpoints) + 1} interval(s)"
        sampled = f"{many}, the field at {SAMPLES} parameters of each"
        how = (f"exactly, {many}" if self.exact else sampled if self.sampled
               else f"by adaptive quadrature, up to {self.error:.1g}")
        said = ("both are the increment" if self.conservative
                else f"they miss the increment by {_text(self.gap)}: the field is not conservative for f")
        return (f"f grows by {_text(self.increment)} along the curve; the field integrates to between "
                f"{_text(self.smallest)} and {_text(self.largest)} ({how}): {said}.")


def _text(a: Any) -> str:
    return str(a) if isinstance(a, Fraction) else f"{a:.6g}"


def check_conservative(
    f: Callable | Program, field: Callable, curve: Any, *, exact: bool = False, tol: float | None = None
) -> Conservativity:
    """Whether the largest and the smallest integral of <v, curve'(t)>, v in field(curve(t)), are f's increment.

    field(x) has a .support(direction), as JacobianSet has. curve: corners of a polygonal curve, of shape
    (m, *shape of x); or gamma, or (gamma, its derivative), on [0, 1]. For piecewise affine f and a polygonal
    curve the breakpoints of f, and of the program whose D_P the field is, are found, not sampled; the field is compared
    at random parameters between them, and where it does not change nothing is approximated. exact=True works over the
    rationals. Else adaptive quadrature. Errors up to tol (1e-9 of the largest integral, or what the quadrature allows
    for) are rounding. One curve can refute; no number of curves proves.
    Raises ShapeError for a vector output. Source: Theorem 3.

    >>> import selgrad as sg
    >>> corner = lambda x: np.maximum(x[0], x[1])
    >>> diagonal = [[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]
    >>> print(check_conservative(corner, lambda x: sg.conservative(corner, x), diagonal))
    f grows by 2 along the curve; the field integrates to between 2 and 2 (exactly, over 2 interval(s)): both \
are the increment.
    >>> print(check_conservative(corner, lambda x: sg.JacobianSet([[[0.0, 0.0]]]), diagonal).conservative)
    False
    """
    if callable(curve) or (isinstance(curve, tuple) and len(curve) == 2 and callable(curve[0])):
        if exact:
            raise InputError("exact=True needs a polygonal curve: give its corners.")
        gamma, slope = curve if isinstance(curve, tuple) else (curve, _derivative(curve))
        return _by_quadrature(f, field, [(gamma, slope, 0.0, 1.0)], tol)
    corners = _corners(curve, exact)
    P = _scalar(f, corners[0])
    segments = [_segment(a, b - a) for a, b in pairwise(corners)]
    if P.guards or not all(is_linear(i) for _, i in P.lines()):
        if exact:
            raise NotElementary(f"{P.name} is not piecewise affine, or has Python branches: leave out exact=True.")
        return _by_quadrature(f, field, [(*segment, 0.0, 1.0) for segment in segments], tol)
    found, breakpoints, proved = [], [], True
    rng, one = np.random.default_rng(0), Fraction(1) if exact else 1.0
    for n, (gamma, slope) in enumerate(segments):
        of = _program(_set(field, gamma(inner(0 * one, one))))
        known = of is not None and not of.guards and all(is_linear(i) for _, i in of.lines())
        for l, r in _joined(P, of if known else None, gamma, slope(0), exact):
            breakpoints.append((n + l) / len(segments))
            found.append(_constant(P, field, gamma, slope(0), l, r, exact, rng, of if known else None))
        proved = proved and known and None not in found and all(part[3] for part in found if part is not None)
    if None in found:
        return _by_quadrature(f, field, [(*segment, 0.0, 1.0) for segment in segments], tol)
    if tol is None:
        tol = 0.0 if exact else 1e-9 * max(abs(e) for part in found for e in part[:3])
    return replace(_result(found, breakpoints[1:], proved, 0.0, tol), sampled=not proved)


def _program(D: Any) -> Program | None:
    """The program whose D_P a set is, where it is known."""
    return getattr(D, "program", None)


def _same(one: Program | None, other: Program) -> bool:
    if one is None or one is other:
        return one is other
    try:
        return text(canonical(one)) == text(canonical(other))
    except InputError:
        return False


def _joined(P: Program, of: Program | None, gamma: Callable, d: Any, exact: bool) -> list[tuple[Any, Any]]:
    """The intervals of `pieces_along` of both programs, cut at each other's ends."""
    every = pieces_along(P, gamma, d, exact)
    if of is None or _same(of, P):
        return every
    ends = sorted({t for pair in every + pieces_along(of, gamma, d, exact) for t in pair})
    return [(l, r) for l, r in pairwise(ends) if r - l > (0 if exact else NARROW)]


def _corners(curve: Any, exact: bool) -> np.ndarray:
    try:
        corners = exactly(curve) if exact else np.asarray(curve, dtype=float)
    except (TypeError, ValueError):
        raise InputError("A curve is an array of corners, a function on [0, 1], or (function, derivative).") from None
    if corners.ndim == 0 or len(corners) < 2 or not np.all(np.isfinite(corners.astype(float))):
        raise InputError(f"A polygonal curve needs two or more corners of finite numbers, not {curve!r}.")
    return corners


def _scalar(f: Callable | Program, x: Any) -> Program:
    P = trace(f, np.asarray(x, dtype=float)[()])
    if P.q != 1 or len(P.input_shapes) != 1:
        raise ShapeError(f"{P.name} has {len(P.input_shapes)} argument(s) and {P.q} outputs: Theorem 3 is about real "
                         "functions of one array, so check one component at a time.")
    return P


def _segment(a: Any, d: Any) -> tuple[Callable, Callable]:
    return lambda t: np.asarray(a + t * d)[()], lambda t: d


def _set(field: Callable, x: Any) -> Any:
    D = field(x)
    if not hasattr(D, "support"):
        raise InputError(f"field(x) returned a {type(D).__name__}, which is no set with a support(direction): give "
                         "one that returns sg.conservative(f, x), sg.clarke(f, x).inner or sg.JacobianSet(...).")
    return D


def _derivative(gamma: Callable) -> Callable:
    P = trace(gamma, 0.5)
    return lambda t: jvp(P if not P.guards else gamma, t, 1.0)[1]


def _value(P: Program, x: Any, exact: bool) -> Any:
    if not exact:
        return float(np.asarray(P(x)).item())
    return np.ravel(evaluate(P, (x,), policy=Exact()).values[P.outputs[0]])[0]


def _constant(P: Program, field: Callable, gamma: Callable, d: Any, l: Any, r: Any, exact: bool,
              rng: np.random.Generator, of: Program | None) -> tuple | None:
    """(increment, smallest, largest, whether the field is that of the program); None where it changes inside."""
    steps = [Fraction(int(n), 2**20) for n in rng.integers(1, 2**20, SAMPLES)]
    at = [inner(l, r), *(l + (r - l) * (step if exact else float(step)) for step in steps)]
    sets = [_set(field, gamma(t)) for t in at]
    ends = [(-D.support(-d), D.support(d)) for D in sets]
    size = 0 if exact else 1e-9 * max(abs(e) for pair in ends for e in pair)
    if any(abs(pair[n] - ends[0][n]) > size for pair in ends for n in (0, 1)):
        return None
    rise = _value(P, gamma(r), exact) - _value(P, gamma(l), exact)
    known = of is not None and all(_same(_program(D), of) for D in sets)
    return rise, ends[0][0] * (r - l), ends[0][1] * (r - l), known


def _by_quadrature(f: Callable, field: Callable, legs: list, tol: float | None) -> Conservativity:
    from scipy.integrate import quad

    found, breakpoints, error = [], [], 0.0
    for n, (gamma, slope, low, high) in enumerate(legs):
        def end(t: float, sign: int, gamma: Callable = gamma, slope: Callable = slope) -> float:
            d = sign * np.asarray(slope(t), dtype=float)
            return sign * float(_set(field, gamma(t)).support(d))

        cuts = [low, *changes_along(f, gamma, low, high), high]
        breakpoints += [(n + t) / len(legs) for t in (cuts[1:] if n + 1 < len(legs) else cuts[1:-1])]
        for l, r in pairwise(cuts):
            integrals = []
            for sign in (-1, 1):
                parts = []  # the whole and two parts: where they disagree, the estimates are too low
                for a, b in ((l, r), (l, l + 0.382 * (r - l)), (l + 0.382 * (r - l), r)):
                    parts.append(quad(end, a, b, args=(sign,), epsabs=QUADRATURE, epsrel=QUADRATURE, limit=200,
                                      full_output=1)[:2])
                integrals.append(parts[1][0] + parts[2][0])
                error += parts[1][1] + parts[2][1] + abs(parts[0][0] - integrals[-1])
            found.append((_real(f(gamma(r))) - _real(f(gamma(l))), *integrals))
    size = max(abs(e) for one in found for e in one)
    if error > 1e-3 * size:
        raise InputError(f"The quadrature is uncertain by {error:.1g}: the field jumps too often along this curve, so "
                         "give a shorter curve.")
    return _result(found, breakpoints, False, error, (1e-6 * size + error) if tol is None else tol)


def _real(y: Any) -> float:
    if np.size(y) != 1:
        raise ShapeError(f"f has {np.size(y)} outputs: Theorem 3 is about real functions, so check one component at a "
                         "time.")
    return float(np.asarray(y).item())


def _result(found: list, breakpoints: list, exact: bool, error: float, tol: float) -> Conservativity:
    rise, low, high = (sum((one[n] for one in found[1:]), found[0][n]) for n in range(3))
    gap = sum((max(abs(one[1] - one[0]), abs(one[2] - one[0])) for one in found), 0 * rise)
    if isinstance(rise, Fraction):
        rise, low, high, gap = (Fraction(a) for a in (rise, low, high, gap))
        breakpoints = [Fraction(t) for t in breakpoints]
    return Conservativity(rise, high, low, gap, tuple(breakpoints), exact, error, bool(gap <= tol))
