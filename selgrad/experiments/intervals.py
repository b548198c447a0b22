"""What a count says about a probability: exact confidence intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

LEVEL = 0.95


def interval(count: ArrayLike, tried: ArrayLike, level: float = LEVEL) -> np.ndarray:
    """The exact (Clopper-Pearson) confidence interval of a probability of which `count` of `tried` trials were hits.

    low is the quantile (1 - level)/2 of Beta(count, tried - count + 1), 0 for no hit; high is the quantile
    (1 + level)/2 of Beta(count + 1, tried - count), 1 if every trial was one. Returns (low, high) stacked, shape
    (2,) + the shape of `count`. Raises ValueError when there is no trial or the count is not between 0 and it.

    Source: Clopper and Pearson, Biometrika 26 (1934).

    >>> low, high = interval(0, 500)
    >>> float(low), round(float(high), 4)
    (0.0, 0.0074)
    """
    k, n = np.asarray(count, dtype=float), np.asarray(tried, dtype=float)
    if np.any(n < 1) or np.any(k < 0) or np.any(k > n):
        raise ValueError("A count is between 0 and the number of trials, which is at least 1.")
    tail = (1 - level) / 2
    low = np.where(k > 0, beta.ppf(tail, np.maximum(k, 1), n - k + 1), 0.0)
    high = np.where(k < n, beta.ppf(1 - tail, k + 1, np.maximum(n - k, 1)), 1.0)
    return np.stack([low, high])
