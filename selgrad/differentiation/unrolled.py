"""A program as straight-line Python: both algorithms with their loops unrolled, for calls that come again and again.

The loops of `evaluate` and `modes` find out, at every instruction of every call, what depends on the program
alone: the row, the parameters, which operands are constants, which edges lead to the inputs asked for. Here that
is settled once and written down, and what is left of an instruction is its line in the listing:

    x8 = g8(x6, x0)                              Algorithm 1
    v6 = d8_0(v8, x8, x6, x0)                    Algorithm 2, backward

Rows, operations and order are those of the loops, so every bit is too; but no record is kept, and an array goes
when it is read for the last time. Only numbers of nodes enter the text: all else (functions of the tables,
parameters, constants) is bound to such names, never spelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward, edges_from
from selgrad.primitives import Convention, Kinked
from selgrad.primitives.rows import ONE, LinearRule
from selgrad.programs.arguments import all_finite, bind
from selgrad.programs.evaluate import check_domain, check_guard
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Guard, Instruction

LONGEST = 2000  # instructions: Python takes about 40 microseconds to compile each, so longer programs keep to the loops
NODE = re.compile(r"\b[xsv]\d+\b")


class Straight:
    """Value and backward derivative of a program with one output, in some of its inputs, as compiled Python.

    `source` is what was compiled: x_k is node k, s_k its index, g_k its function, d_k_i the derivative in its
    operand number i, c_k_i that operand when it is a constant, v_k the accumulator. A call with arguments of
    the program returns (record of the inputs, value, accumulators of the inputs asked for, None for zero), or
    None where one is not finite: then the loops find the instruction to blame. Raises what `evaluate` raises.

    >>> import selgrad as sg
    >>> F = Straight(sg.trace(lambda t: 2.0 * sg.relu(t) - t, 0.0), [0])
    >>> print(F.source)
    def run(seed, x0):
        s1 = s1_(x0)
        x1 = g1(s1, x0)
        x2 = g2(c2_0, x1)
        x3 = g3(x2, x0)
        v3 = seed(x3)
        v2 = v3
        v0 = d3_1 * v3
        del v3
        v1 = d2_1(x2, c2_0, x1) * v2
        del x2, v2
        v0 = v0 + d1_0(s1, x1, x0) * v1
        del s1, x1, x0, v1
        return x3, [v0]
    >>> _, value, (v0,) = F(1.0)
    >>> print(value, v0)
    1.0 1.0
    """

    def __init__(self, P: Program, wanted: list[int], convention: Convention = "paper"):
        self.P = P
        names: dict[str, Any] = {"check_domain": check_domain, "check_guard": check_guard}
        lines = _forward(P, convention, names) + _backward(P, wanted, names)
        inputs = ", ".join(f"x{j}" for j in range(len(P.input_shapes)))
        self.source = "\n    ".join([f"def run(seed, {inputs}):", *_freed(lines)])
        exec(compile(self.source, f"<{P!r} as straight-line Python>", "exec"), names)
        self.run: Callable = names["run"]
        # Once a block this large was freed, glibc keeps as much for the next call, which else begins with page faults
        np.empty(2 * P.m)

    def __call__(self, *args: Any) -> tuple[Evaluation, Any, list[Any]] | None:
        leaves, batch = bind(self.P, args)
        ones = (1,) * len(batch)
        with np.errstate(all="ignore"):
            value, v = self.run(lambda y: np.ones(ones, np.asarray(y).dtype), *leaves)
        finite = all_finite(value, *(a for a in v if a is not None))
        return (Evaluation(leaves, [], batch), value, v) if finite else None


def _forward(P: Program, convention: Convention, names: dict[str, Any]) -> list[str]:
    """The loop of Algorithm 1, unrolled."""
    lines: list[str] = []
    guards, left = list(P.guards), _left_to_numpy(P)
    for k, i in P.lines():
        while guards and guards[0].at == k:
            lines.append(_guard(guards.pop(0), f"b{len(guards)}", names))
        row, xs = i.row, _operands(k, i, names)
        if row.domain is not None:
            names[f"i{k}"] = i
            lines.append(f"check_domain(i{k}, {k}, [{xs}])")
        if isinstance(row, Kinked):
            names[f"s{k}_"] = partial(row.index, i.tie(convention), **i.params)
            lines.append(f"s{k} = s{k}_({xs})")
            xs = f"s{k}, {xs}"
        names[f"g{k}"] = _closed(row.select if isinstance(row, Kinked) else row.value, **i.params)
        whole = f"{xs} if {xs}.ndim == {len(P.shapes[i.pr[0]])} else " if k in left else ""
        lines.append(f"x{k} = {whole}g{k}({xs})")
    while guards:
        lines.append(_guard(guards.pop(0), f"b{len(guards)}", names))
    return lines


def _left_to_numpy(P: Program) -> set[int]:
    """The broadcasts that an elementwise NumPy function does by itself where there is no batch.

    Each of their readers has another operand that is whole, so the result has its shape.
    """
    kept = {*P.outputs, *(guard.node for guard in P.guards)}
    left = {k for k, i in P.lines() if i.row.widens and k not in kept}
    for _, i in P.lines():
        whole = any(o not in left and P.shapes[o] == i.shape for o in i.pr)
        if left and not (i.row.elementwise and whole):
            left.difference_update(i.pr)
    return left


class Accumulator:
    """v_j while the loop is unrolled: what is put into it, or added to it, is a line."""

    def __init__(self, lines: list[str], j: int, term: str):
        self.lines, self.j, self.term = lines, j, term

    def __add__(self, other: Accumulator) -> Accumulator:
        self.lines.append(f"v{self.j} = v{self.j} + {other.term}")
        return self


def _backward(P: Program, wanted: list[int], names: dict[str, Any]) -> list[str]:
    """The backward loop of Algorithm 2, unrolled along the edges that lead to the inputs asked for."""
    first, edges, (out,) = len(P.input_shapes), edges_from(P, wanted), P.outputs
    lines = [f"v{out} = seed(x{out})"]

    def terms(t: int, v_t: Accumulator, v: list[Any]) -> Iterator[tuple[int, Accumulator]]:
        for n, j in edges[t - first]:
            term = _term(t, n, P.line(t), names)
            if term and v[j] is None:
                lines.append(f"v{j} = {term}")
            if term:
                yield j, Accumulator(lines, j, term)

    v = backward(P, {out: Accumulator(lines, out, "")}, terms)
    results = ", ".join("None" if v[j] is None else f"v{j}" for j in wanted)
    return [*lines, f"return x{out}, [{results}]"]


def _term(t: int, n: int, i: Instruction, names: dict[str, Any]) -> str:
    """What the accumulator v_t gives to operand number n of instruction t ("": nothing)."""
    row, d = i.row, f"d{t}_{n}"
    entry = row.partials[0 if row.variadic else n]
    if entry is None or entry is ONE:
        return "" if entry is None else f"v{t}"
    if isinstance(entry, float):
        names[d] = entry
        return f"{d} * v{t}"
    read = f"x{t}, {_operands(t, i, names)}"
    if isinstance(entry, LinearRule):
        names[d] = partial(entry.pull, **i.params)
        return f"{d}(v{t})" if entry.fixed else f"{d}(v{t}, {read})"
    names[d] = _closed(entry, *([n] if row.variadic else []), **i.params)
    slope = f"{d}(s{t}, {read})" if row.kinked else f"{d}({read})"
    return f"{slope} * v{t}" if row.elementwise else f"{slope}.pull(v{t})"


def _operands(k: int, i: Instruction, names: dict[str, Any]) -> str:
    """The operands of instruction k as names."""
    names |= {f"c{k}_{n}": o for n, o in enumerate(i.operands) if not i.is_node(n)}
    return ", ".join(f"x{o}" if i.is_node(n) else f"c{k}_{n}" for n, o in enumerate(i.operands))


def _guard(guard: Guard, name: str, names: dict[str, Any]) -> str:
    names[name] = guard
    return f"check_guard({name}, x{guard.node:d})"  # the one number of a program that is not checked when it is built


def _closed(f: Callable, *first: Any, **params: Any) -> Callable:
    """f with these arguments filled in."""
    return partial(f, *first, **params) if first or params else f


def _freed(lines: list[str]) -> list[str]:
    """The lines, each followed by the deletion of what is not read after it."""
    last, known = lines[-1:], set(NODE.findall(lines[-1]))
    for line in reversed(lines[:-1]):
        dead = [name for name in dict.fromkeys(NODE.findall(line)) if name not in known]
        last += [f"del {', '.join(dead)}"] if dead else []
        last.append(line)
        known.update(dead)
    return last[::-1]
