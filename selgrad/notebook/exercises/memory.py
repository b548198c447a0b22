"""Algorithm 2 on small memories, cell by cell: what the answers of chapter 3 are compared with."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.differentiation.modes import partials
from selgrad.primitives import Convention
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program


def accumulators(P: Program, steps: int, *args: Any, convention: Convention = "paper") -> list[float]:
    """v after some steps of the backward loop, for a program of scalars."""
    ev = evaluate(P, args, convention)
    v = [0.0] * len(P.shapes)
    for k in P.outputs:
        v[k] += 1.0
    first = len(P.input_shapes)
    for t in range(len(v) - 1, max(first, len(v) - steps) - 1, -1):
        for j, d in partials(t, P.line(t), ev):
            v[j] += float(np.asarray(d.pull(np.asarray(v[t]))))
    return v


def random_cells(rng: np.random.Generator, p: int, m: int, read_once: bool) -> tuple[list[tuple[int, ...]], dict]:
    """A random predecessor relation and slopes, small whole numbers so that sums are exact."""
    pr: list[tuple[int, ...]] = [() for _ in range(p)]
    for k in range(p, m):
        free = [j for j in range(k) if not (read_once and any(j in r for r in pr))]
        pr.append(tuple(sorted(rng.choice(free, size=min(2, len(free)), replace=False).tolist())))
    return pr, {(k, j): float(rng.integers(1, 4)) for k in range(p, m) for j in pr[k]}


def weighted(p: int, pr: list[tuple[int, ...]], d: dict, w: list[float]) -> list[float]:
    """The weights times the Jacobian of the last len(w) cells, by one backward pass (Algorithm 2)."""
    v = [0.0] * (len(pr) - len(w)) + list(w)
    for t in range(len(pr) - 1, p - 1, -1):
        for j in pr[t]:
            v[j] += v[t] * d[t, j]
    return v[:p]
