"""What makes two sweeps the same one, and what the chunks of one sweep must agree on."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from selgrad.errors import InputError, SweepError
from selgrad.sweeps.grid import Chunk, Grid, Points

Task = Callable[..., Any]
Outputs = dict[str, np.ndarray]


@dataclass(frozen=True)
class Layout:
    """The names of the outputs, their dtypes and the shape of each beyond the points' axis."""

    outputs: dict[str, tuple[str, tuple[int, ...]]]

    @classmethod
    def of(cls, outputs: Outputs) -> Layout:
        return cls({name: (outputs[name].dtype.name, outputs[name].shape[1:]) for name in sorted(outputs)})

    def __str__(self) -> str:
        return ", ".join(f"{name} ({dtype}, {shape} a point)" for name, (dtype, shape) in self.outputs.items())


@dataclass(frozen=True)
class Plan:
    """One sweep: chunk k holds the points k*chunk, ..., (k + 1)*chunk - 1 of the grid, and fewer at its end."""

    task: Task
    options: dict[str, object]
    grid: Grid
    chunk: int
    seed: int

    @classmethod
    def of(cls, task: Task, grid: Points, options: Mapping[str, object] | None, chunk: int, seed: int) -> Plan:
        """Check everything a user gave. Raises InputError."""
        if not callable(task):
            raise InputError(f"A task is a function of a chunk of points, and {task!r} is not a function.")
        for value, name, least in ((chunk, "chunk", 1), (seed, "seed", 0)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise InputError(f"{name} must be a whole number, {least} or more, and is {value!r}.")
        options = dict(options or {})
        try:
            # a store compares options as JSON, which has no tuples
            unchanged = json.loads(json.dumps(options, allow_nan=False)) == options
        except (TypeError, ValueError):
            unchanged = False
        if not unchanged:
            raise InputError(f"The options of a task must be finite numbers, texts, lists and dicts, unlike {options}.")
        return cls(task, options, Grid.of(grid), int(chunk), int(seed))

    @property
    def chunks(self) -> int:
        return -(-self.grid.size // self.chunk)

    def span(self, k: int) -> tuple[int, int]:
        return k * self.chunk, min((k + 1) * self.chunk, self.grid.size)

    def points(self, k: int) -> Chunk:
        return self.grid.chunk(*self.span(k), self.seed)

    @cached_property
    def description(self) -> dict[str, object]:
        """What a store remembers: two sweeps with the same record have the same results.

        The text of the task is part of it, so that a store never mixes the results of a task before and after
        an edit. Raises InputError for a function without a name of its own.
        """
        import selgrad

        module, name = getattr(self.task, "__module__", None), getattr(self.task, "__qualname__", "<no name>")
        if module is None or "<" in name:
            raise InputError(f"With a store the task must be a function at the top of a module, not {name}.")
        try:
            source = hashlib.sha256(inspect.getsource(self.task).encode()).hexdigest()
        except (OSError, TypeError):
            source = None
        return {
            "selgrad version": selgrad.__version__, "task": f"{module}:{name}", "source": source,
            "options": self.options, "seed": self.seed, "chunk size": self.chunk, "grid": self.grid.description(),
        }


def difference(theirs: Mapping, mine: Mapping) -> str | None:
    """The first entry in which two descriptions differ, as the end of "the store belongs to another sweep: ..."."""
    new: Any
    for part, new in mine.items():
        old: Any = theirs.get(part)
        if _text(old) == _text(new):
            continue
        if part == "source":
            return "the text of its task was another one"
        return _grid_difference(old, new) if part == "grid" else f"its {part} is {_text(old)}, not {_text(new)}"
    return None


def _grid_difference(old: Mapping, new: Mapping) -> str:
    if old["product"] != new["product"]:
        return f"its grid is a {'list of points' if new['product'] else 'product of axes'}"
    names, new_names = [", ".join(name for name, _, _ in grid["columns"]) for grid in (old, new)]
    if names != new_names:
        return f"its grid has {names}, not {new_names}"
    for (name, dtype, values), (_, new_dtype, new_values) in zip(old["columns"], new["columns"]):
        if len(values) != len(new_values):
            return f"its grid has {len(values)} values of {name}, not {len(new_values)}"
        for i, (a, b) in enumerate(zip(values, new_values)):
            if _text(a) != _text(b):
                return f"value {i} of {name} in its grid is {_text(a)}, not {_text(b)}"
        if dtype != new_dtype:
            return f"the dtype of {name} in its grid is {dtype}, not {new_dtype}"
    return "its grid is another one"


def _text(value: object) -> str:
    """JSON tells apart what Python calls equal: 1, 1.0 and true, or 0.0 and -0.0."""
    return json.dumps(value, sort_keys=True)


def run_chunk(task: Task, options: Mapping[str, object], chunk: Chunk) -> Outputs:
    """The outputs of one chunk, checked. This is what travels to a worker. Raises SweepError."""
    outputs = task(chunk, **options)
    if not isinstance(outputs, Mapping) or not outputs:
        raise SweepError(f"a task returns a dict of arrays, and this one returned {type(outputs).__name__}")
    arrays = {}
    for name, value in outputs.items():
        array = np.ascontiguousarray(value)
        if not isinstance(name, str) or not name.isidentifier():
            raise SweepError(f"the name of an output must be a word, and {name!r} is not")
        if array.dtype.kind not in "biufc" or array.dtype.itemsize > 8 * (1 + (array.dtype.kind == "c")):
            raise SweepError(f"the output {name} must hold numbers of at most 64 bits, and holds {array.dtype}")
        if array.shape[:1] != (len(chunk),) or 0 in array.shape:
            shape = np.asarray(value).shape
            raise SweepError(f"the output {name} has shape {shape}, and the chunk has {len(chunk)} points")
        arrays[name] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return arrays
