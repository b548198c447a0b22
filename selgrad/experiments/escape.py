"""A finite sum in the plane with an artificial critical point: random starts never end there, chosen ones do.

f_i(x) = |x - b_i|^2/2 + sum_j (b_ij - a_j) zero(x_j - a_j). Every term's derivative at a is 0, so a holds any
run that arrives, whatever minibatch is drawn; Clarke's subdifferential of J there is {a - mean(b)}. Runs of
algorithm (8) with minibatches of one, gamma_k = c/(k+1), starts around a and c uniform in (0, 1], float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import sgd
from selgrad.descent.traps import find_traps
from selgrad.examples.paper import zero
from selgrad.experiments.theorem4 import harmonic

A = np.array([0.5, -0.25])
B = np.array([[2.0, 0.5], [1.0, -1.0], [-1.0, 1.5], [1.5, 1.0], [0.5, 0.75]])
STEPS, RUNS, PART = 100, 10**7, 10**6


def term(x: Any, b: Any) -> Any:
    """f_i(x), with b = b_i."""
    return np.sum(np.square(x - b)) / 2 + (b[0] - A[0]) * zero(x[0] - A[0]) + (b[1] - A[1]) * zero(x[1] - A[1])


def objective() -> FiniteSum:
    """J, with the artificial critical point A."""
    return FiniteSum(term, B)


def trapped(part: int, size: int = PART, dtype: str = "float64") -> int:
    """How many of `size` random runs end at A exactly; part 0, 1, ... are different runs."""
    rng = np.random.default_rng((5, part))
    x0, c = A + rng.uniform(-2, 2, (size, 2)), 1 - rng.random(size)
    T = sgd(objective(), x0, steps=STEPS, c=c, alpha=harmonic, first=part * PART, dtype=dtype)
    return int((T.x == A).all(axis=1).sum())


def compute(store: str | None = None) -> dict[str, Any]:
    """[runs at A, runs] of random starts, and the chosen starts: [trajectory, x0, c, iterate that hits]."""
    random = sum(trapped(part) for part in range(RUNS // PART))
    chosen = [
        [first, trap.x0.tolist(), trap.c, trap.hit]
        for first in range(10) for trap in find_traps(objective(), harmonic, STEPS, at=A, batch=1, first=first)
    ]
    return {"steps": STEPS, "random": [random, RUNS], "chosen": chosen}
