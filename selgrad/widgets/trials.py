"""What the trap explorer shows: a problem with traps, the starts that lead to them, and trials of many starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from selgrad import draws
from selgrad.compilation import available
from selgrad.descent.finite_sum import FiniteSum
from selgrad.descent.sgd import sgd
from selgrad.descent.trajectories import Trajectories
from selgrad.errors import OutsideTheorem4
from selgrad.examples.paper import zero

LOW, HIGH = -2.0, 0.0  # of x0; to the right of a trap an iterate moves on to the right
FINE, COARSE = (160, 100, 200), (100, 50, 60)  # starts in x0, in c, and steps; the coarse grid runs without Numba
LONGEST = {False: 6, True: 3}  # steps whose pre-images are drawn, without and with noise (2^k curves at step k)
SHORT = 12  # steps of the starts beside the curves: twice as many as the longest curve needs
ROWS = 256  # values of c on a curve, every c of the slider among them
SEED = 0  # of the starts, and of the draws of algorithm (8)
PRECISIONS = ("float16", "float32", "float64")
SCHEDULES: dict[str, Callable[[int], float]] = {  # divisions and square roots round alike in every language
    "1/(k+1)": lambda k: 1 / (k + 1),
    "1/sqrt(k+1)": lambda k: 1 / np.sqrt(k + 1),
    "1/2, constant": lambda k: 0.5,
}


def term(x: Any, datum: Any) -> Any:
    """(x - b)²/2 + sum_j w_j zero(x - a_j). What a slider moves is a datum: a constant would be compiled anew."""
    b, traps = datum
    y = np.square(x - b) / 2
    for a, w in traps:
        y = y + w * zero(x - a)
    return y


@dataclass(frozen=True)
class Problem:
    """Minibatches of one of J = (f_0 + f_1)/2, f_i(x) = (x - b_i)²/2 + sum_j (1 - a_j) zero(x - a_j), b = 1 - s, 1 + s.

    As a function J is (x - 1)²/2 + s²/2, whose one critical point is 1; AD returns 0 at each trap a_j as well.
    Without noise (s = 0) both terms are equal, and algorithm (8) is gradient descent.
    """

    traps: tuple[float, ...]
    noise: float
    schedule: str
    dtype: str

    @cached_property
    def places(self) -> np.ndarray:
        """The traps as numbers of the precision."""
        return np.array(self.traps, dtype=self.dtype)

    @cached_property
    def J(self) -> FiniteSum:
        weights = np.ones(1, dtype=self.dtype) - self.places  # rounded as AD rounds a_j - 1, so that the sum is 0
        traps = [(np.full(2, a), np.full(2, w)) for a, w in zip(self.places.astype(float), weights.astype(float))]
        return FiniteSum(term, (1 + self.noise * np.array([-1.0, 1.0]), traps))

    def run(self, x0: Any, c: Any, steps: int, **options: Any) -> Trajectories:
        """sg.sgd on this problem; where the kernel is compiled, short runs use it too: the bits are the same."""
        engine = "numba" if self.compiled else "numpy"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideTheorem4)  # `outside` says it in words
            return sgd(self.J, x0, c=c, steps=steps, alpha=SCHEDULES[self.schedule], dtype=self.dtype, engine=engine,
                       seed=SEED, **options)

    @property
    def compiled(self) -> bool:
        """Does Numba run it?"""
        return available() and self.dtype != "float16"

    def trapped(self, T: Trajectories) -> np.ndarray:
        """Which trajectories end exactly at a trap."""
        return np.isin(T.x, self.places)

    @property
    def family(self) -> tuple:
        """What the problem is, whatever the precision."""
        return self.traps, self.noise, self.schedule

    @cached_property
    def outside(self) -> bool:
        """Is the schedule one that Theorem 4 does not cover?"""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", OutsideTheorem4)
            sgd(self.J, [0.0], c=0.5, steps=1, alpha=SCHEDULES[self.schedule])
        return bool(caught)

    def curves(self, c: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """(k, x0(c)) for the starts that arrive at a trap at step k, for every way to draw k terms.

        Off the traps AD returns x - b_i, so a step reads x -> x - gamma_k (x - b_i); run backwards from a trap,
        x = (y - gamma_k b_i) / (1 - gamma_k). For k = 1 and the trap 0 this is c = x0 / (x0 - 1).
        """
        alpha, found = SCHEDULES[self.schedule], []
        ways = sorted({1 - self.noise, 1 + self.noise})
        for k in range(1, LONGEST[self.noise > 0] + 1):
            for a, word in product(self.traps, product(ways, repeat=k)):
                x = np.full(len(c), a)
                for j in reversed(range(k)):
                    gamma = c * alpha(j)
                    x = np.divide(x - gamma * word[j], 1 - gamma, out=np.full(len(c), np.nan), where=gamma < 1)
                x[~((x >= LOW) & (x <= HIGH))] = np.nan
                found.append((k, x))
        return found

    def beside(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts (x0, c) next to the curves: the three floats nearest to each, for every c of `on_curves`."""
        curves = [x for _, x in self.curves(on_curves())]
        x = np.concatenate(curves).astype(self.dtype)
        c = np.tile(on_curves().astype(self.dtype), len(curves))
        x, c = x[np.isfinite(x)], c[np.isfinite(x)]
        far = np.full(1, np.inf, dtype=self.dtype)
        return np.concatenate([np.nextafter(x, -far), x, np.nextafter(x, far)]), np.tile(c, 3)


def on_curves() -> np.ndarray:
    """The values of c for which the curves are drawn, from 1/256 to 1: exact in every precision."""
    return np.arange(1, ROWS + 1) / ROWS


def scattered(count: int) -> np.ndarray:
    """Numbers in [0, 1), drawn once for all: number n is output n of SplitMix64, of which 53 bits are kept."""
    return (draws.splitmix(SEED, np.arange(count)) >> np.uint64(11)) * 2.0**-53


@dataclass(frozen=True)
class Trial:
    """What became of many starts: one at random in each cell of the heat map, and those beside the curves."""

    problem: Problem
    size: tuple[int, int, int]

    @cached_property
    def starts(self) -> tuple[np.ndarray, np.ndarray]:
        """One start in each cell, always the same ones: x0 and c of shape (rows, columns)."""
        columns, rows, _ = self.size
        u, v = scattered(2 * rows * columns).reshape(2, rows, columns)
        return LOW + (HIGH - LOW) * (np.arange(columns) + u) / columns, (np.arange(rows)[:, None] + v) / rows

    @cached_property
    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The distances |x_T - 1| to the minimiser, and which cells are trapped: shape (rows, columns)."""
        x0, c = self.starts
        T = self.problem.run(x0.ravel(), c.ravel(), self.size[2])
        return np.abs(T.x.astype(float) - 1).reshape(x0.shape), self.problem.trapped(T).reshape(x0.shape)

    @cached_property
    def curves(self) -> list[tuple[int, np.ndarray]]:
        """The curves of starts that meet a trap, over `on_curves`."""
        return self.problem.curves(on_curves())

    @cached_property
    def beside(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x0, c and which are trapped, for the starts beside the curves."""
        x0, c = self.problem.beside()
        if len(x0) == 0:  # from no start in the picture does an iterate come to the trap
            return x0.astype(float), c.astype(float), np.zeros(0, dtype=bool)
        T = self.problem.run(x0.astype(float), c.astype(float), SHORT)
        return x0.astype(float), c.astype(float), self.problem.trapped(T)
