"""Algorithm 1: evaluate a program, keeping every value and every index chosen on the way.

There is one loop. What differs from one use to another is a policy: which numbers run through it, and
what becomes of a point outside a domain or of a Python branch that flips.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import BranchChanged, DomainError, InputError, NotElementary
from selgrad.geometry.rationals import exactly
from selgrad.primitives import CONVENTIONS, RELATIONS, ROWS, Convention, check_convention
from selgrad.programs.arguments import all_finite, bind
from selgrad.programs.program_data import Evaluation, Guard, Instruction, ProgramData, place
from selgrad.programs.trees import flatten_like


class Raise:
    """The policy of Algorithm 1: floats, and an error where a domain is left or a branch flips.

    `lift`, where there is one, turns constants and results into the numbers of the policy.
    """

    lift: Callable[[Any], Any] | None = None

    def inputs(self, P: ProgramData, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
        """The input leaves, and the batch shape."""
        return bind(P, args)

    def domain(self, instruction: Instruction, k: int, xs: list[Any]) -> None:
        """Called before an instruction that is not defined everywhere."""
        check_domain(instruction, k, xs)

    def branch(self, guard: Guard, values: list[Any]) -> None:
        """Called where a Python branch was recorded."""
        check_guard(guard, values[guard.node])

    def end(self, P: ProgramData, ev: Evaluation) -> None:
        """Called with the whole record."""
        if not all(all_finite(ev.values[k]) for k in P.outputs):
            blame_value(P, ev)


class Exact(Raise):
    """Rational numbers in place of floats: every float is a dyadic rational, so nothing rounds.

    For one point (Fractions, integers or floats). Raises NotElementary for a program with exp, log or the like.
    """

    lift = staticmethod(exactly)

    def inputs(self, P: ProgramData, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
        refuse_irrational(P)
        try:
            leaves = flatten_like(P.in_tree, args)
        except ValueError as problem:
            raise InputError(f"The arguments of {P.name} are not nested as the example it was traced on: {problem}."
                             ) from None
        values: list[Any] = []
        for j, (leaf, shape) in enumerate(zip(leaves, P.input_shapes, strict=True)):
            try:
                values.append(exactly(leaf).reshape(shape))
            except (TypeError, ValueError, OverflowError):
                raise InputError(f"Input x{j} of {P.name} must hold finite rational numbers of shape {shape}, "
                                 f"not {leaf!r}.") from None
        return values, ()

    def end(self, P: ProgramData, ev: Evaluation) -> None:
        """Rationals are finite."""


class Mask(Raise):
    """Go on where one point of a batch leaves a domain: `ok` says which points did not.

    The inputs are leaves that fit already, and their batch shape. A branch must go one way for the whole batch.
    """

    def __init__(self, batch: tuple[int, ...]):
        self.batch = batch
        self.ok: Any = np.True_

    def inputs(self, P: ProgramData, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
        return list(args), self.batch

    def domain(self, instruction: Instruction, k: int, xs: list[Any]) -> None:
        outside = np.asarray(instruction.row.domain(*xs, **instruction.params))  # type: ignore[misc]
        if outside.any():
            core = instruction.shape
            wide = np.broadcast_to(outside, np.broadcast_shapes(outside.shape, core))
            self.ok = self.ok & ~wide.any(axis=tuple(range(-len(core), 0)))

    def branch(self, guard: Guard, values: list[Any]) -> None:
        try:
            check_guard(guard, values[guard.node])
        except BranchChanged:
            raise BranchChanged(
                f"The Python branch on x{guard.node} {guard.relation} 0{place(guard.where)} does not go one way along "
                "all trajectories, which run through one recorded program: write it with np.where(condition, a, b)."
            ) from None

    def end(self, P: ProgramData, ev: Evaluation) -> None:
        """What is not finite is for the caller to see."""


class Audit(Raise):
    """Go on where a domain is left or a number overflows: the audit looks at what comes of it."""

    def domain(self, instruction: Instruction, k: int, xs: list[Any]) -> None:
        """Outside a domain NumPy's value stands, nan or an infinity too."""

    def end(self, P: ProgramData, ev: Evaluation) -> None:
        """What is not finite is what is looked for."""


RAISE = Raise()


def evaluate(
    P: ProgramData, args: tuple[Any, ...], convention: Convention = "paper", policy: Raise = RAISE
) -> Evaluation:
    """Run Algorithm 1 on nested arguments, with the tie convention deciding every index s_k.

    Raises DomainError outside the domain of an instruction, BranchChanged when a recorded branch
    flips, InputError and ShapeError for arguments that do not fit, or as the policy has it. Source: Algorithm 1.
    """
    check_rules(P, convention)
    values, batch = policy.inputs(P, args)
    indices: list[Any] = [None] * len(values)
    lift = policy.lift
    guards = iter(P.guards)
    guard = next(guards, None)
    with np.errstate(all="ignore"):  # what these warn of is reported below, with a name on it
        for k, instruction in P.lines():
            while guard is not None and guard.at == k:
                policy.branch(guard, values)
                guard = next(guards, None)
            row, params = instruction.row, instruction.params
            xs = [values[o] if type(o) is int else o if lift is None else lift(o) for o in instruction.operands]
            if row.domain is not None:
                policy.domain(instruction, k, xs)
            if row.kinked:
                x, s = row.apply(xs, params, instruction.tie(convention))
            else:
                x, s = row.value(*xs, **params), None
            values.append(x if lift is None else lift(x))
            indices.append(s)
        while guard is not None:
            policy.branch(guard, values)
            guard = next(guards, None)
        ev = Evaluation(values, indices, batch)
        policy.end(P, ev)
    return ev


def check_rules(P: ProgramData, convention: Convention) -> None:
    """Raise InputError for a convention that does not exist or names no kinked primitive of P or of the tables."""
    if convention not in CONVENTIONS:
        check_convention(convention, {**ROWS, **{i.op: i.row for i in P.instructions}})


def check_domain(instruction: Instruction, k: int, xs: list[Any]) -> None:
    """Raise DomainError where an operand lies outside the open domain of the instruction."""
    row = instruction.row
    if row.domain is None:
        return
    bad = np.asarray(row.domain(*xs, **instruction.params))
    if bad.any():
        if row.elementwise:
            bad = np.broadcast_to(bad, np.broadcast_shapes(*(np.shape(x) for x in xs)))
        at = tuple(int(i) for i in np.argwhere(bad)[0])
        if row.elementwise:
            shown = ", ".join(str(np.broadcast_to(x, bad.shape)[at]) for x in xs)
        else:  # an axis of length 1 stands for a whole matrix
            shown, at = "...", tuple(i for i, n in zip(at, bad.shape, strict=True) if n > 1)
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


def blame_value(P: ProgramData, ev: Evaluation) -> None:
    """Raise DomainError on the first instruction that is not finite."""
    for k, instruction in P.lines():
        if not np.isfinite(ev.values[k]).all():
            constants = [o for i, o in enumerate(instruction.operands) if not instruction.is_node(i)]
            if not all(np.isfinite(o).all() for o in constants):
                raise DomainError(
                    f"x{k} = {instruction.op}(...) is not finite{place(instruction.where)}: a constant that it reads "
                    "holds nan or inf; clean the data, or choose what takes its place with np.where."
                )
            raise DomainError(
                f"x{k} = {instruction.op}(...) overflowed{place(instruction.where)}: "
                f"its value is not a finite number; rescale its operands."
            )


def refuse_irrational(P: ProgramData) -> None:
    """Raise NotElementary on the first instruction that has no exact value."""
    for k, instruction in P.lines():
        constants = [None if instruction.is_node(i) else o for i, o in enumerate(instruction.operands)]
        why = instruction.row.facts.irrational(*constants)
        if why:
            raise NotElementary(f"x{k} = {instruction.op}(...){place(instruction.where)} {why}.")
