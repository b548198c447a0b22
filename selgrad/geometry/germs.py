"""Germs: numbers that are power series in t > 0, up to a power of t, over the rationals.

Their order is that of their values for all small t > 0: the first coefficient that is not 0 decides. So a program that
is run on germs takes the pieces that it takes along a curve near its beginning, whatever the curve's scale: no radius
is tried. exp, log and the like round their coefficients; a germ then knows its size, and where rounding may hide the
sign it raises Doubt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

ORDER = 6  # powers of t that are kept
ROUGH = 1e-10  # of the size of its terms, a coefficient that is no more is rounding


class Doubt(ArithmeticError):
    """Rounding or truncation hides the sign of a germ."""


class Germ:
    """c[0] + c[1] t + ... + c[ORDER] t^ORDER; size (None: exact) bounds the terms that rounded coefficients sum.

    >>> t = Germ([0, 1])
    >>> t * t - t < 0, (1 + t) ** 2 > 1 + 2 * t
    (True, True)
    """

    __slots__ = ("c", "size")

    def __init__(self, c: Sequence[Any], size: float | None = None):
        self.c = tuple(Fraction(a) for a in c[: ORDER + 1]) + (Fraction(0),) * (ORDER + 1 - len(c))
        self.size = size

    @classmethod
    def of(cls, x: Any) -> Germ:
        """A constant (or a germ) as a germ."""
        return x if isinstance(x, Germ) else cls([Fraction(x)])

    def _scale(self) -> float:
        return self.size if self.size is not None else float(max(map(abs, self.c)))

    def _joint(self, other: Germ, both: Callable[[float, float], float]) -> float | None:
        exact = self.size is None and other.size is None
        return None if exact else both(self._scale(), other._scale())

    def sign(self) -> int:
        """Its sign for small t > 0; 0 where all known coefficients vanish. Raises Doubt."""
        for a in self.c:
            if a:
                if self.size is not None and abs(a) <= ROUGH * self.size:
                    raise Doubt("rounding hides the sign of a germ")
                return 1 if a > 0 else -1
        return 0

    def __add__(self, other: Any) -> Germ:
        other = Germ.of(other)
        return Germ([a + b for a, b in zip(self.c, other.c, strict=True)], self._joint(other, lambda a, b: a + b))

    def __mul__(self, other: Any) -> Germ:
        other = Germ.of(other)
        a, b = self.c, other.c
        c = [sum((a[i] * b[k - i] for i in range(k + 1) if a[i]), Fraction(0)) for k in range(ORDER + 1)]
        return Germ(c, self._joint(other, lambda a, b: a * b))

    def __neg__(self) -> Germ:
        return Germ([-a for a in self.c], self.size)

    def __sub__(self, other: Any) -> Germ:
        return self + -Germ.of(other)

    def __rsub__(self, other: Any) -> Germ:
        return Germ.of(other) - self

    def __truediv__(self, other: Any) -> Germ:
        return self * Germ.of(other).reciprocal()

    def __rtruediv__(self, other: Any) -> Germ:
        return Germ.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n: Any) -> Germ:
        n = Germ.of(n).c[0]
        if n.denominator != 1:
            return (Germ([n]) * self.log()).exp()
        one = Germ([1])
        for _ in range(abs(int(n))):
            one = one * self
        return one if n >= 0 else one.reciprocal()

    def reciprocal(self) -> Germ:
        """1 / g. Raises Doubt where g vanishes at t = 0."""
        if not self.c[0]:
            raise Doubt("a germ that vanishes has no reciprocal")
        a = self.c[0]
        return self._series([(-1) ** k / a ** (k + 1) for k in range(ORDER + 1)], False)

    def _series(self, coefficients: Sequence[Any], rough: bool) -> Germ:
        """sum c_k (g - g(0))^k."""
        rest, power, total = Germ([0, *self.c[1:]], self.size), Germ([1]), Germ([0])
        for c in coefficients:
            total = total + power * Germ([c])
            power = power * rest
        if rough and total.size is None:
            total.size = total._scale()
        return total

    def _taylor(self, f: Callable[[float], list[float]], exact: bool) -> Germ:
        try:
            return self._series([a / math.factorial(k) for k, a in enumerate(f(float(self.c[0])))], not exact)
        except (ValueError, OverflowError):
            raise Doubt("a germ leaves the domain of a function") from None

    def exp(self) -> Germ:
        """exp of a germ; exact where its value at t = 0 is 0."""
        if not self.c[0]:
            return self._series([Fraction(1, math.factorial(k)) for k in range(ORDER + 1)], False)
        return self._taylor(lambda a: [math.exp(a)] * (ORDER + 1), False)

    def log(self) -> Germ:
        """log of a germ; exact where its value at t = 0 is 1."""
        a = self.c[0]
        if a <= 0:
            raise Doubt("a germ leaves the domain of log")
        value = [0 if a == 1 else math.log(float(a))]
        return self._series(value + [Fraction((-1) ** (k + 1), k) / a**k for k in range(1, ORDER + 1)], a != 1)

    def sqrt(self) -> Germ:
        """The square root of a germ that is positive at t = 0."""
        return (Germ([Fraction(1, 2)]) * self.log()).exp()

    def tanh(self) -> Germ:
        """tanh of a germ."""
        e = (self + self).exp()
        return (e - 1) / (e + 1)

    def sin(self) -> Germ:
        """sin of a germ."""
        return self._taylor(lambda a: [math.sin(a + k * math.pi / 2) if k % 2 else (-1) ** (k // 2) * math.sin(a)
                                       for k in range(ORDER + 1)], False)

    def cos(self) -> Germ:
        """cos of a germ."""
        return (self + Fraction(math.pi / 2)).sin()

    def __abs__(self) -> Germ:
        return self if self.sign() >= 0 else -self

    def __lt__(self, other: Any) -> bool:
        return (self - other).sign() < 0

    def __gt__(self, other: Any) -> bool:
        return (self - other).sign() > 0

    def __le__(self, other: Any) -> bool:
        return (self - other).sign() <= 0

    def __ge__(self, other: Any) -> bool:
        return (self - other).sign() >= 0

    def __eq__(self, other: object) -> bool:
        return (self - other).sign() == 0

    def __ne__(self, other: object) -> bool:
        return (self - other).sign() != 0

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Germ({[str(a) for a in self.c]})"


_each = np.frompyfunc(Germ.of, 1, 1)


def germs(a: Any) -> np.ndarray:
    """An array of numbers as one of germs."""
    return np.asarray(_each(np.asarray(a, dtype=object)), dtype=object)
