"""A program with one real number a node, as the paper has it, that is still a Program one can run.

Engines that must agree to the last bit run this: sums and products of matrices are then chains of
+ and * in a fixed order, not calls of a library that may add in another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.programs.instructions import Instruction
from selgrad.programs.program import Program
from selgrad.programs.scalar import scalar_view
from selgrad.programs.trees import LEAF, Branch


def lower(P: Program) -> Program:
    """The scalar view of P as a Program: p scalar inputs, scalar nodes, the same outputs in the same order.

    Where an instruction reads a vector (max, sort, softmax, ...) its operands are first joined to one,
    and slices pick the entries of its result. Guards are dropped; raises TooLarge as `scalar_view` does.

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
    S = scalar_view(P)
    lines: list[Instruction] = []
    node = {j: j for j in range(S.p)}
    vectors: dict[tuple[Any, ...], int] = {}

    def add(
        op: str, operands: tuple[Any, ...], params: dict[str, Any], shape: tuple[int, ...] = (), of: Any = None
    ) -> int:
        own = {} if of is None else {"where": of.where, "rule": of.rule, "row": of.row}
        lines.append(Instruction(op, operands, params, shape, **own))
        return S.p + len(lines) - 1

    for k, g in enumerate(S.G, S.p):
        operands = tuple(node[o] if type(o) is int else o for o in g.operands)
        if not g.pr:  # of constants only, yet pr(k) is nonempty: the first of them hangs on an input
            operands = (add("constant", (0,), {"value": operands[0]}), *operands[1:])
        if g.component is None:
            node[k] = add(g.op, operands, g.params, of=g.line)
            continue
        n = len(operands)
        key = (g.row, operands, tuple(g.params.items()), None if g.line is None else g.line.rule)
        if key not in vectors:
            parts = tuple(
                add("reshape", (o,), {"core": (), "shape": (1,)}, (1,)) if type(o) is int else np.array([o])
                for o in operands
            )
            joined = add("concatenate", parts, {"axis": -1, "cores": ((1,),) * n}, (n,))
            with np.errstate(all="ignore"):
                shape = np.shape(g.row.apply([np.zeros(n)], g.params)[0])
            vectors[key] = add(g.op, (joined,), g.params, shape, of=g.line)
        of = vectors[key]
        shape = lines[of - S.p].shape
        node[k] = add("slice", (of,), {"core": shape, "key": (g.component,)}) if shape else of
    outputs = tuple(node[k] for k in range(S.m - S.q, S.m))
    inputs = Branch(tuple, (), (LEAF,) * S.p)
    outs = LEAF if S.q == 1 else Branch(tuple, (), (LEAF,) * S.q)
    return Program(((),) * S.p, tuple(lines), outputs, inputs, outs, name=P.name)
