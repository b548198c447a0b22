"""How large rounding is at every node of a program, and how large the terms of a derivative are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

    The scale is the root of the squares of what node k rounds by itself, |x_k| + sum over j of |d_k[j]| |x_j|, and of
    what it is handed, d_k[j] scale_j for every entry: roundings are taken to be independent, so that their ratio to
    the true error stays the same at any depth. It sees cancellation: 0.1 + 0.2 - 0.3 has the value 5.6e-17 on a scale
    near 1. (Ours; the paper works over the reals.)
    """
    eps = max((np.finfo(v.dtype).eps for v in map(np.asarray, ev.values) if v.dtype.kind == "f"), default=0.0)
    size = [np.abs(np.asarray(x).astype(float)) for x in ev.values]
    scale: list[Any] = size[: len(P.input_shapes)]
    for k, instruction in P.lines():
        here = size[k] + magnitudes(k, instruction, ev, size)
        scale.append(np.hypot(here, spread(k, instruction, ev, scale)))
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
    total = np.zeros(instruction.shape)
    with np.errstate(all="ignore"):
        for j, d, entries in _maps(k, instruction, ev, s, 1):
            if isinstance(d, Slope):
                total = total + np.abs(d.d) * sizes[j]
            else:
                total = total + _pass(d.push, sizes[j], entries, len(ev.batch), 1)
    return _finite(total, k, instruction)


def spread(k: int, instruction: Instruction, ev: Evaluation, sizes: list[Any], s: Any = None) -> Any:
    """The root of the sum of (d_k[j] sizes_j)^2 over all entries read: how independent errors of these sizes pass.

    What one instruction reads twice is one number: its slopes add up.
    """
    by: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for j, d, entries in _maps(k, instruction, ev, s, 2):
            if isinstance(d, Slope):
                term = np.abs(d.d) * sizes[j]
            else:
                most = float(np.max(sizes[j], initial=0.0)) or 1.0  # so that no square leaves the range
                term = most * np.sqrt(_pass(d.push, (sizes[j] / most) ** 2, entries, len(ev.batch), 2))
            by[j] = by.get(j, 0.0) + term
        total: Any = np.zeros(instruction.shape)
        for term in by.values():
            total = np.hypot(total, term)
    return _finite(total, k, instruction)


def squares_pulled(k: int, instruction: Instruction, ev: Evaluation, v: Any) -> Iterator[tuple[int, Any]]:
    """(j, v |d_k[j]|^2): a step of the backward mode in which nothing can cancel (v >= 0, one row at a time)."""
    for j, d, entries in _maps(k, instruction, ev, None, 2):
        yield j, np.abs(d.d) ** 2 * v if isinstance(d, Slope) else _pass(d.pull, v, entries, 1, 2)


def _maps(k: int, instruction: Instruction, ev: Evaluation, s: Any, power: int) -> Iterator[tuple[int, Map, bool]]:
    """(j, d_k[j], whether its entries have both signs); of products of sums, the factors to this power."""
    row, xs = instruction.row, [np.asarray(x) for x in instruction.of(ev.values)]
    if row.facts.rounding == SIZES:  # |A| |x| bounds |A x|
        xs = [np.abs(x.astype(float)) ** power for x in xs]
    for i, j in instruction.reads():
        d = row.partial(i, ev.indices[k] if s is None else s, ev.values[k], xs, instruction.params)
        if d is not None:
            yield j, d, row.facts.rounding == ENTRIES


def _pass(side: Callable, size: Any, entries: bool, batch: int, power: int) -> Any:
    """|d|^power size, the modulus taken entry by entry; weights in [0, 1], as of a mean, bound their squares."""
    if not entries:
        return np.abs(side(size))
    core = np.shape(size)[batch:]
    n = prod(core)
    images = np.abs(side(np.eye(n).reshape((n,) + (1,) * batch + core))) ** power  # of the unit directions
    weights = np.moveaxis(np.reshape(size, np.shape(size)[:batch] + (n,)), -1, 0)
    return np.sum(images * weights.reshape(weights.shape + (1,) * (images.ndim - weights.ndim)), axis=0)


def _finite(total: Any, k: int, instruction: Instruction) -> Any:
    if not np.all(np.isfinite(total)):
        raise NotElementary(f"The derivative of x{k} = {instruction.op} is not finite{place(instruction.where)}.")
    return total
