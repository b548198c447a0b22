"""The functions that expressions call by name: what NumPy does in one call and languages spell out."""

from __future__ import annotations

import re

import numpy as np

from selgrad.compilation.expressions import Expression, name, where
from selgrad.compilation.languages import Function

A, B, D = name("a"), name("b"), name("d")
ARGUMENTS = ("a", "b")

HELPERS = (
    # nan stays nan, as in NumPy
    Function("larger", ARGUMENTS, (), where((A >= B) | np.not_equal(A, A), A, B)),
    Function("smaller", ARGUMENTS, (), where((A <= B) | np.not_equal(A, A), A, B)),
    Function("ahead", ARGUMENTS, (), (A < B) | (np.not_equal(B, B) & np.equal(A, A)), "nan is last in every order"),
    Function("ahead_or_tied", ARGUMENTS, (), (A <= B) | np.not_equal(B, B)),
    Function("logaddexp", ARGUMENTS, (("d", A - B),), where(
        np.equal(D, 0.0), A + Expression(np.log, 2.0),
        where(D > 0.0, A + np.log1p(np.exp(-D)), B + np.log1p(np.exp(D))))),
    Function("two_to", ("a",), (), Expression(np.power, 2.0, A)),
)


def called(text: str) -> list[Function]:
    """The helpers that a text calls.

    >>> [helper.name for helper in called("x2 = larger(x0, x1)")]
    ['larger']
    """
    return [helper for helper in HELPERS if re.search(rf"\b{helper.name}\(", text)]
