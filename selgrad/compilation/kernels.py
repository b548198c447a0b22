"""A compiled program as the text of a Python module: value, derivative, and whole trajectories.

The iterate of a trajectory lives in local variables from its first step to its last, and the draws
are those of `selgrad/draws.py`. Nothing of the user's goes into the code but numbers: names are
x0, x1, ..., functions those of the tables.
"""

from __future__ import annotations

import re

from selgrad.compilation.bounds import tame
from selgrad.compilation.elementwise import comment, shown
from selgrad.compilation.emit import Lines, straight
from selgrad.compilation.helpers import called
from selgrad.compilation.languages import Python
from selgrad.compilation.trajectories import trajectories
from selgrad.compilation.writer import Writer
from selgrad.draws import FACTORS, GAMMA
from selgrad.primitives import Convention
from selgrad.programs.program import Program

IMPORTED = ("cos", "exp", "expm1", "inf", "log", "log1p", "nan", "sin", "sqrt", "tanh")
ALSO = ("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cosh", "erf", "hypot", "log10", "log2", "sinh",
        "tan")
FAST = '@njit(parallel=True, cache=True, error_model="numpy", nogil=True)'

DRAWS = f"""

@njit
def mix(z):
    z = (z ^ (z >> u(30))) * u({FACTORS[0]})
    z = (z ^ (z >> u(27))) * u({FACTORS[1]})
    return z ^ (z >> u(31))


@njit
def output(seed, i):
    return mix(seed + (u(i) + u(1)) * u({GAMMA}))


@njit
def below(w, n):
    low = ((w & u(0xFFFFFFFF)) * u(n)) >> u(32)
    return np.int64(((w >> u(32)) * u(n) + low) >> u(32))

"""


def source(P: Program, p: int, kind: str, dtype: str, convention: Convention, versions: str, listing: str) -> str:
    """The module for a program with scalar nodes whose first p inputs are x and the others a datum."""
    arguments = [f"x{j}" for j in range(len(P.input_shapes))]
    w = Writer()
    _functions(w, straight(P, p, convention), ", ".join(arguments))
    text = w.text
    also = [name for name in ALSO if f"{name}(" in text and re.search(rf"\b{name}\(", text)]
    _run(w, p, len(arguments) - p)
    w(*DRAWS.split("\n"), FAST)
    trajectories(w, p, len(arguments) - p, kind, tame(P, dtype))
    head = Writer()
    _head(head, also, dtype, shown(convention), versions, listing)
    text = head.text + w.text
    if dtype == "float64":  # the format of a plain number: easier to read
        text = re.sub(r"\breal\((\d[\d.e+-]*)\)", r"\1", text)
    return text


def kind_of(batch: int | str, d: int) -> str:
    """Which way of drawing a batch of data with d entries each is compiled."""
    if d == 0:
        return "alone"
    return batch if isinstance(batch, str) else "one" if batch == 1 else "some"


def _head(w: Writer, also: list[str], dtype: str, convention: str, versions: str, listing: str) -> None:
    w('"""Value, derivative and trajectories of the program below. Written by selgrad; do not edit."""', "",
      f"# {versions}; tie convention {convention}", *("# " + comment(line) for line in listing.splitlines()), "",
      f"from math import {', '.join(sorted([*IMPORTED, *also]))}", "",
      "import numpy as np", "from numba import njit, prange", "", f"real = np.{dtype}", "u = np.uint64", "")


def _functions(w: Writer, lines: Lines, arguments: str) -> None:
    """The functions of the rows, then value and derivative."""
    python = Python()
    own = [python.define(function) for function in lines.functions]
    forward, backward = (python.statements(part) for part in (lines.forward, lines.backward))
    body = "\n".join([*(line for text in own for line in text), *forward, *backward])
    for text in [*(python.define(helper) for helper in called(body)), *own]:
        w("", '@njit(error_model="numpy")', *text, "")
    outside = f"outside = {python.anyone(lines.outside)}"
    w("", '@njit(error_model="numpy")')
    with w.block(f"def value({arguments}):"):
        w(*forward, outside, f"return {python.spell(lines.value)}, outside")
    w("", "", '@njit(error_model="numpy", forceinline=True)')
    with w.block(f"def derivative({arguments}):"):
        w(*forward, outside, "# backward", *backward)
        w(f"return {', '.join([python.spell(lines.value), 'outside', *map(python.spell, lines.slopes)])}")
    w("")


def _run(w: Writer, p: int, d: int) -> None:
    """Value and derivative at every point of a batch."""
    at = ", ".join([f"x[j, {i}]" for i in range(p)] + [f"data[j, {i}]" for i in range(d)])
    w("", FAST)
    with w.block("def values(x, data, out):"), w.block("for j in prange(len(x)):"):
        w(f"out[j], outside = value({at})")
        with w.block("if outside:"):
            w("out[j] = nan")
    w("", "", FAST)
    with w.block("def derivatives(x, data, out):"), w.block("for j in prange(len(x)):"):
        w(f"_, outside, {', '.join(f'g{i}' for i in range(p))} = derivative({at})")
        w(*(f"out[j, {i}] = g{i}" for i in range(p)))
        with w.block("if outside:"):
            w("out[j] = nan")
