"""Gradients of what is compared at ties, and how large the terms are that they are sums of."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.kinks.point import Local
from selgrad.kinks.rounding import magnitudes
from selgrad.kinks.ties import compared, index_of
from selgrad.programs.instructions import Instruction


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
    return np.moveaxis(compared(instruction, here.operands(k), changes), 0, -1)


def sizes(here: Local) -> list[Any]:
    """A bound for the terms that sum to the derivative of every node, (p, 1, *core), whatever is chosen.

    Up to the last instruction with ties.
    """
    if here.exact:
        return []
    found: list[Any] = [np.abs(a) for a in here.inputs()]
    for k, instruction in here.P.lines():
        if k >= max(here.ties, default=0):
            break
        variants = [here.ev.indices[k]]
        if ties := here.ties.get(k):
            most = max(len(tie.ids) + 1 for tie in ties)
            variants = list(index_of(instruction, variants[0], ties,
                                     [[tie.variant(n) for tie in ties] for n in range(most)]))
        every = [magnitudes(k, instruction, here.ev, found, s) for s in variants]
        found.append(np.broadcast_to(np.max(every, axis=0), (here.P.p, 1, *instruction.shape)))
    return found


def scales_of(here: Local, k: int, every: list[Any]) -> np.ndarray:
    """The size of the terms of every gradient that `gradients` returns for instruction k: (n,)."""
    if here.exact:
        return np.zeros(here.P.m)
    instruction = here.P.line(k)
    row: Any = instruction.row
    read = [every[j] for j in instruction.pr]
    if row.elementwise and instruction.op != "where":
        entries = np.max(sum(read[1:], read[0]), axis=0).ravel()
        return np.repeat(entries, len(row.switches(*here.operands(k), **instruction.params)))
    return np.max(read[0], axis=0).ravel()
