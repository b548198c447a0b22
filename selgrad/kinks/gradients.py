"""Gradients of what is compared at ties, and how large the terms are that they are sums of."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.point import Local
from selgrad.kinks.rounding import spread
from selgrad.kinks.ties import index_of
from selgrad.primitives.comparisons import NOTHING
from selgrad.programs.program_data import Instruction


def is_linear(instruction: Instruction) -> bool:
    """Whether the result is affine in the nodes it reads, along any one piece."""
    return instruction.row.facts.affine_in([i for i, _ in instruction.reads()])


def gradients(here: Local, k: int, d: list[Any], columns: int) -> np.ndarray:
    """The gradients of the scalars that instruction k compares, in every cell: (cells or 1, n, columns).

    d holds the derivatives of the nodes, (columns, cells or 1, *core) each.
    """
    instruction = here.P.line(k)
    changes = []
    for i, o in enumerate(instruction.operands):
        known = d[o] if instruction.is_node(i) else None
        shape = here.P.shapes[o] if instruction.is_node(i) else instruction.shape
        nothing = np.zeros((columns, 1, *shape), dtype=here.dtype)
        changes.append(nothing if known is None else known)
    row: Any = instruction.row
    return np.moveaxis(row.compares.changes(instruction, here.operands(k), changes), 0, -1)


def difference(g: np.ndarray, pair: tuple[int, int]) -> np.ndarray:
    """Of a pair of compared scalars, what is positive where the first is greater: a row of g, or a difference."""
    i, j = pair
    return g[i] if j == NOTHING else g[i] - g[j]


def together(sizes: np.ndarray, pair: tuple[int, int]) -> Any:
    """The size of such a difference."""
    i, j = pair
    return sizes[i] if j == NOTHING else sizes[i] + sizes[j]


def sizes(here: Local) -> list[Any]:
    """The root of the squares of the terms of every node's gradient, whatever is chosen: (1, *core) each.

    Up to the last instruction with ties.
    """
    found: list[Any] = [np.ones((1, *shape)) for shape in here.P.input_shapes]
    for k, instruction in here.P.lines():
        if k >= max(here.ties, default=0):
            break
        variants = [here.ev.indices[k]]
        if ties := here.ties.get(k):
            most = max(len(tie.ids) + 1 for tie in ties)
            variants = list(index_of(instruction, variants[0], ties,
                                     [[tie.variant(n) for tie in ties] for n in range(most)]))
        every = [spread(k, instruction, here.ev, found, s) for s in variants]
        found.append(np.broadcast_to(np.max([np.broadcast_to(e, (1, *instruction.shape)) for e in map(_one, every)],
                                            axis=0), (1, *instruction.shape)))
    return found


def _one(a: Any) -> Any:
    return np.asarray(a)
