"""A compiled program as the text of a Python module: value, derivative, and whole trajectories.

The iterate of a trajectory lives in local variables from its first step to its last, and the draws
are those of `selgrad/draws.py`. Nothing of the user's goes into the code but numbers: names are
x0, x1, ..., functions those of the tables.
"""

from __future__ import annotations

import re
from textwrap import indent

from selgrad.compilation.bounds import tame
from selgrad.compilation.emit import Lines, straight
from selgrad.draws import FACTORS, GAMMA
from selgrad.programs.program import Program

HEAD = '''"""Value, derivative and trajectories of the program below. Written by selgrad; do not edit."""

# {versions}; tie convention {convention}
{listing}

from math import cos, exp, expm1, inf, log, log1p, nan, sin, sqrt, tanh

import numpy as np
from numba import njit, prange

real = np.{dtype}
u = np.uint64

'''

RUN = '''
@njit(parallel=True, cache=True, error_model="numpy", nogil=True)
def values(x, data, out):
    for j in prange(len(x)):
        out[j], outside = value({entries})
        if outside:
            out[j] = nan


@njit(parallel=True, cache=True, error_model="numpy", nogil=True)
def derivatives(x, data, out):
    for j in prange(len(x)):
        _, outside, {slopes} = derivative({entries})
{stores}
        if outside:
            out[j] = nan
'''

DRAWS = f'''

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
'''

TRAJECTORIES = '''

@njit(parallel=True, cache=True, error_model="numpy", nogil=True)
def trajectories(x, c, alpha, marks, data, b, seed, first, out, broke):
    n = len(data)
    limit = real({limit})  # no value overflows where everything is smaller: then it need not be looked at
    for i in range(n):
        for e in range(data.shape[1]):
            if not abs(data[i, e]) <= limit:
                limit = real(-1.0)
    for j in prange(len(x)):
        key = output(seed, first + u(j))
{start}
        after = {size} <= limit
        broken = -1
        k = 0
{room}        for m in range(len(marks)):
            while k < marks[m] and broken < 0:
                before = after
{step}
                gamma = c[j] * alpha[k]
{move}
                after = {size} <= limit
                if outside or not (before and after):
                    if outside or not ({finite} == 0):
                        broken = k
                k += 1
            if broken < 0:
{store}
            else:
                out[j, m] = nan
        broke[j] = broken
'''

STEPS = {
    "alone": """
seen = real(0.0)
{call_1}
""",
    "full": """
{zeros}
for i in range(n):
{call}
{add}
{mean_n}
""",
    "one": """
seen = real(0.0)
i = below(output(key, k), n)
{call_1}
""",
    "some": """
state = output(key, k)
{zeros}
for r in range(b):
    last = n - b + r
    i = below(state if r == 0 else output(state, r - 1), last + 1)
    for q in range(r):
        if drawn[q] == i:
            i = last
            break
    drawn[r] = i
{call}
{add}
{mean_b}
""",
    "subsets": """
state = output(key, k)
count = 0
w = 0
{zeros}
while count == 0:
    for i in range(n):
        if i & 63 == 0:
            bits = state if w == 0 else output(state, w - 1)
            w += 1
        if (bits >> u(i & 63)) & u(1):
            count += 1
{call_3}
{add_3}
{mean_count}
""",
}


def kind_of(batch: int | str, d: int) -> str:
    """Which way of drawing a batch of data with d entries each is compiled."""
    if d == 0:
        return "alone"
    return batch if isinstance(batch, str) else "one" if batch == 1 else "some"


def in_pairs(names: list[str]) -> str:
    """A sum in pairs: not the NumPy engine's order, and only its being finite is looked at."""
    if len(names) <= 2:
        return " + ".join(names)
    half = len(names) // 2
    return f"({in_pairs(names[:half])}) + ({in_pairs(names[half:])})"


def source(P: Program, p: int, kind: str, dtype: str, convention: str, versions: str, listing: str) -> str:
    """The module for a program with scalar nodes whose first p inputs are x and the others a datum."""
    lines = straight(P, p, convention)
    d = len(P.input_shapes) - p
    functions = "".join(f"\n@njit(error_model=\"numpy\")\n{text}\n\n" for text in _functions(lines))
    shown = "\n".join("# " + re.sub(r"[^ -~]", "?", line) for line in listing.splitlines())  # can only be a comment
    text = HEAD.format(versions=versions, convention=convention, listing=shown, dtype=dtype)
    text += functions + _value(P, lines) + _derivative(P, lines) + _run(p, d) + DRAWS
    text += _trajectories(p, d, kind, tame(P, dtype))
    if dtype == "float64":  # the format of a plain number: easier to read
        text = re.sub(r"\breal\((\d[\d.e+-]*)\)", r"\1", text)
    return text


PRELUDE = {
    "larger": "def larger(a, b):\n    return a if a >= b or a != a else b",
    "smaller": "def smaller(a, b):\n    return a if a <= b or a != a else b",
    "ahead": "def ahead(a, b):  # nan is last in every order\n    return a < b or (b != b and a == a)",
    "ahead_or_tied": "def ahead_or_tied(a, b):\n    return a <= b or b != b",
    "logaddexp": (
        "def logaddexp(a, b):\n    d = a - b\n    if d == 0:\n        return a + log(real(2.0))\n"
        "    return a + log1p(exp(-d)) if d > 0 else b + log1p(exp(d))"
    ),
}


def _functions(lines: Lines) -> list[str]:
    body = "\n".join([*lines.functions.values(), *lines.forward, *lines.backward])
    return [text for name, text in PRELUDE.items() if f"{name}(" in body] + list(lines.functions.values())


def _outside(lines: Lines) -> str:
    return "outside = " + (" or ".join(lines.outside) or "False")


def _value(P: Program, lines: Lines) -> str:
    body = [*lines.forward, _outside(lines), f"return {lines.value}, outside"]
    return _define("value", P, body)


def _derivative(P: Program, lines: Lines) -> str:
    body = [*lines.forward, _outside(lines), "# backward", *lines.backward]
    return _define("derivative", P, [*body, f"return {', '.join([lines.value, 'outside', *lines.slopes])}"])


def _define(name: str, P: Program, body: list[str]) -> str:
    arguments = ", ".join(f"x{j}" for j in range(len(P.input_shapes)))
    inline = ", forceinline=True" if name == "derivative" else ""
    head = f'\n@njit(error_model="numpy"{inline})\ndef {name}({arguments}):\n'
    return head + indent("\n".join(body), "    ") + "\n\n"


def _run(p: int, d: int) -> str:
    entries = [f"x[j, {i}]" for i in range(p)] + [f"data[j, {i}]" for i in range(d)]
    stores = "\n".join(f"        out[j, {i}] = g{i}" for i in range(p))
    return RUN.format(entries=", ".join(entries), slopes=", ".join(f"g{i}" for i in range(p)), stores=stores)


def _trajectories(p: int, d: int, kind: str, limit: float | None) -> str:
    every = range(p)
    xs = ", ".join([f"x{i}" for i in every] + [f"data[i, {e}]" for e in range(d)])
    at = f"({xs})"

    def block(lines: list[str], depth: int) -> str:
        return indent("\n".join(lines), "    " * depth)

    def mean(count: str) -> str:
        return "\n".join(f"g{i} = g{i} / real({count})" for i in every)

    def call(out: str, g: str) -> list[str]:
        """One term: its derivative, and a look at its value unless that is known to be finite."""
        slopes = ", ".join(f"{g}{i}" for i in every)
        if limit is None:
            return [f"f, {out}, {slopes} = derivative{at}", "seen = seen + (f - f)"]
        return [f"_, {out}, {slopes} = derivative{at}",
                "if not before:", f"    f, _ = value{at}", "    seen = seen + (f - f)"]

    term, add = call("out_i", "v"), ["outside = outside or out_i", *(f"g{i} = g{i} + v{i}" for i in every)]
    zeros = "\n".join(["outside = False", "seen = real(0.0)", *(f"g{i} = real(0.0)" for i in every)])
    step = STEPS[kind].strip().format(
        call=block(term, 1), call_1=block(call("outside", "g"), 0), call_3=block(term, 3), add=block(add, 1),
        add_3=block(add, 3), zeros=zeros, mean_n=mean("n"), mean_b=mean("b"), mean_count=mean("count"),
    )
    return TRAJECTORIES.format(
        limit=-1.0 if limit is None else limit, size=in_pairs([f"abs(x{i})" for i in every]),
        start=block([f"x{i} = x[j, {i}]" for i in every], 2),
        room="        drawn = np.empty(b, np.int64)\n" if kind == "some" else "", step=indent(step, " " * 16),
        move=block([f"x{i} = x{i} - gamma * g{i}" for i in every], 4),
        finite=in_pairs(["seen", *(f"(x{i} - x{i})" for i in every)]),
        store=block([f"out[j, m, {i}] = x{i}" for i in every], 4),
    )
