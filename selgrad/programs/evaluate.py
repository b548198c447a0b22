"""Algorithm 1: evaluate a program, keeping every value and every index chosen on the way."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from selgrad.errors import BranchChanged, DomainError, InputError, ShapeError
from selgrad.primitives import CONVENTIONS, RELATIONS, ROWS
from selgrad.programs.trees import flatten_like

if TYPE_CHECKING:
    from selgrad.programs.program import Guard, Instruction, Program


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The record of Algorithm 1: x_0, ..., x_(m-1), the indices s_k, and the batch shape."""

    values: list[Any]
    indices: list[Any]
    batch: tuple[int, ...]


def all_finite(*arrays: Any) -> bool:
    """Whether every entry is finite; a finite sum (of squares, for few entries), which is cheap, settles it."""
    total = 0.0
    for a in arrays:
        # not vdot for many: BLAS wakes its threads for them, which then spin beside whoever computes next
        few = type(a) is not np.ndarray or a.size < 10_000
        total += float(np.vdot(a, a) if few else np.add.reduce(a, axis=None))
    return isfinite(total) or all(np.isfinite(a).all() for a in arrays)


def as_real(x: Any, what: str, *names: Any) -> Any:
    """x as an array of finite reals; integers become floats. Raises InputError, naming what.format(*names)."""
    try:
        a = x if type(x) is np.ndarray else np.asarray(x)
    except ValueError:
        raise InputError(f"{what.format(*names)} is a ragged nesting of numbers: pass an array.") from None
    kind = a.dtype.kind
    if kind in "iu":
        a = a.astype(float)
    elif kind != "f":
        holds = "complex numbers" if kind == "c" else f"{a.dtype} values"
        raise InputError(
            f"{what.format(*names)} holds {holds}; selgrad differentiates real numbers: pass floats or integers."
        )
    if not all_finite(a):
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        index = f" at index {at}" if at else ""
        raise InputError(f"{what.format(*names)} is {a[at]}{index}; pass finite numbers.")
    return a[()]


def operands(instruction: Instruction, values: list[Any]) -> list[Any]:
    """What an instruction reads: the values of its predecessors, and its constants."""
    return [values[o] if type(o) is int else o for o in instruction.operands]


def place(where: tuple[str, int] | None) -> str:
    return f" ({where[0]}:{where[1]})" if where else ""


def check_domain(instruction: Instruction, k: int, xs: list[Any]) -> None:
    """Raise DomainError where an operand lies outside the open domain of the instruction."""
    row = ROWS[instruction.op]
    if row.domain is None:
        return
    bad = np.asarray(row.domain(*xs))
    if bad.any():
        bad = np.broadcast_to(bad, np.broadcast_shapes(*(np.shape(x) for x in xs)))
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        shown = ", ".join(str(np.broadcast_to(x, bad.shape)[at]) for x in xs)
        index = f" at index {at}" if at else ""
        raise DomainError(
            f"x{k} = {instruction.op}({shown}){index} lies outside the domain: {row.outside}"
            f"{place(instruction.where)}. If a where or a branch hides this, guard the argument itself."
        )


def check_guard(guard: Guard, z: Any) -> None:
    """Raise BranchChanged when a recorded Python branch would now go the other way."""
    now = RELATIONS[guard.relation](z, 0)
    if not np.all(now == guard.taken):
        raise BranchChanged(
            f"The branch on x{guard.node} {guard.relation} 0{place(guard.where)} was recorded as "
            f"{np.all(guard.taken)} and would flip here (x{guard.node} = {z}): trace again at this "
            f"point, or write the branch with np.where."
        )


def bind(P: Program, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
    """The input leaves with a common number of batch axes, and the batch shape."""
    try:
        leaves = flatten_like(P.in_tree, args)
    except ValueError as problem:
        raise InputError(
            f"The arguments of {P.name} are not nested as the example it was traced on: {problem}."
        ) from None
    if all(
        type(a) is np.ndarray and a.shape == core != () and a.dtype.kind == "f"
        for a, core in zip(leaves, P.input_shapes, strict=True)
    ) and all_finite(*leaves):  # the usual case, and nothing to convert or to blame
        return [a[()] for a in leaves], ()
    arrays, leads = [], []
    for j, (leaf, core) in enumerate(zip(leaves, P.input_shapes, strict=True)):
        a = as_real(leaf, "Input x{} of {}", j, P.name)
        arrays.append(a)
        shape = a.shape
        if shape == core:
            leads.append(())
            continue
        n = len(shape) - len(core)
        if n < 0 or shape[n:] != core:
            raise ShapeError(
                f"Input x{j} of {P.name} has shape {shape}, but the program was traced on shape {core}: "
                f"its last {len(core)} axes must be {core}; axes in front of them are a batch."
            )
        leads.append(shape[:n])
    if not any(leads):
        return arrays, ()
    try:
        batch = np.broadcast_shapes(*leads)
    except ValueError:
        raise ShapeError(f"The batch axes of the inputs of {P.name}, {leads}, do not broadcast.") from None
    padded = [
        a.reshape((1,) * (len(batch) - len(lead)) + a.shape) for a, lead in zip(arrays, leads, strict=True)
    ]
    return padded, batch


def evaluate(P: Program, args: tuple[Any, ...], convention: str = "paper") -> Evaluation:
    """Run Algorithm 1 on nested arguments, with the tie convention deciding every index s_k.

    Raises DomainError outside the domain of an instruction, BranchChanged when a recorded branch
    flips, InputError and ShapeError for arguments that do not fit. Source: Algorithm 1.
    """
    if convention not in CONVENTIONS:
        raise InputError(f"Unknown convention {convention!r}: choose one of {', '.join(CONVENTIONS)}.")
    values, batch = bind(P, args)
    indices: list[Any] = [None] * len(values)
    guards = iter(P.guards)
    guard = next(guards, None)
    with np.errstate(all="ignore"):  # what these warn of is reported below, with a name on it
        for k, instruction in P.lines():
            while guard is not None and guard.at == k:
                check_guard(guard, values[guard.node])
                guard = next(guards, None)
            row = ROWS[instruction.op]
            xs = [values[o] if type(o) is int else o for o in instruction.operands]
            if row.domain is not None:
                check_domain(instruction, k, xs)
            x, s = row.apply(xs, instruction.params, convention)
            values.append(x)
            indices.append(s)
    while guard is not None:
        check_guard(guard, values[guard.node])
        guard = next(guards, None)
    ev = Evaluation(values, indices, batch)
    if not all(all_finite(values[k]) for k in P.outputs):
        blame_value(P, ev)
    return ev


def blame_value(P: Program, ev: Evaluation) -> None:
    """Raise DomainError on the first instruction that is not finite."""
    for k, instruction in P.lines():
        if not np.isfinite(ev.values[k]).all():
            raise DomainError(
                f"x{k} = {instruction.op}(...) overflowed{place(instruction.where)}: "
                f"its value is not a finite number; rescale its operands."
            )
