"""The open sets on which a program is smooth that reach a point: convex cones, and strips between germs of graphs.

A region answers `split(F)`: its parts where the series F is negative and where it is positive, None for none.
"""

from . import series
from .hulls import nearest_to_zero


class Unknown(Exception):
    """The oracle does not know: the program is left out."""


class Cone:
    """{d : rows d > 0}; once a switching function is not affine, an empty part tells nothing."""

    def __init__(self, n, rows=(), affine=True):
        self.n, self.rows, self.affine = n, rows, affine

    def split(self, F):
        a, affine = series.gradient(F, self.n), self.affine and series.is_affine(F)
        if not any(a):
            raise Unknown("a switching function without a gradient")
        parts = []
        for sign in (-1, 1):
            rows = (*self.rows, tuple(sign * c for c in a))
            reached = any(nearest_to_zero(rows))
            if not reached and not affine:
                raise Unknown("first order does not decide")
            parts.append(Cone(self.n, rows, affine) if reached else None)
        return parts


class Strip:
    """{(x, y) : side x = s > 0, low(s) < y < high(s)} near 0, between germs of graphs (None: unbounded)."""

    n = 2

    def __init__(self, side, low=None, high=None):
        self.side, self.low, self.high = side, low, high

    def split(self, F):
        F = {(e, f): c * self.side**e for (e, f), c in F.items()}
        least = min(e for e, _ in F)
        F = {(e - least, f): c for (e, f), c in F.items()}  # s^least > 0
        if (0, 0) in F:
            return [self, None] if F[0, 0] < 0 else [None, self]
        if (0, 1) not in F:
            raise Unknown("no graph over x")
        p = series.implicit(F)[: series.DEGREE + 1 - least]
        below, above = self, self
        if self.low is not None and p <= self.low[: len(p)]:
            below = None
        elif self.high is not None and p >= self.high[: len(p)]:
            above = None
        else:
            below, above = Strip(self.side, self.low, p), Strip(self.side, p, self.high)
        return [below, above] if F[0, 1] > 0 else [above, below]


def whole(n, strips):
    return [Strip(-1), Strip(1)] if strips else [Cone(n)]
