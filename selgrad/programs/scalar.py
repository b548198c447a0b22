"""The paper's scalar program (p, q, m, pr, G) of Section 3, as data that one can run.

Every node is one real number. Indices count from 0: nodes 0..p-1 are the inputs and the last q
nodes the outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from selgrad.errors import ShapeError
from selgrad.primitives import ROWS, Convention, Row
from selgrad.primitives.facts import Vector
from selgrad.programs.evaluate import evaluate
from selgrad.programs.listing import constant, shown
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction
from selgrad.programs.trees import LEAF, Branch


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

    @property
    def pr(self) -> tuple[int, ...]:
        return tuple(o for o in self.operands if type(o) is int)

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
    name: str = "f"

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
        start = np.asarray(x, dtype=float).reshape(-1)
        if start.size != self.p:
            raise ShapeError(f"This program has p={self.p} inputs, but x has {start.size} entries.")
        P, at, made = self.lowered
        ev = evaluate(P, tuple(start), convention)
        d = np.zeros((self.m, self.m))
        for k, g in enumerate(self.G, self.p):
            line = P.line(made[k])
            xs, y, s = line.of(ev.values), ev.values[made[k]], ev.indices[made[k]]
            for i, j in enumerate(g.operands):
                if type(j) is int:
                    alone = g.component is None
                    step = line.row.partial(i if alone else 0, s, y, xs, line.params)
                    e = np.array(1.0) if alone else np.eye(len(g.operands))[i]
                    d[k, j] += 0.0 if step is None else np.reshape(step.push(e), -1)[g.component or 0]
        return np.array([ev.values[n] for n in at], dtype=float), d

    @cached_property
    def lowered(self) -> tuple[Program, list[int], list[int]]:
        """The same as a Program with scalar nodes, the node that x_k is in it, and the one that g_k makes.

        Where g_k reads a vector its operands are first joined to one, which other g_k may share, and slices pick
        the entries of the result.
        """
        lines: list[Instruction] = []
        at, made = list(range(self.p)), list(range(self.p))
        vectors: dict[tuple[Any, ...], int] = {}

        def add(op: str, operands: tuple[Any, ...], params: dict[str, Any], shape: tuple[int, ...] = (),
                of: Instruction | None = None) -> int:
            own: dict[str, Any] = {} if of is None else {"where": of.where, "rule": of.rule, "row": of.row}
            lines.append(Instruction(op, operands, params, shape, **own))
            return self.p + len(lines) - 1

        def joined(operands: tuple[Any, ...]) -> int:
            n = len(operands)
            parts = tuple(add("reshape", (o,), {"core": (), "shape": (1,)}, (1,)) if type(o) is int else np.array([o])
                          for o in operands)
            return add("concatenate", parts, {"axis": -1, "cores": ((1,),) * n}, (n,))

        for g in self.G:
            operands = tuple(at[o] if type(o) is int else o for o in g.operands)
            if not g.pr:  # of constants only, yet pr(k) is nonempty: the first of them hangs on an input
                operands = (add("constant", (0,), {"value": operands[0]}), *operands[1:])
            if g.component is None:
                made.append(add(g.op, operands, g.params, of=g.line))
                at.append(made[-1])
                continue
            key = (g.row, operands, tuple(g.params.items()), None if g.line is None else g.line.rule)
            if key not in vectors:
                with np.errstate(all="ignore"):
                    shape = np.shape(g.row.apply([np.zeros(len(operands))], g.params)[0])
                vectors[key] = add(g.op, (joined(operands),), g.params, shape, of=g.line)
            made.append(vectors[key])
            shape = lines[made[-1] - self.p].shape
            at.append(add("slice", (made[-1],), {"core": shape, "key": (g.component,)}) if shape else made[-1])
        outs = LEAF if self.q == 1 else Branch(tuple, (), (LEAF,) * self.q)
        P = Program(((),) * self.p, tuple(lines), tuple(at[self.m - self.q :]), Branch(tuple, (), (LEAF,) * self.p),
                    outs, name=self.name)
        return P, at, made

    def __repr__(self) -> str:
        return f"ScalarProgram(p={self.p}, q={self.q}, m={self.m})"

    def __str__(self) -> str:
        lines = [repr(self), *(f"  x{j} = input" for j in range(self.p))]
        lines += [f"  x{k} = {g}" for k, g in enumerate(self.G, self.p)]
        return "\n".join([*lines, "  return " + ", ".join(f"x{k}" for k in range(self.m - self.q, self.m))])
