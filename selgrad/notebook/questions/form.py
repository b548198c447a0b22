"""What a question is: its words, its options with what each would mean, and the right one, computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any


@dataclass(frozen=True)
class Option:
    """An answer that a reader may give: in words, its value, and what one believes who gives it."""

    said: str
    value: Any
    feedback: str


@dataclass(frozen=True)
class Question:
    """A question with options; `right` computes the value of the right one, `because` says why.

    With `number`, the reader types a number and the options are the answers that are foreseen; `other`
    is said to any other number. In all words, `code` stands between backticks and *emphasis* between stars.
    """

    text: str
    options: tuple[Option, ...]
    right: Callable[[], Any]
    because: str
    number: bool = False
    other: str = ""

    def grade(self, answer: Any) -> tuple[bool, str]:
        """Is this the right answer, and what is to be said to it: for a wrong one, the misconception.

        `answer` is what an option says or, for a number, a number or its digits ("1/2"). Raises ValueError
        for what is no answer to the question.
        """
        value = as_number(answer) if self.number else self._option(answer).value
        for option in self.options:
            if option.value == value:
                return value == self.right(), option.feedback
        return value == self.right(), self.other

    def answer(self) -> Option:
        """The right option; raises ValueError where no option, or more than one, has the right value."""
        right = self.right()
        found = [option for option in self.options if option.value == right]
        if len(found) != 1:
            raise ValueError(f"The right value is {right}, and {len(found)} options have it: {self.text}")
        return found[0]

    def _option(self, said: Any) -> Option:
        for option in self.options:
            if option.said == said:
                return option
        raise ValueError("Choose one of: " + "; ".join(option.said for option in self.options) + ".")


def as_number(answer: Any) -> float:
    """A number, or text that is one: digits, a decimal point, a fraction. Nothing is evaluated.

    >>> as_number("-1/2"), as_number(" 0,5 "), as_number(3)
    (-0.5, 0.5, 3.0)
    """
    if isinstance(answer, str):
        text = answer.strip().replace("−", "-").replace(",", ".")
        try:
            return float(Fraction(text))
        except (ValueError, ZeroDivisionError, OverflowError):
            raise ValueError(f"“{answer.strip()}” is no number; write digits, as 3, -0.5 or 1/2.") from None
    return float(answer)


def marked(text: str) -> str:
    """The words of a question as HTML.

    >>> marked("`a < b` is *strict*")
    '<code>a &lt; b</code> is <em>strict</em>'
    """
    parts = re.split(r"`([^`]*)`", text)
    for i, part in enumerate(parts):
        part = escape(part, quote=False)
        parts[i] = f"<code>{part}</code>" if i % 2 else re.sub(r"(?<!\w)\*(\S[^*]*)\*", r"<em>\1</em>", part)
    return "".join(parts)


def plain(text: str) -> str:
    """The words of a question without marks."""
    return re.sub(r"(?<!\w)\*(\S[^*]*)\*", r"\1", text).replace("`", "")
