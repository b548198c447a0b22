"""Try a program at a point and say in words what AD returns, what it could have returned, and what is Clarke's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from textwrap import fill
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.errors import SelgradError
from selgrad.primitives import Convention
from selgrad.sets.verdicts import classify

WIDTH = 100  # of a cell in a browser, about

def attempt(f: Callable, x: Any, convention: Convention = "paper") -> None:
    """Print what AD returns for f at x, and the sets beside it, or the error that names what is wrong.

    Files and line numbers are left out of an error, so that a page reads alike on every machine.

    >>> from selgrad.examples.pitfalls import celu
    >>> attempt(celu, 0.0, "tensorflow")
    celu at 0
      AD       2
      D_P      conv{0, 2}
      Clarke   conv{1}
      verdict  AD's answer is outside Clarke's set
    """
    print(f"{getattr(f, '__name__', 'f')} at {point(x)}")
    for name, said in _lines(f, x, convention):
        print(fill(said, WIDTH, initial_indent=f"  {name:<7}  ", subsequent_indent=" " * 11))


def point(x: Any) -> str:
    """A point or a derivative in words: six digits, (1, 2) for a vector, no minus in front of zero."""
    entries = [f"{float(a) + 0.0:.6g}" for a in np.ravel(np.asarray(x, dtype=float))]
    return entries[0] if np.ndim(x) == 0 else f"({', '.join(entries)})"


def named(problem: SelgradError) -> str:
    """An error without the place in a file."""
    return f"{type(problem).__name__}: " + re.sub(r" \([^()]*:\d+\)", "", str(problem))


def _lines(f: Callable, x: Any, convention: Convention) -> Iterator[tuple[str, str]]:
    try:
        yield "AD", point(grad(f, convention=convention)(x))
    except SelgradError as problem:
        yield "AD", named(problem)
        return
    try:
        verdict = classify(f, x, convention=convention)
    except SelgradError as problem:
        yield "sets", named(problem)
        return
    yield "D_P", str(verdict.field)
    yield "Clarke", str(verdict.clarke.inner) + ("" if verdict.clarke.exact else ", perhaps more")
    inside = {True: "lies in", False: "is outside", None: "may or may not lie in"}[verdict.ad_is_clarke]
    yield "verdict", f"AD's answer {inside} Clarke's set"
