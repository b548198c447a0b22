"""A program at a point: what `conservative`, `clarke` and `classify` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward, unit_seeds
from selgrad.errors import DomainError, InputError, NotElementary, SelgradError, ShapeError
from selgrad.geometry.rationals import exactly
from selgrad.kinks.rounding import rounding, squares_pulled
from selgrad.kinks.ties import ties
from selgrad.primitives import Map
from selgrad.primitives.comparisons import Tie
from selgrad.programs.evaluate import Exact, evaluate
from selgrad.programs.listing import right_side
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, place
from selgrad.programs.trees import flatten, unflatten
from selgrad.tracing import trace, trace_branches

ULPS = 4.0


@dataclass(frozen=True, eq=False)
class Local:
    """A program, its evaluation at a point, and the ties there.

    `unit` holds the size of one rounding at every node (None in exact mode: there are none). `undefined`
    names a Python branch on its switch whose other side has no value here: then no set is known.
    """

    P: Program
    ev: Evaluation
    ties: dict[int, list[Tie]]
    unit: list[Any] | None
    undefined: str = ""
    ulps: float = ULPS
    made: dict[Any, Any] = field(default_factory=dict, repr=False)  # what was computed of it once

    @property
    def exact(self) -> bool:
        return self.unit is None

    def known(self) -> Local:
        """This point itself. Raises DomainError where a Python branch hides what is near it."""
        if self.undefined:
            raise DomainError(f"What is near this point cannot be told: {self.undefined}")
        return self

    def rational(self) -> Local | None:
        """The same point over the rationals, with the same ties and pieces; None for a program that has no such values.

        So a doubt that rounding left is settled for the program and the ties as they stand.
        """
        P = self.P
        try:
            args = unflatten(P.in_tree, [self.ev.values[j] for j in range(len(P.input_shapes))])
            ev = evaluate(P, tuple(args), policy=Exact())
        except SelgradError:
            return None
        return Local(P, Evaluation(ev.values, self.ev.indices, ()), self.ties, None)

    def near(self) -> str:
        """The ties that are no ties of the numbers as they stand, but within rounding of one ("": there are none)."""
        exactly_tied = {} if self.exact else ties(self.P, self.ev)
        known = {(tie.node, i) for every in exactly_tied.values() for tie in every for i in tie.ids}
        nodes = [k for k, every in self.ties.items() if any((k, i) not in known for tie in every for i in tie.ids)]
        return ", ".join(f"x{k} = {self.P.line(k).op}" for k in ([] if self.exact else nodes))

    @property
    def dtype(self) -> Any:
        return object if self.exact else float

    def operands(self, k: int) -> list[Any]:
        """What instruction k reads."""
        xs = self.P.line(k).of(self.ev.values)
        return [exactly(x) for x in xs] if self.exact else xs

    def partial(self, k: int, i: int, s: Any) -> Map | None:
        """The derivative of instruction k in its operand i, along the pieces s."""
        instruction = self.P.line(k)
        return instruction.row.partial(i, s, self.ev.values[k], self.operands(k), instruction.params)

    def inputs(self) -> list[np.ndarray]:
        """e_1, ..., e_p spread over the inputs: (p, 1, *core) each; the second axis is for cells."""
        first = len(self.P.input_shapes)
        seeds = unit_seeds(list(self.P.input_shapes), list(range(first)), 1, float)
        return [exactly(seeds[j]) if self.exact else seeds[j] for j in range(first)]

    def outputs(self) -> dict[int, np.ndarray]:
        """e_1, ..., e_q spread over the outputs: (q, 1, *core) each."""
        seeds = unit_seeds([self.P.shapes[k] for k in self.P.outputs], list(self.P.outputs), 1, float)
        return {k: exactly(e) if self.exact else e for k, e in seeds.items()}

    def jacobians(self, dx: list[Any]) -> np.ndarray:
        """(cells, q, p) from the forward derivatives of the outputs, (p, cells, *core) each."""
        p, n = self.P.p, max((np.shape(dx[k])[1] for k in self.P.outputs if dx[k] is not None), default=1)
        rows = []
        for k in self.P.outputs:
            shape = (p, n, *self.P.shapes[k])
            d = np.zeros(shape, dtype=self.dtype) if dx[k] is None else np.broadcast_to(dx[k], shape)
            rows.append(np.moveaxis(d.reshape(p, n, -1), 0, -1))
        J = np.concatenate(rows, axis=1)
        return exactly(J) if self.exact else J

    def forward(self, indices: Mapping[int, Any] = MappingProxyType({}), inputs: list[Any] | None = None) -> list[Any]:
        """The forward mode of Algorithm 2 along the pieces of the evaluation, or other `indices` by node.

        `inputs` are derivatives of the inputs, lead + core each (None: of all inputs, with an axis for cells).
        """
        dx: list[Any] = list(self.inputs() if inputs is None else inputs)
        with np.errstate(all="ignore"):
            for k, _ in self.P.lines():
                dx.append(self.step(k, indices.get(k, self.ev.indices[k]), dx))
        return dx

    def backward(self) -> list[Any]:
        """The backward mode of Algorithm 2 for every output, along the same pieces: (q, 1, *core) each."""
        found: list[Any] = [None] * (len(self.P.input_shapes) + len(self.P.instructions))

        def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
            found[t] = v_t
            for i, j in self.P.line(t).reads():
                d = self.partial(t, i, self.ev.indices[t])
                if d is not None:
                    yield j, d.pull(v_t)

        inputs = backward(self.P, self.outputs(), terms)[: len(self.P.input_shapes)]
        return inputs + found[len(inputs) :]

    def terms(self) -> float:
        """The largest root of the squares of all terms of an entry of AD's Jacobian: what its rounding goes by."""
        if self.exact:
            return 0.0

        def squares(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
            yield from squares_pulled(t, self.P.line(t), self.ev, v_t)

        v = backward(self.P, {k: np.ones((1, *self.P.shapes[k])) for k in self.P.outputs}, squares)
        found = [a for a in v[: len(self.P.input_shapes)] if a is not None and np.size(a)]
        return max((float(np.max(a)) for a in found), default=0.0) ** 0.5

    def jacobian(self) -> np.ndarray:
        """AD's Jacobian along the pieces of the evaluation, (1, q, p), by the mode with fewer passes."""
        P = self.P
        if P.p <= P.q:
            return self.jacobians(self.forward())
        v, rows = self.backward(), []
        for j, shape in enumerate(P.input_shapes):
            wide = (P.q, 1, *shape)
            a = np.zeros(wide, dtype=self.dtype) if v[j] is None else np.broadcast_to(v[j], wide)
            rows.append(a.reshape(P.q, 1, -1))
        J = np.moveaxis(np.concatenate(rows, axis=-1), 1, 0)
        return exactly(J) if self.exact else J

    def step(self, k: int, s: Any, dx: list[Any]) -> Any:
        """One step of the forward mode: the derivative of node k along the pieces s."""
        instruction = self.P.line(k)
        total = None
        for i, j in instruction.reads():
            if dx[j] is not None:
                d = self.partial(k, i, s)
                if d is not None:
                    term = d.push(dx[j])
                    total = term if total is None else total + term
        return total


def arguments(x: Any) -> tuple[Any, ...]:
    """A tuple is several arguments, anything else is one."""
    return x if isinstance(x, tuple) else (x,)


def local(f: Callable | Program, x: Any, exact: bool = False, ulps: float = ULPS, stops: bool = False) -> Local:
    """f, traced if need be, evaluated at one point, with its ties.

    A function is traced along both sides of a Python branch on its switch. A stop_gradient, of which the sets say
    nothing, is an error unless `stops`: then it counts as the constant that AD takes it for. Raises ShapeError for a
    batch of points, InputError for a negative tolerance and for a Program that recorded one side of such a
    branch, what tracing and evaluation raise.
    """
    if not ulps >= 0:
        raise InputError(f"ulps={ulps} must be a number from 0 (equality) on.")
    args = arguments(x)
    leaves, tree = flatten(args)
    floats = unflatten(tree, [np.asarray(leaf, dtype=float)[()] if np.asarray(leaf).dtype == object else leaf
                              for leaf in leaves])
    P = trace(f, *floats)
    if (stopped := P.leaves_selections()) and not stops:
        k = stopped[0]
        raise NotElementary(
            f"x{k} = {right_side(P.line(k))}{place(P.line(k).where)} stops the derivative, which is then no selection "
            "derivative (Definition 4), and the sets of Section 5 say nothing of it: leave stop_gradient out here.")
    if P.guards and not isinstance(f, Program):
        P = trace_branches(f, *floats)
    if exact:
        ev = evaluate(P, args, policy=Exact())
        return Local(P, ev, ties(P, ev), None, _one_sided(P, ev, None), ulps)
    ev = evaluate(P, floats)
    if ev.batch:
        raise ShapeError(f"The point has batch axes {ev.batch}: ask for one point at a time.")
    unit = rounding(P, ev, 1.0)
    near = [ulps * u for u in unit]
    return Local(P, ev, ties(P, ev, near), unit, _one_sided(P, ev, near), ulps)


def _one_sided(P: Program, ev: Evaluation, zero: list[Any] | None) -> str:
    """Why nothing is known near this point: a branch on its switch whose other side has no value here."""
    for guard in P.guards:
        at = 0 if zero is None else zero[guard.node]
        if np.any(np.less_equal(np.abs(ev.values[guard.node]), at)):
            if guard.refused:
                return (f"the Python branch of {P.name}{place(guard.where)} sits on its switch at this point, and its "
                        f"other side, which counts arbitrarily near, has no value here: {guard.refused}")
            raise InputError(
                f"The Python branch of {P.name}{place(guard.where)} sits exactly on its switch at this point, and "
                "only the side taken is recorded: give the function itself, or write np.where(condition, a, b)."
            )
    return ""
