"""An array program expanded to one real number a node, as the paper has it (Section 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import NotElementary, TooLarge
from selgrad.primitives.facts import ENTRYWISE, HUNG, MATRIX, Vector
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction, Params, place
from selgrad.programs.scalar import ScalarFunction, ScalarProgram

MOST = 4000
NONE = Params()


class _Number:
    """A scalar node while expanding; arithmetic appends instructions."""

    def __init__(self, program: list[ScalarFunction], p: int, node: int):
        self.program, self.p, self.node = program, p, node

    def then(
        self, op: str, *operands: Any, params: Any = NONE, component: int | None = None, line: Any = None
    ) -> _Number:
        slots = tuple(o.node if isinstance(o, _Number) else float(o) for o in operands)
        self.program.append(ScalarFunction(op, slots, params, component, line))
        node = self.p + len(self.program) - 1
        if node > MOST:
            raise TooLarge(f"The scalar view is for small programs: this one has more than {MOST} scalars.")
        return _Number(self.program, self.p, node)

    def __add__(self, other: Any) -> _Number:
        return self.then("add", self, other)

    def __mul__(self, other: Any) -> _Number:
        return self.then("multiply", self, other)

    def __radd__(self, other: Any) -> _Number:
        return self.then("add", other, self)

    def __rmul__(self, other: Any) -> _Number:
        return self.then("multiply", other, self)

    def __truediv__(self, other: Any) -> _Number:
        return self.then("divide", self, other)


def _objects(items: list[_Number], shape: tuple[int, ...]) -> np.ndarray:
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out.reshape(shape)


def scalar_view(P: Program) -> ScalarProgram:
    """Expand an array program into the paper's (p, q, m, pr, G), one real number a node.

    Sums become chains of +; an order statistic is one g_k reading a vector. Raises TooLarge above
    4,000 scalars. Source: Section 3.

    >>> import selgrad as sg
    >>> print(scalar_view(sg.trace(lambda x: np.sum(sg.relu(x)), np.zeros(2))))
    ScalarProgram(p=2, q=1, m=5)
      x0 = input
      x1 = input
      x2 = relu(x0)
      x3 = relu(x1)
      x4 = x2 + x3
      return x4
    """
    program: list[ScalarFunction] = []
    arrays: list[Any] = []
    start = 0
    for shape in P.input_shapes:
        size = int(np.prod(shape))
        arrays.append(_objects([_Number(program, P.p, start + i) for i in range(size)], shape))
        start += size
    anchor = _Number(program, P.p, 0)
    for _, instruction in P.lines():
        xs = instruction.of(arrays)
        arrays.append(_expand(instruction, xs, anchor))
    outs = [o if isinstance(o, _Number) else anchor.then("constant", anchor, params={"value": float(o)})
            for k in P.outputs for o in arrays[k].reshape(-1)]
    last = P.p + len(program)
    if [number.node for number in outs] != list(range(last - len(outs), last)):
        for number in outs:  # the paper returns the last q nodes: copy the outputs there
            number.then("add", number, 0.0)
    return ScalarProgram(P.p, len(outs), tuple(program), P.name)


def lower(P: Program) -> Program:
    """The scalar view of P as a Program: p scalar inputs, scalar nodes, the same outputs in the same order.

    Engines that must agree to the last bit run this: sums and products of matrices are then chains of + and * in
    a fixed order, not calls of a library that may add in another. Guards are dropped; raises TooLarge as
    `scalar_view` does.

    >>> import selgrad as sg
    >>> print(lower(sg.trace(lambda x: np.sum(sg.relu(x)), np.zeros(2))))
    Program(p=2, q=1, m=5)
      x0 = input
      x1 = input
      x2 = relu(x0)          kink
      x3 = relu(x1)          kink
      x4 = x2 + x3
      return x4
    """
    return scalar_view(P).lowered[0]


def _expand(instruction: Instruction, xs: list[Any], anchor: _Number) -> np.ndarray:
    op, params, shape = instruction.op, instruction.params, instruction.shape
    row, kind = instruction.row, instruction.row.facts.scalar
    if kind == ENTRYWISE:
        wide = [np.broadcast_to(np.asarray(x, dtype=object), shape).reshape(-1) for x in xs]
        parts = [anchor.then(op, *part, params=params, line=instruction) for part in zip(*wide, strict=True)]
        return _objects(parts, shape)
    if kind == HUNG:
        values = np.broadcast_to(row.value(None, **params), shape).reshape(-1)
        return _objects([anchor.then(op, anchor, params={"value": float(value)}) for value in values], shape)
    if kind == MATRIX:
        raise NotElementary(f"{op}(...){place(instruction.where)} reads whole matrices, so it has no scalar view and "
                            "is not compiled: write the elimination out, number by number, or use engine='numpy'.")
    if not isinstance(kind, Vector):
        try:
            expanded = row.value(*(np.asarray(x, dtype=object) for x in xs), **params)
        except (AttributeError, TypeError) as problem:
            raise NotElementary(f"{op}(...){place(instruction.where)} has no scalar view: its value is not made of "
                                f"+, * and / alone ({problem}).") from None
        return np.asarray(expanded, dtype=object).reshape(shape)
    places = kind.groups.places(np.shape(xs[0]), **params)
    groups = xs[0].reshape(-1)[places]
    alone = kind.groups.alone(places.shape[1], **params)
    if kind.one:
        each = [anchor.then(op, *group, params=alone, component=0, line=instruction) for group in groups]
        return _objects(each, shape)
    entries = np.empty(xs[0].size, dtype=object)
    for at, group in zip(places, groups, strict=True):
        for j, position in enumerate(at):
            entries[position] = anchor.then(op, *group, params=alone, component=j, line=instruction)
    return entries.reshape(shape)
