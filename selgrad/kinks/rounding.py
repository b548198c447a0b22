"""How large rounding is at every node of a program, and how large the terms of a derivative are."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.primitives import Map, Slope
from selgrad.primitives.facts import ENTRIES, SIZES
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Instruction, place


def rounding(P: Program, ev: Evaluation, ulps: float) -> list[Any]:
    """What counts as zero at every node: `ulps` roundings on the scale of the numbers it was made of.

    The scale is |x_k| + sum over j of |d_k[j]| scale_j, so it sees cancellation: 0.1 + 0.2 - 0.3 has
    the value 5.6e-17 on a scale near 1. (Ours; the paper works over the reals.)
    """
    eps = max((np.finfo(v.dtype).eps for v in map(np.asarray, ev.values) if v.dtype.kind == "f"), default=0.0)
    scale: list[Any] = [np.abs(ev.values[j]) for j in range(len(P.input_shapes))]
    for k, instruction in P.lines():
        scale.append(np.abs(ev.values[k]) + magnitudes(k, instruction, ev, scale))
    return [ulps * eps * s for s in scale]


def size_compared(instruction: Instruction, sizes: list[Any] | None) -> Any:
    """The size of what a kinked instruction compares, by entry: the sum of those of the nodes it depends on.

    `sizes` has one array a node (None: nothing rounds, so 0), such as `rounding` gives.
    """
    row: Any = instruction.row
    read = [] if sizes is None else [sizes[j] for i, j in instruction.reads() if row.compares.is_decided_by(i)]
    return sum(read[1:], read[0]) if read else 0


def magnitudes(k: int, instruction: Instruction, ev: Evaluation, sizes: list[Any], s: Any = None) -> Any:
    """sum over j of |d_k[j]| sizes_j, along the pieces s (None: those taken): a forward step that cannot cancel."""
    row, xs = instruction.row, instruction.of(ev.values)
    s = ev.indices[k] if s is None else s
    if row.facts.rounding == SIZES:  # |A| |x| bounds |A x|
        xs = [np.abs(x) for x in xs]
    total = np.zeros(instruction.shape)
    with np.errstate(all="ignore"):
        for i, j in instruction.reads():
            d = row.partial(i, s, ev.values[k], xs, instruction.params)
            if isinstance(d, Slope):
                total = total + np.abs(d.d) * sizes[j]
            elif d is not None and row.facts.rounding == ENTRIES:
                total = total + _entries(d, sizes[j], len(ev.batch))
            elif d is not None:
                total = total + np.abs(d.push(sizes[j]))
    if not np.all(np.isfinite(total)):
        raise NotElementary(f"The derivative of x{k} = {instruction.op} is not finite{place(instruction.where)}.")
    return total


def moduli_pulled(k: int, instruction: Instruction, ev: Evaluation, v: Any) -> Iterator[tuple[int, Any]]:
    """(j, v |d_k[j]|): a step of the backward mode in which nothing can cancel (v >= 0, one row at a time)."""
    row, xs = instruction.row, instruction.of(ev.values)
    if row.facts.rounding == SIZES:
        xs = [np.abs(x) for x in xs]
    for i, j in instruction.reads():
        d = row.partial(i, ev.indices[k], ev.values[k], xs, instruction.params)
        if isinstance(d, Slope):
            yield j, np.abs(d.d) * v
        elif d is not None:
            yield j, np.abs(d.pull(v))


def _entries(d: Map, size: Any, batch: int) -> Any:
    """|d| size, the modulus taken entry by entry: from the images of the unit directions."""
    core = np.shape(size)[batch:]
    n = prod(core)
    images = np.abs(d.push(np.eye(n).reshape((n,) + (1,) * batch + core)))
    weights = np.moveaxis(np.reshape(size, np.shape(size)[:batch] + (n,)), -1, 0)
    return np.sum(images * weights.reshape(weights.shape + (1,) * (images.ndim - weights.ndim)), axis=0)
