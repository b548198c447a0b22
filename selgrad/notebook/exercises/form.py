"""What an exercise is: its number, its grade of difficulty, its text, its hints and its grader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

Kind = Literal["recall", "build", "prove"]
KINDS: tuple[Kind, ...] = get_args(Kind)
POINTS: Mapping[str, int] = MappingProxyType({"recall": 1, "build": 2, "prove": 3})
QUARTERS = (0.25, 0.5, 0.75, 1.0)  # an export gives points for each of these that the credit reaches


class Wrong(Exception):
    """The answer is not right: `message` names the misconception, `credit` is the share that is right.

    With credit the message says what is right and what is missing.

    >>> Wrong("the values are right, the slope at 0 is missing.", credit=0.5).credit
    0.5
    """

    def __init__(self, message: str, credit: float = 0.0):
        if credit not in (0.0, *QUARTERS[:-1]):
            raise ValueError(f"The credit of an answer that is not right is 0, 1/4, 1/2 or 3/4, not {credit}.")
        super().__init__(message)
        self.credit = credit


class Misshapen(Wrong):
    """The answer has not the form that is asked for, which the verdict then repeats."""


@dataclass(frozen=True)
class Exercise:
    """One exercise of the bank; this is the only place where its text stands.

    `number` is chapter and place ("05-1"), `kind` recall, build or prove. `task` and `form` are Markdown: what is
    asked, and which form the answer has ("a pair `(low, high)`"). `hints` go from a nudge to nearly the answer.
    `grade(answer)` returns nothing for a right answer and raises `Wrong` for another; it computes with the engine.
    Raises ValueError for an exercise that lacks one of them.
    """

    number: str
    kind: Kind
    task: str
    form: str
    hints: tuple[str, ...]
    grade: Callable[[Any], None]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d\d-\d+", self.number):
            raise ValueError(f"The number of an exercise is chapter and place, as 05-1, not {self.number!r}.")
        if self.kind not in KINDS:
            raise ValueError(f"Exercise {self.number} is {self.kind!r}; the kinds are {', '.join(KINDS)}.")
        if isinstance(self.hints, str) or not (self.task and self.form and self.hints and all(self.hints)):
            raise ValueError(f"Exercise {self.number} needs a task, a form of the answer and a tuple of hints.")

    @property
    def chapter(self) -> str:
        return self.number[:2]

    @property
    def points(self) -> int:
        return POINTS[self.kind]

    @property
    def markdown(self) -> str:
        """The text as it stands in a notebook."""
        many = "1 point" if self.points == 1 else f"{self.points} points"
        return f"**{self.number}** ({self.kind}, {many}). {self.task}\n\n*Answer:* {self.form}"


def require(condition: Any, message: str, credit: float = 0.0) -> None:
    """Raise Wrong with the message unless the condition holds."""
    if not condition:
        raise Wrong(message, credit)
