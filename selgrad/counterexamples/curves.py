"""Functions of analysis that no finite expression gives: Cantor's, Takagi's, and Cantor sets of positive length."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

DEEP = 60  # ternary or binary digits that are looked at


def cantor(t: Any) -> Any:
    """The Cantor function on [0, 1]: continuous, increasing, constant on each gap of the Cantor set (classical).

    Exact for fractions whose ternary digits end or contain a 1; else right to 2^-60.

    >>> cantor(Fraction(1, 3)), cantor(Fraction(1, 2)), cantor(Fraction(7, 9)), cantor(1)
    (Fraction(1, 2), Fraction(1, 2), Fraction(3, 4), Fraction(1, 1))
    """
    t, value, half = Fraction(t), Fraction(0), Fraction(1, 2)
    if t >= 1:
        return Fraction(1)
    for _ in range(DEEP):
        t = 3 * max(t, Fraction(0))
        digit = t.__floor__()
        value, t = value + half * min(digit, 1), t - digit
        if digit == 1 or t == 0:
            break
        half /= 2
    return value


def gaps(levels: int, first: Fraction, ratio: Fraction) -> list[tuple[Fraction, Fraction]]:
    """The gaps of a Cantor set in [0, 1]: 2^k of length first ratio^k at level k, each in the middle.

    first = ratio = 1/3 is Cantor's, of length 0; first = ratio = 1/4 leaves a set of length 1/2.

    >>> gaps(2, Fraction(1, 3), Fraction(1, 3))[0], len(gaps(5, Fraction(1, 4), Fraction(1, 4)))
    ((Fraction(1, 3), Fraction(2, 3)), 31)
    """
    whole, found, length = [(Fraction(0), Fraction(1))], [], first
    for _ in range(levels):
        middles = [(a + b) / 2 for a, b in whole]
        cut = [(m - length / 2, m + length / 2) for m in middles]
        whole = [piece for (a, b), (l, r) in zip(whole, cut, strict=True) for piece in ((a, l), (r, b))]
        found += cut
        length *= ratio
    return found


def distance_to_integers(t: Any) -> Any:
    """The distance of t from the nearest integer.

    >>> distance_to_integers(Fraction(7, 4))
    Fraction(1, 4)
    """
    return abs(t - Fraction(t + Fraction(1, 2)).__floor__())


def takagi(t: Any, terms: int = DEEP) -> Fraction:
    """The sum of 2^-n times the distance of 2^n t from the integers, over n < terms (Takagi, 1903).

    >>> takagi(Fraction(1, 2)), takagi(Fraction(1, 4))
    (Fraction(1, 2), Fraction(1, 2))
    """
    return sum((distance_to_integers(2**n * Fraction(t)) / 2**n for n in range(terms)), Fraction(0))
