"""The points of a sweep, counted through without ever being listed: point i is a function of i alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selgrad.errors import InputError

Points = Mapping[str, Sequence | np.ndarray] | Sequence[Mapping[str, object]]
"""A dict of names and one-dimensional arrays, for their Cartesian product, or a list of dicts, for those points."""


@dataclass(frozen=True)
class Chunk:
    """What a task is called with: some consecutive points of a grid.

    index: shape (n,), the positions of the points in the grid, in C order, counted from 0.
    points: name -> array of shape (n,); `chunk[name]` is short for `chunk.points[name]`.
    seed: the seed of the sweep. Randomness must be a function of the seed and the index of a point alone.

    >>> from selgrad.sweeps.grid import Grid
    >>> chunk = Grid.of({"x": [1.0, 2.0, 3.0], "dtype": ["float32", "float64"]}).chunk(2, 5, seed=0)
    >>> chunk.index, chunk["x"]
    (array([2, 3, 4]), array([2., 2., 3.]))
    >>> [float(rng.random()) for rng in chunk.generators()] == [
    ...     float(np.random.default_rng((0, i)).random()) for i in (2, 3, 4)]
    True
    """

    index: np.ndarray
    points: dict[str, np.ndarray]
    seed: int

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.points[name]

    def generators(self) -> list[np.random.Generator]:
        """One random generator per point, seeded by (seed, index of the point)."""
        return [np.random.default_rng((self.seed, int(i))) for i in self.index]


@dataclass(frozen=True)
class Grid:
    """Named columns: the axes of a Cartesian product (the last one runs fastest), or a list of points side by side."""

    columns: dict[str, np.ndarray]
    product: bool

    @classmethod
    def of(cls, points: Points) -> Grid:
        """Read what the user wrote. Raises InputError."""
        if isinstance(points, Mapping):
            if not points:
                raise InputError("The grid is empty: give it at least one name and its values.")
            return cls({_name(name): _column(name, values) for name, values in points.items()}, True)
        if not isinstance(points, Sequence) or not all(isinstance(p, Mapping) for p in points):
            raise InputError("A grid is a dict of names and their values, or a list of dicts, one per point.")
        if not points or not points[0]:
            raise InputError("The grid is empty: give it at least one point, with at least one name.")
        for i, point in enumerate(points):
            if point.keys() != points[0].keys():
                raise InputError(f"Point {i} of the grid has {_list(point)}, and point 0 has {_list(points[0])}.")
        return cls({_name(name): _column(name, [point[name] for point in points]) for name in points[0]}, False)

    @property
    def shape(self) -> tuple[int, ...]:
        lengths = tuple(len(column) for column in self.columns.values())
        return lengths if self.product else lengths[:1]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def chunk(self, start: int, stop: int, seed: int) -> Chunk:
        """Points start, ..., stop - 1."""
        index = np.arange(start, stop)
        positions = np.unravel_index(index, self.shape) if self.product else (index,) * len(self.columns)
        points = {name: column[i] for (name, column), i in zip(self.columns.items(), positions)}
        return Chunk(index, points, seed)

    def description(self) -> dict[str, object]:
        """What a store remembers of the grid; JSON keeps every float64, and so every narrower float, exactly."""
        columns = [[name, column.dtype.name, column.tolist()] for name, column in self.columns.items()]
        return {"product": self.product, "columns": columns}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(f"A name in the grid must be a word such as x0, and {name!r} is not.")
    return name


def _column(name: object, values: object) -> np.ndarray:
    """A non-empty one-dimensional array of finite numbers, truth values or text."""
    try:
        column = np.array(values)
    except ValueError:  # lists of unequal lengths
        column = np.array(None)
    listed = values if isinstance(values, Sequence) else ()
    sorts = {(isinstance(v, str), isinstance(v, bool | np.bool)) for v in listed}
    if column.ndim != 1 or column.dtype.kind not in "biufU" or column.dtype == np.longdouble or len(sorts) > 1:
        raise InputError(f"The values of {name} in the grid must be a list of numbers, or one of texts.")
    if not column.size:
        raise InputError(f"The grid is empty: {name} has no values.")
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        bad = int(np.argmin(np.isfinite(column)))
        raise InputError(f"The values of {name} in the grid must be finite, and value {bad} is {column[bad]}.")
    return column


def _list(names: Mapping) -> str:
    return ", ".join(map(str, names)) or "no names"
