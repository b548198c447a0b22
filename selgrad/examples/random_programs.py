"""Random programs whose kinks sit exactly at a chosen integer point: what tests and notebooks try things on.

A generic point never meets a kink, so a wrong tie rule survives any number of generic tests. Here
the arguments of relu, abs, maximum, sort, where, ... are shifted so that they tie at x, exactly in
floating point: every switching function is a dyadic number with few bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.tracing import operations as sg

DEEPEST = 18  # an affine combination doubles numbers or halves them, so 18 levels are exact in 53 bits

ONE_ARGUMENT: dict[str, Callable] = {  # kinks at t = 0
    "relu": sg.relu,
    "abs": np.abs,
    "leaky_relu": lambda t: sg.leaky_relu(t, 0.5),
    "where": lambda t: np.where(t > 0, 2.0 * t, -t),
    "where_equal": lambda t: np.where(t == 0, 0.5 * t, t),
    "clip": lambda t: np.clip(t, 0.0, 4.0),
    "relu6": sg.relu6,
    "hard_tanh": lambda t: sg.hard_tanh(t - 1.0),
}

TWO_ARGUMENTS: dict[str, Callable] = {  # kinks at a = b
    "maximum": np.maximum,
    "minimum": np.minimum,
    "max": lambda a, b: np.max(np.stack([a, b])),
    "min": lambda a, b: np.min(np.stack([a, a + 2.0, b])),
    "sort": lambda a, b: 2.0 * np.sort(np.stack([a, b]))[0] - np.sort(np.stack([b, a]))[1],
    "kth_largest": lambda a, b: sg.kth_largest(np.stack([a, b, b - 1.0]), 2),
    "median": lambda a, b: np.median(np.stack([a, b, a + 1.0])),
    "max_pool": lambda a, b: np.sum(sg.max_pool(np.stack([a, b, b - 1.0, a]), 2)),
}

SMOOTH: dict[str, Callable] = {  # bounded growth, so that no program overflows
    "tanh": np.tanh,
    "exp": lambda t: np.exp(np.tanh(t)),
    "square": lambda t: np.square(np.tanh(0.5 * t)),
    "softplus": lambda t: sg.softplus(0.5 * t),
    "sigmoid": sg.sigmoid,
}


@dataclass(frozen=True)
class Step:
    """One random instruction: it reads two nodes a, b and may use up to three constants."""

    form: str
    name: str
    a: int
    b: int
    constants: tuple[float, ...]

    def run(self, nodes: list[Any]) -> Any:
        a, b, c = nodes[self.a], nodes[self.b], self.constants
        if self.form == "affine":
            return c[0] * a + c[1] * b + c[2]
        if self.form == "smooth":
            return SMOOTH[self.name](a)
        if self.form == "product":  # b - c is zero at a tie, whatever the rounding of a
            return ONE_ARGUMENT[self.name](np.tanh(a) * (b - c[0]))
        if self.form == "one":
            return ONE_ARGUMENT[self.name](a - c[0])
        return TWO_ARGUMENTS[self.name](a, b + c[0] if self.form == "two" else a + (b - c[0]))


def random_program(
    rng: np.random.Generator, p: int = 2, length: int = 12, kind: str = "affine", at: Any = None
) -> tuple[Callable, np.ndarray]:
    """(f, x): a random function of an array of shape (p,), with kinks planted exactly at x.

    f is ordinary NumPy and selgrad code with a scalar output, made of `length` random steps. About
    three of four kinked steps tie at x, which is `at` or a random integer point. kind="affine":
    piecewise affine with dyadic coefficients, so that values and derivatives are exact in floats;
    kind="smooth": tanh, exp, softplus and the like mixed in. The same generator state gives the
    same program. Raises InputError for another kind.

    >>> import selgrad
    >>> f, x = random_program(np.random.default_rng(0))
    >>> P = selgrad.trace(f, x)
    >>> len(P.kinked()) > 3, bool((selgrad.forward_mode(P, x) == selgrad.backward_mode(P, x)).all())
    (True, True)
    """
    if kind not in ("affine", "smooth"):
        raise InputError(f"Unknown kind {kind!r}: choose 'affine' or 'smooth'.")
    x = rng.integers(-3, 4, size=p).astype(float) if at is None else np.asarray(at, dtype=float)
    values: list[Any] = list(x)
    depth, exact = [0] * p, [True] * p  # exact: a short dyadic number, on which ties can be planted
    steps: list[Step] = []
    for _ in range(length):
        usable = [k for k, d in enumerate(depth) if d < DEEPEST]
        a = usable[-1 - int(rng.integers(min(4, len(usable))))]  # recent nodes first: programs that are deep
        b = int(rng.choice([k for k in usable if exact[k]]))
        steps.append(_step(rng, kind, a, b, exact[a], values))
        values.append(steps[-1].run(values))
        depth.append(1 + max(depth[a], depth[b]))
        exact.append(exact[a] and steps[-1].form in ("affine", "one", "two"))
    read = {k for step in steps for k in (step.a, step.b)}
    signs = [(k, float(rng.choice([-1.0, 1.0]))) for k in range(len(values)) if k not in read]

    def f(x: Any) -> Any:
        nodes = [x[j] for j in range(p)]
        for step in steps:
            nodes.append(step.run(nodes))
        total = 0.0
        for k, sign in signs:
            total = total + sign * nodes[k]
        return total

    return f, x


def _step(rng: np.random.Generator, kind: str, a: int, b: int, exact: bool, values: list[Any]) -> Step:
    gap = 0.0 if rng.random() < 0.75 else float(rng.choice([-1.0, 1.0]))
    forms = ["affine", "one", "two"] + (["smooth"] if kind == "smooth" else [])
    form = str(rng.choice(forms))
    one, two, smooth = (str(rng.choice(list(table))) for table in (ONE_ARGUMENT, TWO_ARGUMENTS, SMOOTH))
    if form == "affine":
        weights = rng.choice([-1.0, -0.5, 0.5, 1.0], size=2)
        return Step(form, "", a, b, (*(float(w) for w in weights), float(rng.integers(-1, 2))))
    if form == "smooth":
        return Step(form, smooth, a, a, ())
    if form == "one":
        if exact:
            return Step(form, one, a, a, (float(values[a]) + gap,))
        return Step("product", one, a, b, (float(values[b]) + gap,))
    if exact:
        return Step(form, two, a, b, (float(values[a] - values[b]) + gap,))
    return Step("two_beside", two, a, b, (float(values[b]) + gap,))
