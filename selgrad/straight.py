"""A program as straight-line Python: both algorithms with their loops unrolled, for calls that come again and again.

The loops of `evaluate` and `modes` look up, at every instruction of every call, what depends on the program
alone: the row, the parameters, which operand is a constant, which accumulator exists already. Here that is
settled once and written down, and what is left of an instruction is its line in the listing:

    x8 = g8(x6, x0)                              Algorithm 1
    v6 = d8_0(x8, x6, x0).pull(v8)               Algorithm 2, backward

Rows, order and operations are those of the loops, so every bit is too. Only numbers of nodes enter the text;
all else (functions of the tables, parameters, constants) is bound to such names, never spelled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from selgrad.evaluate import Evaluation, bind, check_domain, check_guard, recorded
from selgrad.modes import edges_from
from selgrad.primitives import ROWS
from selgrad.primitives.rows import ONE
from selgrad.program import Instruction, Program

LONGEST = 2000  # instructions: Python takes about 40 microseconds to compile each, so longer programs keep to the loops


class Straight:
    """`evaluate` and `pull` of one program, one convention and some of its inputs, as compiled Python.

    `source` is what was compiled.

    >>> import selgrad as sg
    >>> print(Straight(sg.trace(lambda t: sg.relu(t) * 3.0, 1.0), [0]).source)
    def forward(x0):
        s1 = s1_(x0)
        x1 = g1(s1, x0)
        x2 = g2(x1, c2_1)
        return [x0, x1, x2], [None, s1, None]
    <BLANKLINE>
    def backward(x, s, v2):
        [x0, x1, x2] = x
        [_, s1, _] = s
        d = d2_0(x2, x1, c2_1)
        v1 = v2 if d is ONE else d * v2
        del v2
        d = d1_0(s1, x1, x0)
        v0 = v1 if d is ONE else d * v1
        del v1
        return [v0]
    <BLANKLINE>
    """

    def __init__(self, P: Program, wanted: list[int], convention: str = "paper"):
        self.P = P
        names: dict[str, Any] = {"ONE": ONE, "check_domain": check_domain, "check_guard": check_guard}
        self.source = _forward(P, convention, names) + "\n" + _backward(P, wanted, names)
        exec(compile(self.source, f"<{type(self).__name__} program>", "exec"), names)
        self.forward: Callable = names["forward"]
        self.backward: Callable = names["backward"]

    def evaluate(self, args: tuple[Any, ...]) -> Evaluation:
        """Algorithm 1: what `evaluate` returns, and raises."""
        leaves, batch = bind(self.P, args)
        with np.errstate(all="ignore"):
            values, indices = self.forward(*leaves)
        return recorded(self.P, values, indices, batch)

    def pull(self, ev: Evaluation, seed: Any) -> list[Any]:
        """Algorithm 2, backward: the accumulators of the wanted inputs (None: zero), from that of the output."""
        with np.errstate(all="ignore"):
            return self.backward(ev.values, ev.indices, seed)


def _operands(k: int, i: Instruction, names: dict[str, Any]) -> str:
    """The operands of instruction k as names; a constant is bound to its own."""
    spelled = []
    for n, o in enumerate(i.operands):
        if type(o) is not int:
            names[f"c{k}_{n}"] = o
        spelled.append(f"x{o}" if type(o) is int else f"c{k}_{n}")
    return ", ".join(spelled)


def _closed(f: Callable, *first: Any, **params: Any) -> Callable:
    return partial(f, *first, **params) if first or params else f


def _forward(P: Program, convention: str, names: dict[str, Any]) -> str:
    """The loop of Algorithm 1, unrolled."""
    first = len(P.input_shapes)
    lines, guards = [], list(enumerate(P.guards))
    for k, i in P.lines():
        while guards and guards[0][1].at == k:
            lines.append(_guard(*guards.pop(0), names))
        row, xs = ROWS[i.op], _operands(k, i, names)
        if row.domain is not None:
            names[f"i{k}"] = i
            lines.append(f"check_domain(i{k}, {k}, [{xs}])")
        if row.kinked:
            names[f"s{k}_"] = partial(row.index, convention, **i.params)
            names[f"g{k}"] = _closed(row.select, **i.params)
            lines += [f"s{k} = s{k}_({xs})", f"x{k} = g{k}(s{k}, {xs})"]
        else:
            names[f"g{k}"] = _closed(row.value, **i.params)
            lines.append(f"x{k} = g{k}({xs})")
    lines += [_guard(number, guard, names) for number, guard in guards]
    inputs = ", ".join(f"x{j}" for j in range(first))
    values, indices = _record(P, "None")
    return "\n    ".join([f"def forward({inputs}):", *lines, f"return [{values}], [{indices}]"]) + "\n"


def _guard(number: int, guard: Any, names: dict[str, Any]) -> str:
    names[f"b{number}"] = guard
    return f"check_guard(b{number}, x{guard.node})"


def _record(P: Program, none: str) -> tuple[str, str]:
    """The names of all values, and of all indices."""
    first = len(P.input_shapes)
    kinked = set(P.kinked())
    nodes = range(first + len(P.instructions))
    return ", ".join(f"x{k}" for k in nodes), ", ".join(f"s{k}" if k in kinked else none for k in nodes)


def _backward(P: Program, wanted: list[int], names: dict[str, Any]) -> str:
    """The backward loop of Algorithm 2, unrolled along the edges that lead to the wanted inputs."""
    first, edges, (out,) = len(P.input_shapes), edges_from(P, wanted), P.outputs
    values, indices = _record(P, "_")
    lines = [f"[{values}] = x", f"[{indices}] = s"]
    known = {out}
    for t in range(first + len(P.instructions) - 1, first - 1, -1):
        if t not in known:
            continue
        i = P.instructions[t - first]
        row, read = ROWS[i.op], ("s{0}, x{0}, {1}" if ROWS[i.op].kinked else "x{0}, {1}").format(
            t, _operands(t, i, names))
        for n, j in edges[t - first]:
            d, partial_n = f"d{t}_{n}", row.partials[0 if row.variadic else n]
            if partial_n is None:
                continue
            names[d] = _closed(partial_n, *([n] if row.variadic else []), **i.params)
            if row.elementwise:  # the slope itself; `Slope.pull` says the same
                lines.append(f"d = {d}({read})")
                term = f"v{t} if d is ONE else d * v{t}"
            else:
                term = f"{d}({read}).pull(v{t})"
            lines.append(f"v{j} = v{j} + ({term})" if j in known else f"v{j} = {term}")
            known.add(j)
        lines.append(f"del v{t}")
    results = ", ".join(f"v{j}" if j in known else "None" for j in wanted)
    return "\n    ".join([f"def backward(x, s, v{out}):", *lines, f"return [{results}]"]) + "\n"
