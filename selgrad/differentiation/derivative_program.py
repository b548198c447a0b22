"""The operator A of Section 1.1, from programs to programs: Algorithm 2 run on values that are being recorded.

The loops of `modes` do not know what numbers they work on. Run on the nodes of a program themselves they
write the lines of its derivative below its own, which is what source transformation does. At a kink A(P)
takes the piece the tie rule takes: the index is spelled with np.where on the switching functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward, edges_from, partials
from selgrad.errors import InputError
from selgrad.primitives import Convention, Kinked, Slope
from selgrad.primitives.rows import ONE
from selgrad.programs.evaluate import check_rules
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Guard, Instruction, ProgramData
from selgrad.programs.trees import LEAF, Branch, Structure, unflatten
from selgrad.tracing import trace
from selgrad.tracing.recorder import Recorder, Traced
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS
from selgrad.tracing.tracer import finished


def differentiate(P: Program | Callable, *example: Any, convention: Convention = "paper") -> Program:
    """A(P): the program that computes AD's derivative of P, by the backward loop on traced values.

    Its arguments are those of P, its value the derivative of shape output + input, one per argument where there
    are several. F(A(P)) is the selection derivative of F(P), at kinks too. A function is traced at the example
    first. The Python branches of P are branches of A(P). Raises what tracing raises. Source: the operator A of
    Section 1.1, equation (1), and Theorem 2.

    >>> import selgrad as sg
    >>> A = differentiate(lambda t: sg.relu(-t) + t, 0.0)
    >>> print(A)
    Program(p=1, q=1, m=5)
      x0 = input
      x1 = -x0
      x2 = where(x1 > 0, 1, 0)          kink
      x3 = -x2
      x4 = 1 + x3
      return x4
    >>> print(A(0.0), A(-1.0))
    1.0 0.0
    """
    P = trace(P, *example)
    assert isinstance(P.in_tree, Branch)
    several = len(P.in_tree.children) > 1
    tree: Structure = P.in_tree if several else P.in_tree.children[0]
    on = Tape(P, convention)
    rows = _jacobian(on, P.outputs, list(range(len(P.input_shapes))), tree)
    return on.program(unflatten(P.out_tree, rows), f"A_{P.name}")


def jacobian_program(
    P: Program, wanted: list[int], nesting: Structure, values: int, convention: Convention
) -> Program:
    """(outputs, a tuple of the derivatives of the first ones in these inputs, each of shape output + input)."""
    on = Tape(P, convention)
    outs = unflatten(P.out_tree, [on.nodes[k] for k in P.outputs])
    return on.program((outs, tuple(_jacobian(on, P.outputs[:values], wanted, nesting))), f"A_{P.name}")


def _jacobian(on: Tape, outputs: tuple[int, ...], wanted: list[int], nesting: Structure) -> list[Any]:
    """The derivatives of these nodes, nested as the inputs are."""
    P, found = on.P, []
    for k in outputs:
        shape = P.shapes[k]
        rows = [on.pulled({k: seed}, wanted) for seed in _units(shape)]
        blocks: list[Any] = []
        for n, j in enumerate(wanted):
            full = shape + P.input_shapes[j]
            parts = [row[n] for row in rows]
            blocks.append(parts[0] if shape == () else np.reshape(np.stack(parts), full) if parts else np.zeros(full))
        found.append(unflatten(nesting, blocks))
    return found


def gradient_program(P: Program, wanted: list[int], nesting: Structure, convention: Convention) -> Program:
    """(outputs, derivative of the first output, a scalar, in these inputs) in one program."""
    on = Tape(P, convention)
    outs = unflatten(P.out_tree, [on.nodes[k] for k in P.outputs])
    return on.program((outs, unflatten(nesting, on.pulled({P.outputs[0]: ONE}, wanted))), f"A_{P.name}")


def adjoint_program(P: Program, wanted: list[int], convention: Convention) -> Program:
    """v -> J^T v as a program: the inputs of P, then one accumulator per output; a tuple, one per wanted input."""
    seeds = [P.shapes[k] for k in P.outputs]
    on = Tape(P, convention, seeds)
    start: dict[int, Any] = {}
    for k, seed in zip(P.outputs, on.more):
        start[k] = start[k] + seed if k in start else seed
    return on.program(tuple(on.pulled(start, wanted)), f"A_{P.name}")


def tangent_program(P: Program, convention: Convention) -> Program:
    """d -> J d as a program: the inputs of P, then one direction per input; (outputs, their derivatives)."""
    on = Tape(P, convention, list(P.input_shapes))
    dx: list[Any] = list(on.more)
    for k, i in P.lines():
        terms = [_times(d, dx[j], forward=True) for j, d in partials(k, i, on.record) if dx[j] is not None]
        terms = [term for term in terms if term is not None]
        dx.append(sum(terms[1:], terms[0]) if terms else None)
    outs = [on.nodes[k] for k in P.outputs]
    moved = [np.zeros(P.shapes[k]) if dx[k] is None else dx[k] for k in P.outputs]
    return on.program((unflatten(P.out_tree, outs), unflatten(P.out_tree, moved)), f"A_{P.name}")


class Tape:
    """The lines of P with room for more below: its nodes as traced values, and indices spelled on them."""

    def __init__(self, P: ProgramData, convention: Convention, more: list[tuple[int, ...]] | None = None):
        check_rules(P, convention)
        self.P, first, n = P, len(P.input_shapes), len(more or [])
        self.recorder = Recorder(UFUNCS, FUNCTIONS, METHODS)
        self.recorder.check = False  # the numbers carried along are stand-ins: shapes alone matter
        self.recorder.shapes = [*P.input_shapes, *(more or [])]
        self.recorder.instructions = [_shifted(i, first, n) for i in P.instructions]
        self.recorder.guards = [_moved(g, first, n) for g in P.guards]
        self.nodes = [Traced(self.recorder, k if k < first else k + n, _stand_in(s)) for k, s in enumerate(P.shapes)]
        self.more = [Traced(self.recorder, first + e, _stand_in(s)) for e, s in enumerate(more or [])]
        indices: list[Any] = [None] * first
        self.record = Evaluation(list(self.nodes), indices, ())
        with np.errstate(all="ignore"):
            for _, i in P.lines():
                row = i.row
                indices.append(row.written(i.tie(convention), *i.of(self.nodes), **i.params)
                               if isinstance(row, Kinked) else None)

    def pulled(self, seeds: dict[int, Any], wanted: list[int]) -> list[Any]:
        """The accumulators of these inputs after the backward loop."""
        first = len(self.P.input_shapes)
        edges = edges_from(self.P, wanted)

        def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
            for j, d in partials(t, self.P.line(t), self.record, edges[t - first]):
                term = _times(d, v_t)
                if term is not None:
                    yield j, term

        v = backward(self.P, seeds, terms)
        return [np.zeros(self.P.input_shapes[j]) if v[j] is None else v[j] for j in wanted]

    def program(self, result: Any, name: str) -> Program:
        """What was recorded, with this result, without the lines that nothing reads."""
        inputs = [*self.nodes[: len(self.P.input_shapes)], *self.more]
        P, _ = finished(inputs, result, _widened(self.P, len(self.more)), name)
        self.recorder.closed = True
        return pruned(P)


def pruned(P: Program) -> Program:
    """P without the lines that neither an output nor a branch depends on."""
    first, needed = len(P.input_shapes), {*P.outputs, *(g.node for g in P.guards)}
    for k, i in reversed(list(P.lines())):
        if k in needed:
            needed.update(i.pr)
    kept = [k for k, _ in P.lines() if k in needed]
    number = {**{j: j for j in range(first)}, **{k: first + n for n, k in enumerate(kept)}}
    lines = tuple(
        replace(i, operands=tuple(number[o] if i.is_node(n) else o for n, o in enumerate(i.operands)))
        for i in (P.line(k) for k in kept)
    )
    guards = tuple(replace(g, node=number[g.node], at=first + sum(k < g.at for k in kept)) for g in P.guards)
    return Program(P.input_shapes, lines, tuple(number[k] for k in P.outputs), P.in_tree, P.out_tree, guards, P.name)


def _times(d: Any, v: Any, forward: bool = False) -> Any:
    """v d, or d dx, leaving out factors 1, and None for 0."""
    if not isinstance(d, Slope):
        v = np.float64(v) if isinstance(v, float) else v
        return d.push(v) if forward else d.pull(v)
    slope = d.d
    if isinstance(slope, np.ndarray | np.generic) and slope.ndim == 0:
        slope = float(slope)
    if isinstance(v, float) and not isinstance(slope, float):
        slope, v = v, slope
    if not isinstance(slope, float):
        return slope * v
    return None if slope == 0.0 else v if slope == 1.0 else -v if slope == -1.0 else slope * v


def _units(shape: tuple[int, ...]) -> list[Any]:
    """e_1, ..., e_n of this shape; the number 1 for a scalar."""
    size = prod(shape)
    return [ONE] if shape == () else list(np.eye(size).reshape(size, *shape))


def _stand_in(shape: tuple[int, ...]) -> Any:
    """Numbers of this shape that every operation takes: a square matrix must be regular and positive."""
    ones = np.ones(shape)
    if len(shape) > 1 and shape[-1] == shape[-2]:
        ones = ones + shape[-1] * np.eye(shape[-1])
    return ones[()]


def _shifted(i: Instruction, first: int, n: int) -> Instruction:
    if n == 0:
        return i
    return replace(i, operands=tuple(o + n if i.is_node(e) and o >= first else o for e, o in enumerate(i.operands)))


def _moved(g: Guard, first: int, n: int) -> Guard:
    return replace(g, node=g.node + n if g.node >= first else g.node, at=g.at + n)


def _widened(P: ProgramData, n: int) -> Structure:
    if not isinstance(P.in_tree, Branch):
        raise InputError(f"{P.name} has no arguments.")
    return replace(P.in_tree, children=P.in_tree.children + (LEAF,) * n)
