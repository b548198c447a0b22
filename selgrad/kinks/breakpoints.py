"""Where a function changes its pieces along a curve: found, for affine pieces; narrowed down, for others."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import ceil, log2
from typing import Any

import numpy as np

from selgrad.kinks.gradients import difference, gradients
from selgrad.kinks.point import Local, local
from selgrad.kinks.ties import deciding, index_of
from selgrad.programs.program import Program
from selgrad.tracing import trace

NARROW = 1e-11  # parameters nearer to each other are one breakpoint (floats)
GRID = 128  # intervals between whose ends changes of pieces are looked for


def pieces_along(P: Program, gamma: Callable, d: Any, exact: bool) -> list[tuple[Any, Any]]:
    """The intervals of [0, 1] on which f o gamma is affine, in order.

    The pieces taken at an inner point hold up to the first zero, on either side, of a switching value
    along them: all of these are affine in t. What is left on both sides is searched in the same way.
    """
    one = Fraction(1) if exact else 1.0
    found, open_ones = [], [(0 * one, one)]
    while open_ones:
        low, high = open_ones.pop()
        if high - low <= (0 if exact else NARROW):
            continue
        t = inner(low, high)
        back, ahead = _reach(local(P, gamma(t), exact), d)
        if back == 0 or ahead == 0:
            open_ones += [(low, t), (t, high)]  # t itself is a breakpoint
            continue
        l, r = max(low, t - back), min(high, t + ahead)
        found.append((l, r))
        open_ones += [(low, l), (r, high)]
    found.sort()
    # narrow gaps are rounding: the next interval begins where the last one ends
    starts = [0 * one, *(l for l, _ in found[1:])]
    return list(zip(starts, [*starts[1:], one], strict=True))


def inner(low: Any, high: Any) -> Any:
    """A dyadic number near the middle with few digits, so that points of the curve are rounded little."""
    scale = 2 ** (ceil(-log2(high - low)) + 2)
    n = round((low + high) / 2 * scale)
    return Fraction(n, scale) if isinstance(low, Fraction) else n / scale


def _reach(here: Local, d: Any) -> tuple[Any, Any]:
    """How far t may go back and ahead before a switching value that is not zero becomes zero."""
    core = here.P.input_shapes[0]
    dx: list[Any] = [np.reshape(d, (1, 1, *core))]
    back = ahead = np.inf
    decides = {k for k, _ in deciding(here.P)}
    for k, instruction in here.P.lines():
        s = here.ev.indices[k]
        if k in decides:
            row: Any = instruction.row
            xs = here.operands(k)
            slopes, values = gradients(here, k, dx, 1)[0, :, 0], row.compares.values(instruction, xs)
            ties = here.ties.get(k, [])
            tied = {pair for tie in ties for pair in tie.pairs}
            if any(not _still(difference(slopes, pair), here) for pair in tied):
                return 0, 0
            for pair in row.compares.next(instruction, xs):  # at their next zero another piece may be taken
                slope = difference(slopes, pair)
                if pair in tied or _still(slope, here):
                    continue
                h = -difference(values, pair) / slope
                if not here.exact and abs(h) <= NARROW:
                    return 0, 0
                back, ahead = (min(back, -h), ahead) if h < 0 else (back, min(ahead, h))
            if ties:  # on all of the segment: any active piece has the same slope along it
                s = index_of(instruction, s, ties, [[tie.choices[0] for tie in ties]])
        dx.append(here.step(k, s, dx))
    return back, ahead


def _still(slope: Any, here: Local) -> bool:
    return slope == 0 if here.exact else abs(slope) <= 1e-13


def changes_along(f: Callable, gamma: Callable, low: float, high: float) -> list[float]:
    """Where f o gamma changes its pieces between `low` and `high`: seen on a grid, then halved to rounding.

    Inside a kink set rounding may flip pieces everywhere: then the quadrature has to find its own way.
    """
    P = trace(f, gamma(low))

    def pieces(t: float) -> tuple:
        x = gamma(t)
        Q = trace(f, x) if P.guards else P
        s = Q.evaluate(x).indices
        return (*(str(g.taken) for g in Q.guards), *(np.asarray(s[k]).tobytes() for k in Q.kinked()))

    grid = np.linspace(low, high, GRID + 1)
    stack = [(l, r, pieces(l), pieces(r)) for l, r in pairwise(grid)]
    found: list[float] = []
    halved = 0
    while stack:
        l, r, a, b = stack.pop()
        if a == b:
            continue
        t = (l + r) / 2
        if r - l <= 1e-14 or not l < t < r:
            found.append(float(r))
            continue
        halved += 1
        if halved > 100 * GRID:
            return []
        at = pieces(t)
        stack += [(l, t, a, at), (t, r, at, b)]
    found.sort()
    kept = [t for t, before in zip(found, [low, *found], strict=False) if t - before > 1e-12 and high - t > 1e-12]
    return kept
