"""Questions of chapter 6, floats against reals."""

from __future__ import annotations

import numpy as np

from selgrad.experiments.precision import boustany
from selgrad.notebook.questions.form import Option, Question


def _factor() -> float:
    """How much finer float32 rounds than float16."""
    return float(np.finfo(np.float16).eps) / float(np.finfo(np.float32).eps)


def _what_is_left() -> str:
    d = boustany([-2.0, -1.0, 0.0, 0.5, 3.0], [1.14] * 4)
    if not d.any():
        return "zero"
    return "everywhere" if d.all() else "at 0"


QUESTIONS = {
    "06-a": Question(
        "Over the reals, the starts from which gradient descent is trapped have probability 0. In float16 one of 2,000 "
        "random starts is trapped. A float16 has 11 binary digits, a float32 has 24. What do you expect in float32?",
        (
            Option("the same: a null set is a null set", 1.0, "In a format every number stands for an interval, one "
                   "rounding wide; a curve becomes a strip. Its area is not 0, and depends on the format."),
            Option("half as many: it has twice the bits", 2.0, "The width of a strip is a rounding, 2^-11 against "
                   "2^-24 of the number. Digits count in the exponent."),
            Option("fewer by 24 / 11", 24 / 11, "The number of digits stands in the exponent: a rounding is 2^-11 or "
                   "2^-24 of the number."),
            Option("fewer by 2^13 = 8192", 2.0**13, "24 - 11 = 13 more binary digits."),
        ),
        _factor,
        "A trapped curve is about one rounding wide, and a rounding of float32 is 2^13 times finer. "
        "Counted: 6 of 10^8.",
    ),
    "06-b": Question(
        "`max1` finds the maximum of four numbers by comparing in turn, `max2` shares the derivative among all that "
        "are tied. For x = (1.14, 1.14, 1.14, 1.14) the program max1(t x) - max2(t x) is the constant 0, and over the "
        "reals AD gives 1.14 - 1.14 = 0 for every t. What does AD return in float32?",
        (
            Option("0 for every t: both terms are 1.14", "zero", "Over the reals. max2 adds up four quarters of 1.14, "
                   "and each sum is rounded."),
            Option("2^-24, about 6e-8, for every t", "everywhere", "One rounding is left over, whatever t is."),
            Option("something large at t = 0, else 0", "at 0", "That is what distinct entries, as (1, 2, 3, 4), would "
                   "give: a tie at 0 alone. Equal entries are tied at every t."),
        ),
        _what_is_left,
        "Two programs that compensate over the reals and not in floats (Boustany 2024): at every t, not on a null set.",
    ),
}
