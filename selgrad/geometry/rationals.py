"""Rational numbers in NumPy's object arrays, and linear systems of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np


class Rational(Fraction):
    """A Fraction that stays exact beside floats, which it takes for the dyadic numbers they are.

    >>> 0.5 * Rational(1, 3) + 0.25
    Rational(5, 12)
    """

    __slots__ = ()

    def _with(self, other: Any, op: Callable[[Fraction, Fraction], Fraction]) -> Any:
        try:
            return Rational(op(Fraction(self), Fraction(other)))
        except (TypeError, ValueError):
            return NotImplemented

    def __add__(self, other: Any) -> Any:
        return self._with(other, Fraction.__add__)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, Fraction.__sub__)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, Fraction.__mul__)

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, Fraction.__truediv__)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b / a)

    def __pow__(self, exponent: Any) -> Any:
        return self._with(exponent, lambda a, b: a ** int(b) if b == int(b) else NotImplemented)

    def __neg__(self) -> Rational:
        return Rational(-Fraction(self))

    def __abs__(self) -> Rational:
        return Rational(abs(Fraction(self)))

    def rint(self) -> Rational:  # what NumPy asks an object for in np.round
        return Rational(round(Fraction(self)))

    __radd__ = __add__  # type: ignore[assignment]
    __rmul__ = __mul__  # type: ignore[assignment]


_each = np.frompyfunc(Rational, 1, 1)


def exactly(a: Any) -> np.ndarray:
    """An array of the same shape that holds its numbers as rationals, without rounding."""
    return np.asarray(_each(np.asarray(a, dtype=object)), dtype=object)


def solve(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The solution of a regular system of rationals, by elimination; A (n, n), b (n,).

    Raises ZeroDivisionError when A is singular.
    """
    n = len(b)
    M = np.column_stack([A, b]) if n else np.zeros((0, 1), dtype=object)
    for i in range(n):
        pivot = next((r for r in range(i, n) if M[r, i] != 0), None)
        if pivot is None:
            raise ZeroDivisionError("singular")
        M[[i, pivot]] = M[[pivot, i]]
        M[i] = M[i] / M[i, i]
        for r in range(n):
            if r != i and M[r, i] != 0:
                M[r] = M[r] - M[r, i] * M[i]
    return M[:, n]
