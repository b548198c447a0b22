"""What a row says of its primitive besides value and derivative. `rows.py` is the legend of these columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from selgrad.primitives.groups import Groups

ALL, EACH = "all", "each"
NONE: tuple[int, ...] = ()
FIRST = (0,)

RATIONAL = ""
TRANSCENDENTAL = ("is not rational: exact mode takes programs of +, -, *, / and kinks only, so leave out "
                  "exact=True")

SAME, LIBRARY = "same", "library"

SLOPES, SIZES, ENTRIES = "slopes", "sizes", "entries"

LOG_EXP, NOT_LOG_EXP, STOPPED = "log-exp", "not log-exp", "stopped"

ENTRYWISE, SPELLED, HUNG, MATRIX = "entrywise", "spelled", "hung", "matrix"


@dataclass(frozen=True)
class Vector:
    """The scalar view of a row that reads vectors: one g_k a group with one result, or one g_k an entry."""

    groups: Groups
    one: bool


def total(*sizes: float, **params: Any) -> float:
    """The growth of a sum."""
    return sum(sizes)


def product(*sizes: float, **params: Any) -> float:
    """The growth of a product."""
    a, b = sizes
    return a * b


def largest(*sizes: float, **params: Any) -> float:
    """The growth of what picks, moves or shrinks its operands."""
    return max(sizes)


def unit(*sizes: float, **params: Any) -> float:
    """The growth of what lies in [-1, 1]."""
    return 1.0


@dataclass(frozen=True)
class Facts:
    """The facts about a primitive that the meanings of a program ask for: none has a default."""

    affine: str | tuple[int, ...]
    exact: str | Callable[..., str]
    bits: str
    rounding: str
    growth: Callable[..., float] | None
    theory: str
    scalar: str | Vector

    @property
    def log_exp(self) -> bool:
        """Whether it is log-exp elementary (Definition 1), or made of such pieces."""
        return self.theory == LOG_EXP

    @property
    def moves(self) -> bool:
        """Whether every entry of the result is an entry of an operand, as it stands."""
        return self.affine == ALL and self.growth is largest and self.scalar == SPELLED and self.bits == SAME

    @property
    def stopped(self) -> bool:
        """Whether AD is told to take it for a constant: its derivative is no selection derivative."""
        return self.theory == STOPPED

    def affine_in(self, operands: Iterable[int]) -> bool:
        """Whether the result is affine in these operands jointly, the others being constants."""
        if self.affine == ALL:
            return True
        if self.affine == EACH:
            return len(list(operands)) == 1
        return set(operands) <= set(self.affine)

    def irrational(self, *constants: Any) -> str:
        """Why the result is not rational where the operands are ("": it is); None stands for an operand not known."""
        return self.exact if isinstance(self.exact, str) else self.exact(*constants)


@dataclass(frozen=True)
class Form:
    """How an expression is printed: a format string over operands and parameters (or a function of them).

    `level` is its precedence: 1 for sums, 2 products, 3 powers, 9 what never needs parentheses. An operand below
    its entry in `holds` is put in parentheses.
    """

    text: str | Callable[..., str]
    level: int
    holds: tuple[int, ...]

    def __call__(self, *operands: str, **params: Any) -> str:
        return self.text.format(*operands, **params) if isinstance(self.text, str) else self.text(*operands, **params)

    def held(self, operands: Iterable[tuple[str, int]]) -> list[str]:
        """Operands (text, level) with the parentheses they need here."""
        return [f"({text})" if level < least else text
                for (text, level), least in zip(operands, self.holds, strict=True)]


@dataclass(frozen=True)
class Printed:
    """How a row prints in a listing and in LaTeX (None: as a call of its name).

    neutral: the last operand that leaves the first one as it is; nested expressions show the first alone.
    """

    show: Form | None
    tex: Form | None
    neutral: float | None = None


CALL = Printed(None, None)


def in_tex(text: str, *holds: int) -> Printed:
    """A call in listings, this in LaTeX."""
    return Printed(None, Form(text, 9, holds))


def alike(text: str, level: int, *holds: int, tex: str | None = None) -> Printed:
    """The same precedence in listings and in LaTeX."""
    return Printed(Form(text, level, holds), Form(text if tex is None else tex, level, holds))
