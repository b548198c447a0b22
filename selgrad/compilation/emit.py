"""Algorithms 1 and 2 as straight-line source, line by line what the listing says.

Two loops over the instructions of a program with scalar nodes. x_k is node k, v_k its accumulator in
the backward pass and s_k the index of a kinked instruction, chosen by the tie rule of a convention.
The NumPy engine does the same operations in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.compilation.text import CALLS, Text, choice, inner, name, spell, times
from selgrad.compilation.vectors import VECTORS
from selgrad.differentiation.modes import edges_from
from selgrad.errors import NotElementary
from selgrad.primitives import RELATIONS, Kinked
from selgrad.programs.instructions import Instruction
from selgrad.programs.program import Program

PLAIN = ("add", "subtract", "multiply", "divide", "negative", "power", *CALLS.values())  # need no function of their own
LETTERS = ("a", "b", "c")


@dataclass(frozen=True)
class Lines:
    """The straight-line source of a program.

    functions are the helpers by name, forward and backward the lines of Algorithms 1 and 2, outside
    the comparisons that are true where an instruction leaves its domain; value names the output and
    slopes its derivative in each of the first inputs.
    """

    functions: dict[str, str]
    forward: list[str]
    backward: list[str]
    outside: list[str]
    value: str
    slopes: list[str]


def straight(P: Program, p: int, convention: str) -> Lines:
    """Source for the value of P and its derivative in the first p inputs.

    Raises NotElementary for an instruction that has no scalar spelling.
    """
    functions: dict[str, str] = {}
    nodes, forward, outside = _forward(P, convention, functions)
    backward: list[str] = []
    v = _backward(P, p, convention, nodes, functions, backward)
    slopes = ["real(0.0)" if v[j] is None else spell(v[j]) for j in range(p)]
    return Lines(functions, forward, backward, outside, spell(nodes[P.outputs[0]]), slopes)


def _forward(P: Program, convention: str, functions: dict[str, str]) -> tuple[list[Any], list[str], list[str]]:
    nodes: list[Any] = [name(f"x{j}") for j in range(len(P.input_shapes))]
    lines: list[str] = []
    outside: list[str] = []
    for k, i in P.lines():
        row, xs = i.row, _operands(i, nodes)
        if i.op == "power" and isinstance(xs[1], Text):
            raise NotElementary(f"x{k} = power has a variable exponent, which is not compiled: write exp(y log(x)).")
        if row.domain is not None:
            bad = row.domain(*xs)
            if isinstance(bad, Text) or bad:
                outside.append(bad.text if isinstance(bad, Text) else "True")
        if i.op in ("reshape", "concatenate", "slice", "constant"):  # names change hands, and no line is needed
            nodes.append(_moved(i, xs))
        elif i.op in VECTORS:
            nodes.append(VECTORS[i.op].value(lines, k, xs[0], i.params, _tie(i, convention)))
        elif row.elementwise or i.op == "where":
            lines.append(f"x{k} = {spell(_value(i, xs, convention, functions))}")
            nodes.append(name(f"x{k}"))
        else:
            raise NotElementary(f"x{k} = {i.op} has no scalar spelling, so it cannot be compiled: use engine='numpy'.")
    return nodes, lines, outside


def _backward(
    P: Program, p: int, convention: str, nodes: list[Any], functions: dict[str, str], lines: list[str]
) -> list[Any]:
    """The accumulators after the backward loop of Algorithm 2; a list of them where a node is a vector."""
    first = len(P.input_shapes)
    reach = [j < p for j in range(first)] + [bool(edges) for edges in edges_from(P, list(range(p)))]
    v: list[Any] = [None] * len(nodes)
    v[P.outputs[0]] = 1.0

    def add(j: Any, term: Any) -> None:
        if type(j) is not int or not reach[j]:
            return
        if v[j] is None and (not isinstance(term, Text) or term.atom):
            v[j] = term  # another name for the same number
            return
        text = spell(term) if v[j] is None else f"{inner(v[j])} + {inner(term)}"
        lines.append(f"v{j} = {text}")
        v[j] = name(f"v{j}")

    for k, i in reversed(list(P.lines())):
        if v[k] is None:
            continue
        xs = _operands(i, nodes)
        if i.op == "slice":
            (of,), at = i.operands, i.params["key"][0]
            if v[of] is None:
                v[of] = [0.0] * len(nodes[of])
            v[of][at] = v[k]
        elif i.op == "reshape":
            add(i.operands[0], v[k][0])
        elif i.op == "concatenate":
            for n, j in i.reads():
                if reach[j]:
                    v[j] = [v[k][n]]
        elif i.op in VECTORS:
            (of,) = i.pr
            v[of] = VECTORS[i.op].pull(lines, k, xs[0], nodes[k], v[k], i.params, _tie(i, convention))
        else:
            slopes = _slopes(k, i, xs, nodes[k], convention, functions, lines)
            for j, d in zip(i.operands, slopes, strict=True):
                if d is not None:
                    add(j, times(d, v[k]))
    return v


def _names(i: Instruction) -> list[str]:
    """The names of the parameters, which become names in the source."""
    for key in i.params:
        if not key.isidentifier():
            raise NotElementary(f"{i.op} has a parameter {key!r}, which is no name.")
    return list(i.params)


def _operands(i: Instruction, nodes: list[Any]) -> list[Any]:
    return i.of(nodes)


def _tie(i: Instruction, convention: str) -> str:
    return i.tie(convention)


def _moved(i: Instruction, xs: list[Any]) -> Any:
    if i.op == "reshape":
        return [xs[0]]
    if i.op == "concatenate":
        return [e for x in xs for e in (x if isinstance(x, list) else np.reshape(x, -1))]
    return xs[0][i.params["key"][0]] if i.op == "slice" else i.params["value"]


def _value(i: Instruction, xs: list[Any], convention: str, functions: dict[str, str]) -> Any:
    """g_k at its operands, as one expression."""
    row = i.row
    if i.op == "where":
        return Text(f"{inner(xs[1])} if {_compare(i, xs)} else {inner(xs[2])}")
    if i.op == "abs" or (i.op in PLAIN and not row.kinked):
        return np.absolute(xs[0]) if i.op == "abs" else row.value(*xs, **i.params)
    letters = [name(letter) for letter in (*LETTERS[: len(xs)], *_names(i))]
    operands, params = letters[: len(xs)], dict(zip(i.params, letters[len(xs) :], strict=True))
    signature = ", ".join(letter.text for letter in letters)
    if i.op not in functions:
        if i.op == "relu":
            body = f"    return {spell(np.maximum(operands[0], 0.0))}"  # type: ignore[call-overload]
        elif isinstance(row, Kinked):
            _index(i, convention, functions)
            pieces = choice("s", [piece.value(*operands, **params) for piece in _reachable(row, i.tie(convention))])
            nan = "".join(f"    if {x.text} != {x.text}:\n        return {x.text}\n" for x in unread(row, operands))
            body = f"{nan}    s = {i.op}_s({signature})\n    return {spell(pieces)}"
        else:
            body = f"    return {spell(row.value(*operands, **params))}"
        functions[i.op] = f"def {i.op}({signature}):\n{body}"
    return name(f"{i.op}({', '.join(spell(o) for o in (*xs, *i.params.values()))})")


def _index(i: Instruction, convention: str, functions: dict[str, str]) -> None:
    """The function s of a kinked row: how many switching functions are positive, and the tie rule."""
    row = i.row
    assert isinstance(row, Kinked)
    letters = [name(letter) for letter in (*LETTERS[: len(row.pieces[0].slopes)], *_names(i))]
    n = len(letters) - len(i.params)
    zs = row.switches(*letters[:n], **dict(zip(i.params, letters[n:], strict=True)))
    rule = i.tie(convention)
    positive = [f"1 if {spell(z)} {'>=' if tie == '>' else '>'} 0 else 0" for z, tie in zip(zs, rule, strict=True)]
    lines = [f"s = {positive[0]}" if len(zs) == 1 else f"s = {' + '.join(f'({one})' for one in positive)}"]
    pieces = len(zs) + 1
    for e, (z, tie) in enumerate(zip(zs, rule, strict=True)):
        if tie == "=":
            lines.append(f"s = {pieces + e} if {inner(z)} == 0 else s")
    for e, both in enumerate(pairwise(rule)):
        if both == ("=", "="):
            zeros = " and ".join(f"{inner(z)} == 0" for z in zs[e : e + 2])
            lines.append(f"s = {2 * pieces - 1 + e} if {zeros} else s")
    body = "\n".join(f"    {line}" for line in lines)
    signature = ", ".join(letter.text for letter in letters)
    functions[f"{i.op}_s"] = f"def {i.op}_s({signature}):  # ties: {rule} ({convention})\n{body}\n    return s"


def unread(row: Kinked, xs: list[Any]) -> list[Any]:
    """The operands that some piece does not read: where one is nan, no comparison holds, and the value is nan."""
    return [xs[i] for i in row.unread]


def _reachable(row: Kinked, rule: str) -> tuple[Any, ...]:
    """The pieces that s can pick: the means of two only where the tie rule asks for one."""
    return row.pieces if "=" in rule else row.pieces[: len(rule) + 1]


def _compare(i: Instruction, xs: list[Any]) -> str:
    relation = i.params["relation"]
    if relation not in RELATIONS:  # it goes into the text
        raise NotElementary(f"where compares by {relation!r}, which is none of {', '.join(RELATIONS)}.")
    return f"{inner(xs[0])} {relation} 0"


def _slopes(
    k: int, i: Instruction, xs: list[Any], y: Any, convention: str, functions: dict[str, str], lines: list[str]
) -> list[Any]:
    """d_k, one slope an operand; None where no derivative passes."""
    row = i.row
    if i.op == "constant":
        return [None]
    if i.op == "where":
        taken = _compare(i, xs)
        return [None, Text(f"real(1.0) if {taken} else real(0.0)"), Text(f"real(0.0) if {taken} else real(1.0)")]
    if not isinstance(row, Kinked):
        return [d(y, *xs, **i.params) if callable(d) else d for d in row.partials]
    _index(i, convention, functions)
    lines.append(f"s{k} = {i.op}_s({', '.join(spell(o) for o in (*xs, *i.params.values()))})")
    return [
        choice(f"s{k}", [piece.slopes[j](*xs, **i.params) for piece in _reachable(row, i.tie(convention))])
        for j in range(len(xs))
    ]
