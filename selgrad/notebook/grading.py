"""Grade an exercise on the reader's own machine: no server, no stored answers."""

from __future__ import annotations

from typing import Any

from selgrad.errors import SelgradError
from selgrad.notebook.exercises import EXERCISES as FIRST
from selgrad.notebook.exercises import Exercise, Wrong
from selgrad.notebook.exercises_descent import DESCENT
from selgrad.notebook.exercises_fields import FIELDS

EXERCISES: dict[str, Exercise] = {**FIRST, **FIELDS, **DESCENT}

UNANSWERED = (None, "", (), [], {})


def _find(name: str) -> Exercise:
    try:
        return EXERCISES[name]
    except KeyError:
        raise ValueError(f"There is no exercise {name!r}; choose one of {', '.join(EXERCISES)}.") from None


def task(name: str) -> str:
    """What exercise `name` asks for, in words."""
    return _find(name).task


def grade(name: str, answer: Any = None) -> tuple[bool, str]:
    """Is `answer` right for exercise `name`, and the verdict in words.

    The right answer is computed by the engine. An answer that fails says where and how.
    """
    exercise = _find(name)
    if any(answer is empty or (type(answer) is type(empty) and answer == empty) for empty in UNANSWERED):
        return False, f"{name} not answered yet: {exercise.hint}"
    try:
        exercise.grade(answer)
    except Wrong as problem:
        return False, f"{name} not correct: {problem}"
    except (ArithmeticError, AttributeError, LookupError, NameError, SelgradError, TypeError, ValueError) as problem:
        # the reader's own code failed
        return False, f"{name} could not be graded: {type(problem).__name__}: {problem}"
    return True, f"{name} correct"


def check(name: str, answer: Any = None) -> None:
    """Grade `answer` to exercise `name` (as "01-1") and print the verdict.

    >>> check("01-2", None)
    01-2 not answered yet: trace it on paper first; at 0, relu'(0) = 0 for both terms.
    >>> check("01-2", 1)
    01-2 not correct: AD returns something else. The function is t, so 1 would be the derivative of the function.
    """
    print(grade(name, answer)[1])
