"""What a tracer says when it cannot record something: where the user wrote it, and what to write instead."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from selgrad import errors
from selgrad.errors import NotElementary, ShapeError
from selgrad.programs.instructions import place

INNER = tuple(str(Path(file).resolve().parent) + os.sep for file in (errors.__file__, np.__file__))


def users_line() -> tuple[str, int] | None:
    """File and line of the innermost frame outside selgrad and NumPy."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(INNER):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else None


def refuse(what: str, instead: str) -> NotElementary:
    """NotElementary, with the user's line."""
    where = users_line()
    at = f" ({where[0]}:{where[1]})" if where else ""
    return NotElementary(f"{what}{at}: {instead}.")


def stale() -> NotElementary:
    """NotElementary for a value whose trace has ended."""
    return refuse("A value kept from an earlier trace is used after that trace has ended",
                  "return it from the traced function instead")


def misfit(what: str, operands: list[Any]) -> ShapeError:
    """ShapeError, with the user's line."""
    shapes = ", ".join(str(np.shape(o)) for o in operands)
    return ShapeError(f"{what} cannot be applied to arrays of shapes {shapes}{place(users_line())}: make them fit.")


SPELLINGS = {
    "sign": "it is discontinuous at 0; np.abs and sg.relu are its continuous relatives",
    "heaviside": "it is discontinuous at 0; use sg.relu or np.where with branches that meet",
    "floor": "it is discontinuous", "ceil": "it is discontinuous", "rint": "it is discontinuous",
    "round": "it is discontinuous", "trunc": "it is discontinuous", "floor_divide": "it is discontinuous",
    "argmax": "it is an index, not a number; use np.max for the value",
    "argmin": "it is an index, not a number; use np.min for the value",
    "argsort": "it is an index, not a number; use np.sort for the values",
    "tan": "write np.sin(x) / np.cos(x)", "remainder": "it is discontinuous",
    "fmax": "use np.maximum", "fmin": "use np.minimum", "partition": "use np.sort or sg.kth_largest",
    "fabs": "use np.abs", "astype": "traced values are floats already",
}


def instead_of(name: str) -> str:
    """What to write instead of a function that is not supported."""
    return SPELLINGS.get(name, "build it from +, @, np.exp, np.log, np.maximum, np.where, np.sort and their like")
