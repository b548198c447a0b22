"""How often SGD on J(x) = (x-1)^2/2 + zero(x) ends at the artificial critical point 0, by format.

x0 is uniform in [-2, 0], c in [0, 1], gamma_k = c/(k+1), 60 steps. In float16 the square is cut into 40 by 40
cells with 250 runs each; in float32 and float64 10^8 runs are drawn over the whole square (with Numba).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.descent.sgd import sgd
from selgrad.examples.paper import trap
from selgrad.experiments.precision import FORMATS, on_kinks
from selgrad.sweeps import sweep
from selgrad.sweeps.tasks import trapped

STEPS, CELLS, TRIALS = 60, 40, 250
RUNS, PART = 10**8, 10**6
WATCHED = 100_000  # runs of which every step is looked at


def harmonic(k: Any) -> Any:
    return 1 / (k + 1)


def drawn(part: int, size: int = PART) -> tuple[np.ndarray, np.ndarray]:
    """Starts and step scales of part number `part` of the runs."""
    u = np.random.default_rng((4, part)).random((2, size))
    return -2 * u[0], u[1]


def cells(store: str | None = None, columns: slice = slice(None)) -> np.ndarray:
    """Runs trapped in every cell, float16: shape (columns, CELLS), x0 by c."""
    x0, c = -2 + 2 / CELLS * np.arange(CELLS), np.arange(CELLS) / CELLS
    options = {"width": 2 / CELLS, "height": 1 / CELLS, "trials": TRIALS, "steps": STEPS}
    grid = {"x0": x0, "c": c, "dtype": ["float16"]}
    if columns != slice(None):  # the same points with the same indices, and so the same draws
        grid = {"x0": x0[: columns.stop], "c": c, "dtype": ["float16"]}
    return sweep(trapped, grid, store=store, chunk=CELLS, options=options)["trapped"][columns, :, 0]


def hits(dtype: str, part: int, size: int = PART) -> np.ndarray:
    """(x0, c) of the runs of a part that end at 0 exactly: shape (n, 2)."""
    x, c = drawn(part, size)
    T = sgd(trap, x, steps=STEPS, c=c, alpha=harmonic, dtype=dtype)
    at = T.x == 0
    return np.column_stack([T.start[at], T.c[at]]).astype(float)


def steps_on_kinks(dtype: str, runs: int = WATCHED) -> int:
    """Of runs * STEPS steps, how many evaluate the kink exactly."""
    x, c = drawn(0, runs)
    return int(on_kinks(sgd(trap, x, steps=STEPS, c=c, alpha=harmonic, dtype=dtype, record="all")).sum())


def compute(store: str | None = None) -> dict[str, Any]:
    """The cells of float16; for every format the runs trapped, the runs tried, and steps on the kink."""
    here = cells(store)
    result: dict[str, Any] = {"steps": STEPS, "trials": TRIALS, "cells": here.tolist()}
    result["trapped"] = {"float16": [int(here.sum()), CELLS * CELLS * TRIALS]}
    for dtype in ("float32", "float64"):
        found = np.concatenate([hits(dtype, part) for part in range(RUNS // PART)])
        result["trapped"][dtype] = [len(found), RUNS]
        result[f"hits {dtype}"] = found.tolist()
    result["on kinks"] = {dtype: [steps_on_kinks(dtype), WATCHED * STEPS] for dtype in FORMATS}
    return result
