"""Grade an exercise on the reader's own machine: no server, no stored answers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.notebook.exercises import EXERCISES, Exercise, Wrong
from selgrad.notebook.exercises.answers import failure, shown
from selgrad.notebook.exercises.form import Misshapen

UNANSWERED = (None, "", (), [], {}, ...)


@dataclass(frozen=True)
class Grade:
    """The verdict on an answer: `credit` from 0 to 1, `message` in words, whether there was an answer at all."""

    number: str
    credit: float
    message: str
    answered: bool = True

    @property
    def right(self) -> bool:
        return self.credit == 1.0

    @property
    def points(self) -> float:
        return self.credit * EXERCISES[self.number].points


def _find(number: str) -> Exercise:
    try:
        return EXERCISES[number]
    except (KeyError, TypeError):
        raise ValueError(f"There is no exercise {number!r}; choose one of {', '.join(EXERCISES)}.") from None


def task(number: str) -> str:
    """What exercise `number` asks for, in Markdown."""
    return _find(number).task


def grade(number: str, answer: Any = None) -> Grade:
    """The verdict on `answer` to exercise `number`, whose right answer the engine computes.

    An answer that is wrong is told which misconception it shows, one that fails where it fails, one that is partly
    right what is missing. Raises ValueError for an exercise that does not exist, and nothing else.

    >>> grade("01-1", 1).right, grade("01-1", 1).credit
    (False, 0.0)
    """
    exercise = _find(number)
    if any(answer is empty or (type(answer) is type(empty) and answer == empty) for empty in UNANSWERED):
        return Grade(number, 0.0, f"{number} is not answered yet.", answered=False)
    expected = f"What is asked for is {exercise.form}."
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # an answer may overflow on its way to being right or wrong
            exercise.grade(answer)
    except Misshapen as problem:
        return Grade(number, problem.credit, f"{number} not correct: {problem} {expected}")
    except Wrong as problem:
        if problem.credit:
            part = f"{problem.credit * exercise.points:g} of {exercise.points} points"
            return Grade(number, problem.credit, f"{number} partly correct ({part}): {problem}")
        return Grade(number, 0.0, f"{number} not correct: {problem}")
    except Exception as problem:
        said = f"{number} not correct: {shown(answer)} cannot be graded ({failure(problem)}). {expected}"
        return Grade(number, 0.0, said)
    return Grade(number, 1.0, f"{number} correct")


def check(number: str, answer: Any = None) -> None:
    """Grade `answer` to exercise `number` (as "01-1") and print the verdict.

    >>> check("01-1", None)
    01-1 is not answered yet. hint("01-1") helps.
    >>> check("01-1", 1)
    01-1 not correct: 1 is the derivative of the function, which is t. AD sees two terms, and each is at its kink.
    hint("01-1") helps.
    """
    verdict = grade(number, answer)
    offer = "" if verdict.right else f'{chr(10) if verdict.answered else " "}hint("{number}") helps.'
    print(verdict.message + offer)


def hint(number: str, level: int = 1) -> None:
    """Print a hint for exercise `number`; level 2 says more than level 1.

    >>> hint("01-1")
    Hint 1 of 2: There are two kinked lines. What is the slope of each at 0?
    hint("01-1", 2) says more.
    >>> hint("01-1", 2)
    Hint 2 of 2: With relu'(0) = 0 the first term gives 0 and the second -(0 * -1).
    """
    hints = _find(number).hints
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"Exercise {number} has hints 1 to {len(hints)}, not {level!r}.")
    print(f"Hint {level} of {len(hints)}: {hints[level - 1]}")
    if level < len(hints):
        print(f'hint("{number}", {level + 1}) says more.')
