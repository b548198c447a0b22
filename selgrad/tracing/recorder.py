"""The recorder of one trace: operations become instructions, comparisons become guards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, groupby
from typing import Any

import numpy as np

from selgrad.errors import SelgradError
from selgrad.primitives import RELATIONS, ROWS, Row
from selgrad.programs.arguments import kind_of, remedy
from selgrad.programs.evaluate import check_domain
from selgrad.programs.program_data import Guard, Instruction
from selgrad.programs.trees import flatten
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.refusals import misfit, refuse, stale, users_line
from selgrad.tracing.traced import Traced

AS_THEY_ARE = (Traced, float, int, bool)
SERIALS = count()


class Recorder:
    """Collects the instructions and guards of one trace.

    `closed` says that the trace has ended: its values mean nothing any more. Where values of two open
    traces meet, one runs inside the other's function; the younger one (larger serial) takes the other's
    values in as further inputs. Their nodes are -1, -2, ... until `numbered` puts them behind the inputs.
    """

    def __init__(self, ufuncs: dict, functions: dict, methods: dict):
        self.serial, self.closed = next(SERIALS), False
        self.captured: dict[tuple[int, int], tuple[Traced, Traced]] = {}  # (serial, node): outer value, ours
        self.ufuncs, self.functions, self.methods = ufuncs, functions, methods
        self.shapes: list[tuple[int, ...]] = []
        self.instructions: list[Instruction] = []
        self.guards: list[Guard] = []
        self.check = True
        self.decide: Callable[[Traced, str], bool] | None = None  # outcomes of comparisons at their switch
        self.near = 0.0

    def input(self, value: Any) -> Traced:
        self.shapes.append(np.shape(value))
        return Traced(self, len(self.shapes) - 1, value)

    def own(self, t: Traced) -> Traced:
        """t as a value of this trace: a value of an enclosing one is captured, one of an ended trace refused."""
        theirs = t._recorder
        if theirs is self:
            return t
        if theirs.closed or self.closed:
            raise stale()
        key = theirs.serial, t._node
        if key not in self.captured:
            self.captured[key] = t, Traced(self, -1 - len(self.captured), t._value)
        return self.captured[key][1]

    def numbered(self) -> tuple[list[tuple[int, ...]], list[Instruction], list[Guard], Callable[[int], int]]:
        """Input shapes (the captured last), instructions, guards, and the number that a node has in them."""
        first, more = len(self.shapes), len(self.captured)
        if not more:
            return self.shapes, self.instructions, self.guards, lambda node: node

        def number(node: int) -> int:
            return first - 1 - node if node < 0 else node if node < first else node + more

        shapes = self.shapes + [t.shape for t, _ in self.captured.values()]
        instructions = [
            replace(i, operands=tuple(number(o) if type(o) is int else o for o in i.operands))
            for i in self.instructions
        ]
        return shapes, instructions, [replace(g, node=number(g.node), at=g.at + more) for g in self.guards], number

    def add(
        self, op: str, operands: tuple, params: dict[str, Any], row: Row | None = None, rule: str | None = None
    ) -> Traced:
        """Record one instruction, by a row or a tie rule of its own where they are given, and compute its value."""
        xs, slots = [], []
        for o in operands:
            if isinstance(o, Traced):
                o = self.own(o)
                xs.append(o._value)
                slots.append(o._node)
            else:
                c = fixed(o)  # a value of any other kind is an error here
                xs.append(c)
                slots.append(c)
        node = len(self.shapes) + len(self.instructions)
        row = ROWS[op] if row is None else row
        where = users_line()
        if self.check and row.domain is not None:
            check_domain(Instruction(op, tuple(slots), params, (), where, rule, row), node, xs)
        try:
            value, _ = row.apply(xs, params)
        except ValueError:
            raise misfit(f"x{node} = {op}", xs) from None
        y = Traced(self, node, value)
        self.instructions.append(Instruction(op, tuple(slots), params, y.shape, where, rule, row))
        return y

    def ties(self, z: Traced) -> bool:
        """Whether a comparison with zero is to be decided from outside."""
        return self.decide is not None and np.size(z._value) == 1 and bool(np.all(np.abs(z._value) <= self.near))

    def outcome(self, z: Traced, relation: str) -> Any:
        """The truth of (z relation 0)."""
        if self.decide is not None and self.ties(z):
            return np.bool_(self.decide(z, relation))
        return RELATIONS[relation](z._value, 0)

    def guard(self, z: Traced, relation: str, taken: Any) -> None:
        at = len(self.shapes) + len(self.instructions)
        self.guards.append(Guard(z._node, relation, taken, at, users_line()))


def fixed(o: Any) -> Any:
    """A constant operand: a Python float (which keeps float32 programs in float32), or a read-only array."""
    if type(o) in (bool, int, float):
        return float(o)
    a = np.array(plain(o))
    if a.ndim == 0:
        return a[()]
    a.setflags(write=False)
    return a


def plain(o: Any) -> np.ndarray:
    """The array of the real numbers that o holds. Raises NotElementary where it holds something else."""
    if isinstance(o, np.ma.MaskedArray):
        raise refuse("A masked array meets a program, which would lose its mask",
                     "use its data with np.where(mask, a, b), or fill it: a.filled(0.0)")
    try:
        a = np.asarray(o)
    except Exception as problem:
        if isinstance(problem, SelgradError):
            raise
        said = " ".join(str(problem).split()).rstrip(".")
        raise refuse(f"A {kind_of(o)} cannot stand as an array of numbers ({said})", remedy(o)) from None
    if a.dtype.kind in "iub":
        return a.astype(float)
    if a.dtype.kind != "f":
        raise refuse(f"A constant of type {kind_of(o) if a.dtype == object else a.dtype} meets a traced value",
                     remedy(o))
    return a


def array(o: Any) -> Any:
    """An operand as a traced value or as it is: comparisons are numbers, arrays of traced values are stacked."""
    if isinstance(o, Comparison):
        return o.number
    if isinstance(o, (list, tuple)):
        o = np.array(o) if any(isinstance(leaf, (Traced, Comparison)) for leaf in flatten(o)[0]) else np.asarray(o)
    if isinstance(o, np.ndarray):
        return stacked(o) if o.dtype == object else o
    return o if type(o).__module__.partition(".")[0] in ("builtins", "numpy", "selgrad") else plain(o)


def stacked(a: np.ndarray) -> Any:
    """An array of objects as one traced value, where some of its entries are: what np.array([x[0], 1.0]) means.

    NumPy makes such arrays itself, and calls Python's operators on their entries.
    """
    entries = [c.number if isinstance(c, Comparison) else c for c in a.ravel().tolist()]
    recorder = recorder_of(entries)
    if recorder is None:  # such as the smallest entries of columns, where those are numbers
        numbers = all(isinstance(c, (bool, int, float, np.bool_, np.integer, np.floating)) for c in entries)
        return a.astype(float) if numbers else a
    parts: list[Any] = []
    for traced, group in groupby(entries, lambda c: isinstance(c, Traced)):
        run = list(group)
        parts += [recorder.add("reshape", (c,), {"core": c.shape, "shape": (1,)}) for c in run] if traced else [
            fixed(run)]
    cores = tuple(part.shape for part in parts)
    flat = parts[0] if len(parts) == 1 else recorder.add("concatenate", tuple(parts), {"axis": -1, "cores": cores})
    return recorder.add("reshape", (flat,), {"core": flat.shape, "shape": a.shape}) if flat.shape != a.shape else flat


def elementwise(op: str, *operands: Any, rule: str | None = None, **params: Any) -> Any:
    """Record (or, on plain arrays, compute) an elementwise operation, with explicit broadcasting."""
    return spread(op, operands, params, rule=rule)


def spread(
    op: str, operands: tuple, params: dict[str, Any], row: Row | None = None, rule: str | None = None
) -> Any:
    """`elementwise`, by a row or a tie rule of its own where they are given."""
    xs = [o if type(o) in AS_THEY_ARE else array(o) for o in operands]
    recorder = recorder_of(xs)
    if recorder is None:
        return on_numbers(op, xs, params, row)
    shapes = {o.shape if isinstance(o, Traced) else () if type(o) is float else np.shape(o) for o in xs}
    if len(shapes) > 1:
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            raise misfit(op, xs) from None
        xs = [recorder.add("broadcast", (o,), {"core": o.shape, "shape": shape})
              if isinstance(o, Traced) and o.shape != shape else o for o in xs]
    return recorder.add(op, tuple(xs), params, row, rule)


def record(op: str, *operands: Any, rule: str | None = None, **params: Any) -> Any:
    """Record an operation on a traced value, or compute it on plain arrays."""
    xs = [o if type(o) in AS_THEY_ARE else array(o) for o in operands]
    recorder = recorder_of(xs)
    return on_numbers(op, xs, params) if recorder is None else recorder.add(op, tuple(xs), params, rule=rule)


def on_numbers(op: str, operands: list[Any], params: dict[str, Any], row: Row | None = None) -> Any:
    xs = [plain(o)[()] for o in operands]
    row = ROWS[op] if row is None else row
    check_domain(Instruction(op, (), params, (), row=row), 0, xs)
    return row.apply(xs, params)[0]


def recorder_of(operands: Any) -> Recorder | None:
    """The innermost of the traces that the operands belong to. Raises NotElementary where it has ended."""
    met = [o._recorder for o in operands if isinstance(o, Traced)]
    if not met:
        return None
    youngest = met[0] if len(met) == 1 else max(met, key=lambda r: r.serial)
    if youngest.closed:
        raise stale()
    return youngest
