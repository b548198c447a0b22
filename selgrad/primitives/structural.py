"""The table of structural primitives: they move entries about, and every one is linear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from selgrad.primitives import facts as has
from selgrad.primitives.facts import (
    ALL,
    CALL,
    ENTRYWISE,
    HUNG,
    LOG_EXP,
    RATIONAL,
    SAME,
    SLOPES,
    SPELLED,
    STOPPED,
    Facts,
    Form,
    Printed,
)
from selgrad.primitives.rows import Linear, LinearRule, Row, records, table, widen


def _lead(x: Any, core: tuple[int, ...]) -> tuple[int, ...]:
    """The batch axes of x: those in front of its core axes."""
    return x.shape[: x.ndim - len(core)]


def _row(name: str, push: Any, pull: Any, facts: Facts, prints: Printed = CALL, widens: bool = False) -> Row:
    """A linear map of one operand: its derivative is itself, pull its adjoint."""

    return Row(name, push, (LinearRule(push, pull, fixed=True),), facts=facts, prints=prints, widens=widens)


def _reshape(x: Any, core: tuple, shape: tuple) -> Any:
    return np.reshape(x, _lead(x, core) + shape)


def _transpose(x: Any, axes: tuple[int, ...]) -> Any:
    lead = x.ndim - len(axes)
    return np.transpose(x, (*range(lead), *(lead + a for a in axes)))


def _broadcast(x: Any, core: tuple, shape: tuple) -> Any:
    lead = _lead(x, core)
    if lead:  # the new axes stand between the batch and the core
        x = x.reshape(lead + (1,) * (len(shape) - len(core)) + core)
    return widen(x, lead + shape)


def _unbroadcast(v: Any, core: tuple, shape: tuple) -> Any:
    if 1 in core:
        stretched = tuple(a for a in range(-len(core), 0) if core[a] == 1 != shape[a])
        v = np.add.reduce(v, axis=stretched, keepdims=True)
    new = tuple(range(-len(shape), -len(core)))
    return np.add.reduce(v, axis=new) if new else v


def _slice(x: Any, core: tuple, key: tuple) -> Any:
    return x[(..., *key)]


def _unslice(v: Any, core: tuple, key: tuple) -> Any:
    if records(v):
        return scatter(v, core, np.arange(int(np.prod(core))).reshape(core)[key])
    kept = sum(isinstance(part, slice) for part in key)
    out = np.zeros(v.shape[: v.ndim - kept] + core, dtype=v.dtype)
    out[(..., *key)] = v
    return out


def gather(x: Any, core: tuple, at: np.ndarray) -> Any:
    """The entries of x at these positions of its flattened core axes."""
    if records(x):
        return x.then("gather", core=core, at=at)
    lead = _lead(x, core)
    return np.reshape(x, (*lead, -1))[..., at]


def scatter(v: Any, core: tuple, at: np.ndarray) -> Any:
    """Adjoint of `gather`: add each entry of v to the position it came from."""
    if records(v):
        return v.then("scatter", core=core, at=at)
    lead = v.shape[: v.ndim - at.ndim]
    out = np.zeros((*lead, int(np.prod(core))), dtype=v.dtype)
    where: Any = (..., at)
    np.add.at(out, where, v)
    return out.reshape(lead + core)


def _concatenate(*xs: Any, axis: int, cores: tuple) -> Any:
    lead = np.broadcast_shapes(*(_lead(x, core) for x, core in zip(xs, cores, strict=True)))
    return np.concatenate(
        [np.broadcast_to(x, lead + core) for x, core in zip(xs, cores, strict=True)], axis=axis
    )


def _d_concatenate(i: int, y: Any, *xs: Any, axis: int, cores: tuple) -> Linear:
    start = sum(core[axis] for core in cores[:i])
    after = sum(core[axis] for core in cores[i + 1 :])
    here = [slice(None)] * len(cores[i])
    here[axis] = slice(start, start + cores[i][axis])
    widths = [(0, 0)] * len(cores[i])
    widths[axis] = (start, after)
    return Linear(
        lambda dx: _pad(dx, tuple(widths), 0.0), lambda v: v[(..., *here)]
    )


def _pad(x: Any, widths: tuple, fill: float) -> Any:
    lead = ((0, 0),) * (x.ndim - len(widths))
    return np.pad(x, lead + widths, constant_values=fill)


def _d_pad(y: Any, x: Any, widths: tuple, fill: float) -> Linear:
    inner = tuple(slice(before, -after or None) for before, after in widths)
    return Linear(lambda dx: _pad(dx, widths, 0.0), lambda v: v[(..., *inner)])


def _reverse_cumsum(v: Any, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(v, axis), axis=axis), axis)


def _index(key: tuple[Any, ...]) -> str:
    """An index as it is written: 0, 1:3, :."""
    def part(k: Any) -> str:
        if not isinstance(k, slice):
            return str(k)
        ends = ["" if e is None else str(e) for e in (k.start, k.stop)]
        return ":".join(ends if k.step is None else [*ends, str(k.step)])

    return ", ".join(part(k) for k in key)


ENTRY = Printed(Form(lambda x, key, **params: f"{x}[{_index(key)}]", 9, (9,)),
                Form(lambda x, key, **params: f"{{{x}}}_{{{_index(key)}}}", 9, (9,)))

#              affine exact     bits  rounding growth       theory   scalar
MOVES = Facts( ALL,   RATIONAL, SAME, SLOPES,  has.largest, LOG_EXP, SPELLED)
ADDS_UP = Facts(ALL,  RATIONAL, SAME, SLOPES,  None,        LOG_EXP, SPELLED)
FILLS = Facts( ALL,   RATIONAL, SAME, SLOPES,  lambda a, widths, fill: max(a, abs(fill)), LOG_EXP, SPELLED)
STAYS = Facts( ALL,   RATIONAL, SAME, SLOPES,  lambda a, value: float(np.max(np.abs(value))), LOG_EXP, HUNG)

STRUCTURAL = table(
    [
        _row("reshape", _reshape, lambda v, core, shape: _reshape(v, shape, core), MOVES),
        _row("transpose", _transpose, lambda v, axes: _transpose(v, tuple(int(a) for a in np.argsort(axes))), MOVES),
        _row("broadcast", _broadcast, _unbroadcast, MOVES, widens=True),
        _row("slice", _slice, _unslice, MOVES, ENTRY),
        _row("gather", gather, scatter, MOVES),
        _row("scatter", scatter, gather, ADDS_UP),
        _row("cumsum", lambda x, axis: np.cumsum(x, axis=axis), _reverse_cumsum, ADDS_UP),
        Row("concatenate", _concatenate, (_d_concatenate,), variadic=True, facts=MOVES, prints=CALL),
        Row("pad", _pad, (_d_pad,), facts=FILLS, prints=CALL),
        Row("stop", lambda x: x, (None,), facts=replace(MOVES, theory=STOPPED, scalar=ENTRYWISE), prints=CALL),
        # a constant result still hangs on an input, since pr(k) is nonempty in the paper
        Row("constant", lambda x, value: value, (None,), facts=STAYS, prints=has.alike("{value}", 9, 0)),
    ]
)
