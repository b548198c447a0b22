"""Which entries of an operand a row reads together: those along an axis, or those in a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Groups:
    """The entries that max, sort, softmax or max_pool read together.

    places(core, **params) has shape (groups, n): their positions in the flattened core. alone(n, **params) are the
    parameters under which one group is an operand of its own. copied: an entry may stand in several groups, and the
    index s (like a switching function) has a place for each; else it has the places of the operand.
    """

    places: Callable[..., np.ndarray]
    alone: Callable[..., dict[str, Any]]
    copied: bool

    def slots(self, places: np.ndarray) -> np.ndarray:
        """Where these entries stand in the flattened index s: (groups, n)."""
        return np.arange(places.size).reshape(places.shape) if self.copied else places


def windows(core: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """Flat positions of the entries of each pooling window: shape (*out, entries of a window)."""
    k = len(window)
    at = np.arange(prod(core)).reshape(core)
    view = np.lib.stride_tricks.sliding_window_view(at, window, axis=tuple(range(-k, 0)))
    view = view[(..., *(slice(None, None, step) for step in strides), *(slice(None),) * k)]
    return view.reshape(*view.shape[:-k], -1)


def _along(core: tuple[int, ...], /, axis: int, **params: Any) -> np.ndarray:
    return np.moveaxis(np.arange(prod(core)).reshape(core), axis, -1).reshape(-1, core[axis])


def _in_windows(shape: tuple[int, ...], /, **params: Any) -> np.ndarray:
    at = windows(**{**params, "core": shape})  # a line replayed over more points has more axes in front
    return at.reshape(-1, at.shape[-1])


AXIS = Groups(_along, lambda n, axis, **params: {**params, "axis": -1}, copied=False)
WINDOWS = Groups(_in_windows, lambda n, **params: {"core": (n,), "window": (n,), "strides": (n,)}, copied=True)
