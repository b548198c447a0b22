"""What rounding does to a null set: strips of trapped starts, sums that are exactly 0, programs that compensate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from selgrad.descent.sgd import sgd
from selgrad.examples.paper import trap
from selgrad.experiments.precision import boustany
from selgrad.experiments.theorem4 import STEPS, harmonic

EACH = 100_000  # random sums at once


def neighbours(x: float, dtype: Any, count: int = 8) -> np.ndarray:
    """x rounded to the format, with the `count` floats before and the `count` floats behind it.

    >>> neighbours(1.0, "float16", 1).astype(float).tolist()
    [0.99951171875, 1.0, 1.0009765625]
    """
    kind = np.dtype(dtype).type
    near = [kind(x)]
    for _ in range(count):
        near = [np.nextafter(near[0], kind(-np.inf)), *near, np.nextafter(near[-1], kind(np.inf))]
    return np.array(near)


def trapped_beside(c: float, dtype: Any, count: int = 8) -> str:
    """Which of the floats around x0 = -c/(1 - c), where the first step meets the trap 0, are trapped: x or a dot each.

    >>> trapped_beside(0.5, "float64", 2)
    '..x..'
    """
    c = float(np.dtype(dtype).type(c))
    starts = neighbours(-c / (1 - c), dtype, count).astype(float)
    T = sgd(trap, starts, steps=STEPS, c=c, alpha=harmonic, dtype=dtype)
    return "".join("x" if x == 0 else "." for x in T.x)


def fraction_trapped(dtype: Any, tried: int, seed: int = 0) -> int:
    """How many of `tried` random starts, x0 in [-2, 0] and c in (0, 1], end at the trap 0 in the format."""
    rng = np.random.default_rng(seed)
    x0, c = -2 * rng.random(tried), 1 - rng.random(tried)
    return int((sgd(trap, x0, steps=STEPS, c=c, alpha=harmonic, dtype=dtype).x == 0).sum())


def zero_sums(dtype: Any, tried: int, terms: int = 8, seed: int = 3) -> int:
    """How many of `tried` random sums of products, as of weights and activations, are exactly 0 in the format.

    Products and sums are rounded one after the other.
    """
    rng, zeros = np.random.default_rng(seed), 0
    for start in range(0, tried, EACH):
        size = (terms, min(EACH, tried - start))
        w, a = rng.uniform(-0.125, 0.125, size).astype(dtype), rng.random(size).astype(dtype)
        total = w[0] * a[0]
        for k in range(1, terms):
            total = total + w[k] * a[k]
        zeros += int((total == 0).sum())
    return zeros


def as_power(value: float) -> str:
    """A number as a power of two, where it is one.

    >>> as_power(2.0**-24), as_power(-0.5), as_power(0.0), as_power(3.0)
    ('2^-24', '-2^-1', '0', '3')
    """
    mantissa, exponent = np.frexp(abs(value))
    if mantissa != 0.5:
        return f"{value + 0.0:g}"
    return f"{'-' if value < 0 else ''}2^{int(exponent) - 1}"


def left_over(values: Iterable[float], dtype: Any) -> np.ndarray:
    """AD of max1(t x) - max2(t x) at t = 1 for x = v (1, 1, 1, 1), for each v: over the reals all are 0 (Boustany)."""
    return np.array([float(boustany(1.0, [v] * 4, dtype)) for v in values])
