"""Several tie conventions train one network side by side: what kinks they touch, and where their ways part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.differentiation.grad import value_and_grad
from selgrad.examples.networks import digits, initial, network
from selgrad.kinks.counts import touched
from selgrad.primitives import CONVENTIONS
from selgrad.tracing.operations import relu

Side = tuple[Callable, str]
"""An activation, and the tie convention that differentiates it."""


def maximum(z: Any) -> Any:
    """relu written np.maximum(z, 0), for which the conventions differ at 0: derivative 1 or 1/2, and relu's is 0."""
    return np.maximum(z, 0.0)


SIDES: Mapping[str, Side] = MappingProxyType({"relu": (relu, "paper")} | {c: (maximum, c) for c in CONVENTIONS})
FIVE = ("relu", "paper", "tensorflow", "torch", "jax")


@dataclass(frozen=True, eq=False)
class Parting:
    """The first step after which a side's parameters differ from the first side's in any bit, and why.

    The step counts minibatches from 0. instructions are the lines of the program that touched a kink in
    that step, ties how many preactivations were exactly 0 there; before the step both sides are equal.
    """

    step: int
    instructions: tuple[str, ...]
    ties: int


@dataclass(frozen=True, eq=False)
class Run:
    """Losses (epochs,) and kinks touched (epochs,) of every side, and where each parted from the first.

    A kink touched is a preactivation that is exactly 0; evaluated is how many there are in an epoch.
    apart (epochs,) holds the largest difference of a parameter from the first side's after each epoch.
    """

    losses: dict[str, np.ndarray]
    touches: dict[str, np.ndarray]
    apart: dict[str, np.ndarray]
    partings: dict[str, Parting | None]
    evaluated: int
    parameters: dict[str, tuple[np.ndarray, ...]]

    @property
    def touched(self) -> bool:
        """Has any side met a kink?"""
        return any(bool(count.any()) for count in self.touches.values())

    @property
    def parted(self) -> bool:
        """Has any side parted from the first?"""
        return any(parting is not None for parting in self.partings.values())


def on_digits(dtype: Any, epochs: int) -> Run:
    """A 64-32-10 network learns scikit-learn's digits five times, side by side; errors as in `digits`."""
    X, Y, _ = digits()
    return train(X, Y, (64, 32, 10), epochs=epochs, rate=0.5, dtype=dtype, sides={name: SIDES[name] for name in FIVE})


def train(
    X: np.ndarray, Y: np.ndarray, sizes: tuple[int, ...], *, epochs: int, rate: float = 0.1, batch: int = 32,
    seed: int = 0, dtype: Any = "float32", sides: Mapping[str, Side] = SIDES, biases: str = "uniform",
) -> Run:
    """Minibatch SGD on `cross_entropy`, once for every side (tie convention), on the same minibatches.

    x_(k+1) = x_k - (rate / (1 + epoch)) AD(x_k) in the dtype; minibatches are the seed's permutation of
    the rows of X (n, in), Y (n, classes), cut into n // batch pieces. The loss of an epoch is the mean over its
    minibatches. Source: algorithm (8), with minibatches drawn without replacement; the comparison is ours.

    >>> rng = np.random.default_rng(0)
    >>> X, Y = rng.random((64, 4)), np.eye(2)[rng.integers(0, 2, 64)]
    >>> run = train(X, Y, (4, 8, 2), epochs=2, dtype="float64")
    >>> run.evaluated, run.touches["jax"], run.partings["jax"]
    (512, array([0, 0]), None)
    """
    kind, first = np.dtype(dtype), next(iter(sides))
    X, Y = X.astype(kind), Y.astype(kind)
    programs = {f: network(sizes, batch, kind, f) for f, _ in sides.values()}
    both = {name: value_and_grad(programs[f], convention=c) for name, (f, c) in sides.items()}
    parameters = {name: initial(sizes, seed, kind, biases) for name in sides}
    losses, touches, apart = ({name: np.zeros(epochs) for name in sides} for _ in range(3))
    partings: dict[str, Parting | None] = dict.fromkeys(sides)
    steps = len(X) // batch
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        order = rng.permutation(len(X))[: steps * batch].reshape(steps, batch)
        gamma = kind.type(rate / (1 + epoch))
        for k, rows in enumerate(order):
            x, y = X[rows], Y[rows]
            for name, (f, c) in sides.items():
                P = programs[f]
                counts = touched(P, P.evaluate(parameters[name], x, y, convention=c))
                ties = sum(int(n) for n in counts.values())
                loss, d = both[name](parameters[name], x, y)
                losses[name][epoch] += float(loss) / steps
                touches[name][epoch] += ties
                parameters[name] = tuple(a - gamma * g for a, g in zip(parameters[name], d, strict=True))
                if partings[name] is None and not _equal(parameters[name], parameters[first]):
                    lines = (f"x{i} = {P.line(i).op}" for i, n in counts.items() if n)
                    partings[name] = Parting(epoch * steps + k, tuple(lines), ties)
        for name in sides:
            pairs = zip(parameters[name], parameters[first], strict=True)
            apart[name][epoch] = max(float(np.max(np.abs(a.astype(float) - b.astype(float)))) for a, b in pairs)
    whole = {c: touches[c].astype(int) for c in sides}
    return Run(losses, whole, apart, partings, steps * batch * sum(sizes[1:-1]), parameters)


def _equal(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
