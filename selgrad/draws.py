"""Counter-based random numbers: SplitMix64, so that a draw is a function of where it is drawn alone.

Draw i of step k of trajectory j comes from three nested SplitMix64 generators:

    key_j    = output number j of SplitMix64(seed)
    state_jk = output number k of SplitMix64(key_j)
    word i   = state_jk itself for i = 0, else output number i - 1 of SplitMix64(state_jk)

(outputs count from 0). No generator is stored, so neither the engine nor the order of the work nor
what runs beside a trajectory can change its draws. `selgrad/compilation/kernels.py` spells the same
three lines for Numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

GAMMA = 0x9E3779B97F4A7C15
FACTORS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
WORD = 2**64
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def mix(z: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64 on an array of 64-bit words: a bijection that scatters every bit."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(FACTORS[0])
    z = (z ^ (z >> np.uint64(27))) * np.uint64(FACTORS[1])
    return z ^ (z >> np.uint64(31))


def splitmix(seed: Any, i: Any) -> np.ndarray:
    """Output number i (from 0) of SplitMix64(seed), elementwise.

    >>> print(splitmix(1234567, np.arange(2)))
    [6457827717110365317 3203168211198807973]
    """
    seeds = np.atleast_1d(np.asarray(seed, dtype=np.uint64))
    counts = np.atleast_1d(np.asarray(i, dtype=np.uint64)) + np.uint64(1)
    return mix(seeds + counts * np.uint64(GAMMA))


def keys(seed: int, first: int, count: int) -> np.ndarray:
    """key_j for the trajectories j = first, ..., first + count - 1: shape (count,)."""
    return splitmix(seed, np.uint64(first) + np.arange(count, dtype=np.uint64))


def word(state: np.ndarray, i: int) -> np.ndarray:
    """Word i of a step, given its state_jk."""
    return state if i == 0 else splitmix(state, i - 1)


def below(u: np.ndarray, n: int) -> np.ndarray:
    """The 64-bit words u brought to 0, ..., n-1: floor(u n / 2^64), for n < 2^32.

    A value comes up with probability 1/n up to 2^-64, which no run can tell from uniform.
    """
    high, low, n_ = u >> HALF, u & LOW, np.uint64(n)
    return ((high * n_ + ((low * n_) >> HALF)) >> HALF).astype(np.int64)


def minibatch(state: np.ndarray, b: int, n: int) -> np.ndarray:
    """A uniform subset of {0, ..., n-1} with b elements per state, in the order drawn: shape (N, b).

    Without replacement, by Floyd's method: element r is uniform in 0..n-b+r, or n-b+r itself when
    that was drawn before.
    """
    chosen = np.empty((len(state), b), dtype=np.int64)
    for r in range(b):
        last = n - b + r
        t = below(word(state, r), last + 1)
        seen = (chosen[:, :r] == t[:, None]).any(axis=1)
        chosen[:, r] = np.where(seen, last, t)
    return chosen


def subset(state: np.ndarray, n: int) -> np.ndarray:
    """A uniform nonempty subset of {0, ..., n-1} per state, as a boolean array: shape (N, n).

    n random bits, drawn again where all are zero: words a w, ..., a w + w - 1 in attempt a, where
    w = ceil(n/64); element i is bit i mod 64 of its word i // 64.
    """
    w = -(-n // 64)
    place = np.arange(n)
    mask = np.zeros((len(state), n), dtype=bool)
    empty = np.arange(len(state))
    attempt = 0
    while len(empty):
        words = np.stack([word(state[empty], attempt * w + i) for i in range(w)], axis=1)
        bits = (words[:, place // 64] >> (place % 64).astype(np.uint64)) & np.uint64(1)
        mask[empty] = bits.astype(bool)
        empty = empty[~mask[empty].any(axis=1)]
        attempt += 1
    return mask
