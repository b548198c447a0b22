"""Algorithms 1 and 2 as straight-line source, line by line what the listing says.

Two loops over the instructions of a program with scalar nodes. x_k is node k, v_k its accumulator in
the backward pass and s_k the index of a kinked instruction, chosen by the tie rule of a convention.
The NumPy engine does the same operations in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.compilation.elementwise import FAULTS, Elementwise, refused
from selgrad.compilation.expressions import Expression, condition, name, times
from selgrad.compilation.forms import form_of
from selgrad.compilation.languages import Assignment, Function
from selgrad.differentiation.modes import backward, edges_from
from selgrad.errors import NotElementary
from selgrad.primitives import Convention
from selgrad.programs.program import Program


@dataclass(frozen=True)
class Lines:
    """The straight-line source of a program, in expressions.

    functions are the helpers, forward and backward the lines of Algorithms 1 and 2, outside the conditions that hold
    where an instruction leaves its domain; value is the output and slopes its derivative in each of the first inputs.
    """

    functions: list[Function]
    forward: list[Assignment]
    backward: list[Assignment]
    outside: list[Any]
    value: Any
    slopes: list[Any]


def straight(P: Program, p: int, convention: Convention) -> Lines:
    """Source for the value of P and its derivative in the first p inputs.

    Raises NotElementary for an instruction that has no scalar spelling.
    """
    rows = Elementwise(convention)
    nodes, forward, outside = algorithm1(P, rows)
    lines, slopes = algorithm2(P, p, rows, nodes)
    conditions = [bad for _, bad in outside]
    return Lines(list(rows.functions.values()), forward, lines, conditions, nodes[P.outputs[0]], slopes)


class Sheet(list[Assignment]):
    """Lines as they are put down."""

    def put(self, label: str, value: Any) -> Any:
        """A further line; returns its name."""
        self.append((label, value))
        return name(label)


def algorithm1(P: Program, rows: Elementwise) -> tuple[list[Any], Sheet, list[tuple[int, Any]]]:
    """What stands for every node, the lines of Algorithm 1, and (k, condition of leaving the domain of line k)."""
    nodes: list[Any] = [name(f"x{j}") for j in range(len(P.input_shapes))]
    lines, outside = Sheet(), []
    for k, i in P.lines():
        xs, form = i.of(nodes), form_of(i)
        try:
            if i.row.domain is not None:
                bad = condition(i.row.domain(*xs))
                outside += [] if bad is False else [(k, bad)]
            if form is not None:
                nodes.append(form.value(lines.put, k, xs, i.params, i.tie(rows.convention)))
            elif i.row.elementwise:
                nodes.append(lines.put(f"x{k}", rows.value(i, xs)))
            else:
                raise NotElementary(f"x{k} = {i.op} has no scalar spelling, so it cannot be compiled: "
                                    "use engine='numpy'.")
        except FAULTS as problem:
            raise refused(k, i, problem) from problem
    return nodes, lines, outside


class Accumulator:
    """v_j while it is written down: an addition to it is a line. Of a vector it is a list, where None is zero."""

    def __init__(self, sheet: Sheet, j: int, total: Any):
        self.sheet, self.j, self.total = sheet, j, total

    def __add__(self, other: Accumulator) -> Accumulator:
        if not isinstance(self.total, list):
            return Accumulator(self.sheet, self.j, self._sum(f"v{self.j}", self.total, other.total))
        pairs = enumerate(zip(self.total, other.total, strict=True))
        return Accumulator(self.sheet, self.j, [self._sum(f"v{self.j}_{n}", a, b) for n, (a, b) in pairs])

    def _sum(self, label: str, a: Any, b: Any) -> Any:
        return b if a is None else a if b is None else self.sheet.put(label, Expression(np.add, a, b))


def algorithm2(P: Program, p: int, rows: Elementwise, nodes: list[Any]) -> tuple[Sheet, list[Any]]:
    """The lines of the backward loop of Algorithm 2, and the derivative in each of the first p inputs."""
    first, edges, lines = len(P.input_shapes), edges_from(P, list(range(p))), Sheet()

    def terms(t: int, v_t: Accumulator, v: list[Any]) -> Iterator[tuple[int, Accumulator]]:
        i = P.line(t)
        xs, form = i.of(nodes), form_of(i)
        try:
            if form is not None:
                pulled = form.pull(lines.put, t, xs, nodes[t], v_t.total, i.params, i.tie(rows.convention))
            else:
                slopes = rows.slopes(lines.put, t, i, xs, nodes[t])
                pulled = [None if d is None else times(d, v_t.total) for d in slopes]
        except FAULTS as problem:
            raise refused(t, i, problem) from problem
        for n, j in edges[t - first]:
            term = pulled[n]
            if term is None:
                continue
            if v[j] is None and isinstance(term, Expression) and not term.atom:
                term = lines.put(f"v{j}", term)  # else it is another name for the same number
            yield j, Accumulator(lines, j, term)

    v = backward(P, {P.outputs[0]: Accumulator(lines, P.outputs[0], 1.0)}, terms)
    return lines, [0.0 if a is None else a.total for a in v[:p]]
