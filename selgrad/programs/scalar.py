"""The paper's scalar program (p, q, m, pr, G), expanded from a small array program (Section 3).

Every node is one real number. Indices count from 0: nodes 0..p-1 are the inputs and the last q
nodes the outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.errors import NotElementary, ShapeError, TooLarge
from selgrad.primitives import ROWS, Convention, Row, check_convention
from selgrad.primitives.facts import ENTRYWISE, HUNG, MATRIX, Vector
from selgrad.programs.instructions import Instruction, Params, place
from selgrad.programs.listing import constant, shown
from selgrad.programs.program import Program

MOST = 4000
NONE = Params()


@dataclass(frozen=True, slots=True)
class ScalarFunction:
    """g_k: a primitive on real numbers; with `component`, that entry of a primitive on a vector.

    `line` is the instruction of the array program that this is, coordinate by coordinate: its row and its own tie
    rule hold here. It is None where a sum or a product was expanded.
    """

    op: str
    operands: tuple[Any, ...]
    params: dict[str, Any]
    component: int | None = None
    line: Instruction | None = None

    @property
    def row(self) -> Row:
        return ROWS[self.op] if self.line is None else self.line.row

    def tie(self, convention: Convention) -> str:
        """The tie rule in force."""
        return self.row.rule(convention) if self.line is None else self.line.tie(convention)

    @property
    def pr(self) -> tuple[int, ...]:
        return tuple(o for o in self.operands if type(o) is int)

    def of(self, nodes: Any) -> list[Any]:
        """The operands, with what `nodes` has for a node."""
        return [nodes[o] if type(o) is int else o for o in self.operands]

    def __str__(self) -> str:
        texts = [f"x{o}" if type(o) is int else constant(o) for o in self.operands]
        row = self.row
        if self.component is None and row.prints.show:
            return row.prints.show(*texts, **shown(self.params))
        kind = row.facts.scalar
        entry = f"[{self.component}]" if isinstance(kind, Vector) and not kind.one else ""
        return f"{self.op}({', '.join(texts)}){entry}"


@dataclass(frozen=True, eq=False)
class ScalarProgram:
    """The data (p, q, m, pr, G) of Section 3; `G[k - p]` defines node k."""

    p: int
    q: int
    G: tuple[ScalarFunction, ...]

    @property
    def m(self) -> int:
        return self.p + len(self.G)

    @property
    def pr(self) -> tuple[tuple[int, ...], ...]:
        """pr(k) for every node; empty for the inputs."""
        return ((),) * self.p + tuple(g.pr for g in self.G)

    def run(self, x: Any, convention: Convention = "paper") -> tuple[np.ndarray, np.ndarray]:
        """Algorithm 1 with all local derivatives: x of shape (m,), d of shape (m, m).

        Row k of d is d_k, the selection gradient of g_k with zeros for what it does not read.
        Raises ShapeError unless x has p entries.
        """
        check_convention(convention, {**ROWS, **{g.op: g.row for g in self.G}})
        start = np.asarray(x, dtype=float).reshape(-1)
        if start.size != self.p:
            raise ShapeError(f"This program has p={self.p} inputs, but x has {start.size} entries.")
        values = np.zeros(self.m)
        values[: self.p] = start
        d = np.zeros((self.m, self.m))
        for k, g in enumerate(self.G, self.p):
            row = g.row
            xs: list[Any] = g.of(values)
            if g.component is None:
                y, s = row.apply(xs, g.params, g.tie(convention))
                values[k] = y
                for i, j in enumerate(g.operands):
                    if type(j) is int:
                        step = row.partial(i, s, y, xs, g.params)
                        d[k, j] += 0.0 if step is None else float(step.push(np.array(1.0)))
                continue
            vector = np.array(xs, dtype=float)
            y, s = row.apply([vector], g.params, g.tie(convention))
            values[k] = np.reshape(y, -1)[g.component]
            step = row.partial(0, s, y, [vector], g.params)
            assert step is not None
            for i, j in enumerate(g.operands):
                if type(j) is int:
                    e = np.zeros(len(vector))
                    e[i] = 1.0
                    d[k, j] += np.reshape(step.push(e), -1)[g.component]
        return values, d

    def __repr__(self) -> str:
        return f"ScalarProgram(p={self.p}, q={self.q}, m={self.m})"

    def __str__(self) -> str:
        lines = [repr(self), *(f"  x{j} = input" for j in range(self.p))]
        lines += [f"  x{k} = {g}" for k, g in enumerate(self.G, self.p)]
        return "\n".join([*lines, "  return " + ", ".join(f"x{k}" for k in range(self.m - self.q, self.m))])


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
    outs = [number for k in P.outputs for number in arrays[k].reshape(-1)]
    last = P.p + len(program)
    if [number.node for number in outs] != list(range(last - len(outs), last)):
        for number in outs:  # the paper returns the last q nodes: copy the outputs there
            number.then("add", number, 0.0)
    return ScalarProgram(P.p, len(outs), tuple(program))


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
