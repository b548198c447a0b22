"""The tasks that have a name of ours, and those a user names as module:function."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.examples.paper import trap
from selgrad.sweeps.grid import Chunk
from selgrad.sweeps.plan import Outputs, Task

DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*"
TASKS = MappingProxyType({"trapped": "selgrad.sweeps.tasks:trapped"})


def load(name: str, folder: Path | None = None) -> Task:
    """The task called `name`: one of TASKS, or `module:function`, where the module may lie in `folder`.

    Naming a module runs it, as with any import: it must be one you trust. Raises InputError.

    >>> load("trapped").__name__
    'trapped'
    """
    if name not in TASKS and not re.fullmatch(DOTTED, name):
        raise InputError(f"There is no task {name!r}; there is {', '.join(TASKS)}, or your own, as module:function.")
    return imported(TASKS.get(name, name), "task", folder)


def imported(name: str, what: str, folder: Path | None = None) -> Any:
    """The callable that `module:function` names. Raises InputError, calling it a `what`."""
    if not re.fullmatch(DOTTED, name):
        raise InputError(f"The {what} {name!r} must be named as module:function.")
    module, function = name.split(":")
    if folder is not None and str(folder.resolve()) not in sys.path:
        # the worker processes we start get this sys.path too
        sys.path.insert(0, str(folder.resolve()))
    try:
        found = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # what a user's module may raise is not for us to say
        raise InputError(f"The {what} {name} cannot be imported: {type(error).__name__}: {error}.") from error
    if not callable(found):
        raise InputError(f"The module {module} has no function {function}.")
    return found


def trapped(chunk: Chunk, width: float = 0.1, height: float = 0.05, trials: int = 1000, steps: int = 60) -> Outputs:
    """How many of `trials` random runs of algorithm (8) end at the artificial critical point 0 exactly.

    A point of the grid is a cell [x0, x0 + width] x [c, c + height] of starts and step sizes gamma_k = c / (k + 1),
    and a dtype ("float16", "float32" or "float64"); x0 and c are drawn uniformly from the cell. Output: trapped,
    shape (n,). Source: Theorem 4 (the limit is not 0 for almost every x0 and c); the experiment is ours.

    >>> import selgrad as sg
    >>> grid = {"x0": [-1.0], "c": [0.5], "dtype": ["float16", "float64"]}
    >>> cell = {"width": 0.0, "height": 0.0, "trials": 3}    # first step -1 -> 0, the trap
    >>> sg.sweep(trapped, grid, options=cell)
    {'trapped': array([[[3, 3]]])}
    """
    from selgrad.descent.sgd import sgd

    counts = np.zeros(len(chunk), dtype=np.int64)
    draws = [rng.random((2, trials)) for rng in chunk.generators()]
    for dtype in np.unique(chunk["dtype"]):
        cells = np.flatnonzero(chunk["dtype"] == dtype)
        x0, c = (
            np.stack([chunk[name][i] + size * draws[i][row] for i in cells])
            for row, (name, size) in enumerate((("x0", width), ("c", height)))
        )
        runs = sgd(trap, x0.ravel(), steps=steps, c=c.ravel(), alpha=_harmonic, batch="full", dtype=str(dtype))
        counts[cells] = (runs.x.reshape(x0.shape) == 0).sum(axis=1)
    return {"trapped": counts}


def _harmonic(k: np.ndarray) -> np.ndarray:
    return 1 / (k + 1)
