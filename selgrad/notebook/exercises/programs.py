"""Answers that are programs: what `sg.classify` says of them, pairs, and vectors in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.notebook.exercises import answers
from selgrad.notebook.exercises.form import Misshapen, require
from selgrad.programs.program import Program
from selgrad.sets.verdicts import Verdict, classify


def judged(f: Any, x: Any) -> Verdict:
    """The verdict on the reader's program at x, or in one sentence what fails in it."""
    try:
        v = classify(f, x)
    except Exception as problem:
        raise Misshapen(f"the sets of your program cannot be computed ({answers.failure(problem)}).") from None
    require(v.clarke.inner.listed and v.field.listed, "your program has too many kinks at this point: use fewer.")
    return v


def scalar_at(f: Any, x: np.ndarray) -> Program:
    """The reader's function of an array like x, with one number as its value, as a program."""
    P = answers.traced(f, x)
    if P.q != 1:
        raise Misshapen(f"your program returns {P.q} numbers at {x.tolist()}, not one.")
    return P


def several(answer: Any, count: int, said: str) -> list[Any]:
    """The entries of a tuple or list with so many of them; `said` as in "a pair (f, x)"."""
    if not (isinstance(answer, tuple | list) and len(answer) == count):
        raise Misshapen(f"{answers.shown(answer)} is not {said}.")
    return list(answer)


def vector(v: Any) -> str:
    """A vector in words: (1, -0.5)."""
    return f"({', '.join(f'{float(entry) + 0.0:g}' for entry in np.ravel(v))})"
