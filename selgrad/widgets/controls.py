"""The controls of an application: plain objects with a name, a value and a description for the front.

They hold to their grids themselves: a front end sends 0.37500000000000006 where it means 0.375.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

STEP = 1 / 16  # steps are dyadic, so that t - a is exactly 0 on a kink and numbers read cleanly
SNAP = 1e-9  # nearer to the grid than this a number is meant to be on it


def snapped(x: float, step: float = STEP) -> float:
    """x, on the grid of the multiples of `step` where it is within rounding of it.

    >>> snapped(0.37500000000000006), snapped(0.3)
    (0.375, 0.3)
    """
    nearest = round(x / step) * step
    return nearest if abs(x - nearest) < SNAP else x


class Control:
    """One value of an application. `label` is what is read beside it, `said` what it is for, in words.

    `value` is set by the reader or in code; whoever made the application sets `hidden` and `disabled`.
    """

    kind: ClassVar[str] = ""

    def __init__(self, name: str, value: Any, label: str, said: str):
        self.name, self.label, self.said = name, label, said
        self.hidden = self.disabled = False
        self.watched: Callable[[Control], None] = lambda _: None  # what the application does when the value changes
        self._value = value

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        new = self.meant(value)
        if new != self._value:
            self._value = new
            self.watched(self)

    def meant(self, value: Any) -> Any:
        """The value that is meant by `value`; raises ValueError for what this control does not take."""
        raise NotImplementedError

    def refuse(self, wanted: str, value: Any) -> ValueError:
        return ValueError(f"The control {self.name!r} takes {wanted}, not {value!r}.")

    def spec(self) -> dict[str, Any]:
        """What the front has to know, for JSON."""
        return {"kind": self.kind, "name": self.name, "label": self.label, "said": self.said, "value": self.value,
                "hidden": self.hidden, "disabled": self.disabled}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, value={self.value!r})"


class Number(Control):
    """A slider and a box for one number between `low` and `high`: the slider steps by `step`, the box takes any."""

    kind: ClassVar[str] = "number"

    def __init__(self, name: str, low: float, high: float, value: float, label: str, said: str, step: float = STEP):
        super().__init__(name, value, label, said)
        self.min, self.max, self.step = low, high, step

    def meant(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse("a number", value)
        return min(max(snapped(float(value), self.step), self.min), self.max) + 0.0

    def spec(self) -> dict[str, Any]:
        return {**super().spec(), "min": self.min, "max": self.max, "step": self.step}


class Whole(Control):
    """A slider for a whole number between `low` and `high`; `max` may be set lower than `most`, which is `high`."""

    kind: ClassVar[str] = "whole"
    step = 1

    def __init__(self, name: str, low: int, high: int, value: int, label: str, said: str):
        super().__init__(name, value, label, said)
        self.min, self.most, self._max = low, high, high

    @property
    def max(self) -> int:
        return self._max

    @max.setter
    def max(self, max: int) -> None:
        self._max = max
        self.value = self.value

    def meant(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refuse("a number", value)
        if value != int(value):
            raise self.refuse("a whole number", value)
        return min(max(int(value), self.min), self.max)

    def spec(self) -> dict[str, Any]:
        return {**super().spec(), "min": self.min, "max": self.max, "most": self.most, "step": 1}


class Menu(Control):
    """One of some texts, from a menu."""

    kind: ClassVar[str] = "menu"

    def __init__(self, name: str, options: Sequence[str], value: str, label: str, said: str):
        super().__init__(name, value, label, said)
        self.options = tuple(options)

    def meant(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.options:
            raise self.refuse(f"one of {', '.join(map(repr, self.options))}", value)
        return value

    def spec(self) -> dict[str, Any]:
        return {**super().spec(), "options": list(self.options)}


class Choice(Menu):
    """One of a few texts, all of them in sight."""

    kind: ClassVar[str] = "choice"
