"""What a tracer says when it cannot record something: where the user wrote it, and what to write instead."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from selgrad import errors
from selgrad.errors import NotElementary, ShapeError
from selgrad.programs.program_data import place

INNER = tuple(str(Path(file).resolve().parent) + os.sep for file in (errors.__file__, np.__file__)
              ) + (contextlib.__file__,)


def users_line() -> tuple[str, int] | None:
    """File and line of the innermost frame outside selgrad and NumPy."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(INNER):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else None


def refuse(what: str, instead: str) -> NotElementary:
    """NotElementary, with the user's line."""
    return refuse_at(what, users_line(), instead)


def refuse_at(what: str, where: tuple[str, int] | None, instead: str) -> NotElementary:
    """NotElementary, with a line."""
    return NotElementary(f"{what}{place(where)}: {instead}.")


def stale() -> NotElementary:
    """NotElementary for a value whose trace has ended."""
    return refuse("A value kept from an earlier trace is used after that trace has ended",
                  "return it from the traced function instead")


class OutOfBounds(ShapeError, IndexError):
    """An axis or an index that is not there: NumPy's AxisError and IndexError, in one sentence."""


class NoAttribute(NotElementary, AttributeError):
    """An attribute of arrays that traced values do not have; hasattr and getattr see an AttributeError."""


def at_users_line() -> str:
    """The user's file and line, in brackets."""
    return place(users_line())


def misfit(what: str, operands: list[Any]) -> ShapeError:
    """ShapeError, with the user's line."""
    shapes = ", ".join(str(np.shape(o)) for o in operands)
    return ShapeError(f"{what} cannot be applied to arrays of shapes {shapes}{at_users_line()}: make them fit.")
