"""A sweep written down in TOML.

    task = "trapped"                # or "module:function", a module of yours in the folder of this file
    store = "runs/trapped.zarr"     # seen from the folder of this file
    workers = 4                     # processes (default 1: this one)
    chunk = 100                     # points in a chunk (default 1024)
    seed = 0                        # default 0

    [options]                       # handed to the task as keyword arguments
    steps = 60

    [grid]                          # a product of axes; or [[points]], once for each point
    x0 = {start = -2.0, stop = -0.1, num = 20}
    dtype = ["float16", "float32", "float64"]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.sweeps.plan import Task
from selgrad.sweeps.tasks import load

FIELDS = {
    "task": (str, "a text"), "store": (str, "a text"), "workers": (int, "a whole number"),
    "chunk": (int, "a whole number"), "seed": (int, "a whole number"), "options": (dict, "a table"),
    "grid": (dict, "a table"), "points": (list, "a list of tables"),
}


@dataclass(frozen=True)
class Config:
    """The arguments of `sg.sweep`, and the number of worker processes."""

    task: Task
    grid: dict | list
    store: Path
    options: dict[str, object]
    chunk: int
    seed: int
    workers: int

    @classmethod
    def read(cls, path: Path) -> Config:
        """Raises InputError, naming the file and the field; OSError when the file cannot be read."""
        try:
            fields = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path} is not TOML: {error}.") from error
        for name, value in fields.items():
            if name not in FIELDS:
                raise InputError(f"{path} has a field {name!r}; the fields are {', '.join(FIELDS)}.")
            kind, words = FIELDS[name]
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InputError(f"{name} in {path} must be {words}, and is {value!r}.")
        for name in ("task", "store"):
            if not fields.get(name):
                raise InputError(f"{path} needs a line {name} = ...")
        if ("grid" in fields) == ("points" in fields):
            raise InputError(f"{path} needs either a table [grid] or tables [[points]], and not both.")
        grid = fields.get("points") or {name: _axis(path, name, axis) for name, axis in fields.get("grid", {}).items()}
        return cls(
            load(fields["task"], path.parent), grid, path.parent / fields["store"], fields.get("options", {}),
            fields.get("chunk", 1024), fields.get("seed", 0), fields.get("workers", 1),
        )


def _axis(path: Path, name: str, axis: Any) -> object:
    """A list as it is; {start, stop, num} as evenly spaced numbers, both ends included."""
    if not isinstance(axis, dict):
        return axis if isinstance(axis, list) else [axis]
    start, stop, num = (axis.get(key) for key in ("start", "stop", "num"))
    match start, stop, num, len(axis):
        case int() | float(), int() | float(), int(), 3 if num > 0 and bool not in map(type, (start, stop, num)):
            return np.linspace(start, stop, num)
    raise InputError(f"{name} in the grid of {path} must be a list or {{start = ..., stop = ..., num = ...}}.")
