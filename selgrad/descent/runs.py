"""What a run of algorithm (8) leaves: iterates, seeds, and what both can be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from selgrad import draws
from selgrad.descent.engine import Terms, chosen, objective
from selgrad.primitives import Convention


@dataclass(frozen=True, eq=False)
class Run:
    """N trajectories of algorithm (8).

    x are the last iterates, shape (N, *core); iterates those numbered `recorded`, shape
    (N, len(recorded), *core), or None; start the first ones. A trajectory that left the real
    numbers, or the domain of an instruction, at step broke[j] >= 0 is nan from there on; broke is
    -1 for the others. c (N,) and alpha (steps,) make the step sizes gamma_k = c alpha_k. Trajectory
    number 0 here is number `first` of the run with this seed. Source: algorithm (8), Theorem 4.
    """

    J: Any
    x: np.ndarray
    start: np.ndarray
    iterates: np.ndarray | None
    recorded: np.ndarray
    broke: np.ndarray
    c: np.ndarray
    alpha: np.ndarray
    batch: int | str
    seed: int
    first: int
    dtype: np.dtype
    convention: Convention
    engine: str
    terms: Terms = field(repr=False)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def steps(self) -> int:
        """The number of steps of each trajectory."""
        return len(self.alpha)

    @property
    def finite(self) -> np.ndarray:
        """Which trajectories stayed finite, shape (N,)."""
        return self.broke < 0

    @cached_property
    def values(self) -> np.ndarray:
        """J at the last iterates, shape (N,), or at the recorded ones, shape (N, len(recorded))."""
        points = self.x[:, None] if self.iterates is None else self.iterates
        J = objective(self.terms, points.reshape(-1, *self.terms.core)).reshape(points.shape[:2])
        return J[:, 0] if self.iterates is None else J

    @property
    def indices(self) -> np.ndarray:
        """The index sets I_k drawn, recomputed from the seed, counting from 0.

        Shape (N, steps, b), in the order drawn; for batch="subsets" booleans of shape (N, steps, n).
        """
        keys = draws.keys(self.seed, self.first, len(self))
        return np.stack([chosen(self.terms, draws.splitmix(keys, k)) for k in range(self.steps)], axis=1)

    def __repr__(self) -> str:
        broken = int((~self.finite).sum())
        note = f", {broken} not finite" if broken else ""
        return f"Trajectories(N={len(self)}, steps={self.steps}, {self.dtype.name}, engine={self.engine!r}{note})"
