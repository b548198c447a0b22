"""How often AD is Clarke: random programs at planted points, at points moved off them, and with one kink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from selgrad.examples.random_programs import random_program
from selgrad.sets.verdicts import classify
from selgrad.tracing.operations import relu

Case = tuple[Callable, np.ndarray]  # a program and a point


def planted(count: int) -> Iterable[Case]:
    """Random piecewise affine programs of three numbers, at points where several of their kinks meet."""
    return (random_program(np.random.default_rng(seed), p=3, length=8) for seed in range(count))


def moved(count: int) -> Iterable[Case]:
    """The same programs, at random points."""
    return ((f, x + np.random.default_rng(seed + 1).normal(size=3)) for seed, (f, x) in enumerate(planted(count)))


def one_kink(count: int) -> Iterable[Case]:
    """Random layers of four neurons with biases, at points where one of the neurons is exactly 0."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        A, b = rng.integers(-3, 4, size=(4, 3)).astype(float), rng.integers(-3, 4, size=4).astype(float)
        x = rng.integers(-2, 3, size=3).astype(float)
        b[0] = -A[0] @ x
        b[1:] += 0.5  # a number with a half is no integer: the other three are off their kinks
        yield lambda x, A=A, b=b: np.sum(relu(A @ x + b)), x


def how_often_clarke(cases: Iterable[Case]) -> dict[str, int]:
    """For how many of these programs and points AD's answer lies in Clarke's subdifferential, or not, or is undecided.

    >>> how_often_clarke([(np.abs, 0.0), (lambda t: relu(-t) + t - relu(t), 0.0)])
    {'Clarke': 1, 'not Clarke': 1, 'undecided': 0}
    """
    said = Counter(classify(f, x).ad_is_clarke for f, x in cases)
    return {"Clarke": said[True], "not Clarke": said[False], "undecided": said[None]}
