"""The tracer: values that record what NumPy does to them.

A `Traced` stands for a node. It speaks NumPy's own protocols (__array_ufunc__ and
__array_function__), which look the function up in the tables its `Recorder` was given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from selgrad.primitives import RELATIONS, ROWS
from selgrad.programs.evaluate import check_domain
from selgrad.programs.instructions import Guard, Instruction
from selgrad.programs.program import Program
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.refusals import instead_of, misfit, refuse, stale, users_line

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

    def add(self, op: str, operands: tuple, params: dict[str, Any]) -> Traced:
        """Record one instruction and compute its value."""
        xs, slots = [], []
        for o in operands:
            if isinstance(o, Traced):
                o = self.own(o)
                xs.append(o._value)
                slots.append(o._node)
            else:
                c = fixed(o)
                xs.append(c)
                slots.append(c)
        node = len(self.shapes) + len(self.instructions)
        row = ROWS[op]
        instruction = Instruction(op, tuple(slots), params, (), users_line())
        if self.check:
            check_domain(instruction, node, xs)
        try:
            value, _ = row.apply(xs, params)
        except ValueError:
            raise misfit(f"x{node} = {op}", xs) from None
        self.instructions.append(Instruction(op, tuple(slots), params, np.shape(value), instruction.where))
        return Traced(self, node, value)

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
    if isinstance(o, (bool, int, float)):
        return float(o)
    if isinstance(o, Comparison):
        raise o._misused()
    a = np.array(o)
    if a.dtype.kind in "iub":
        a = a.astype(float)
    if a.dtype.kind != "f":
        raise refuse(f"A constant of type {a.dtype} meets a traced value", "use real numbers")
    if a.ndim == 0:
        return a[()]
    a.setflags(write=False)
    return a


def elementwise(op: str, *operands: Any, **params: Any) -> Any:
    """Record (or, on plain arrays, compute) an elementwise operation, with explicit broadcasting."""
    recorder = recorder_of(operands)
    if recorder is None:
        return compute(op, operands, params)
    try:
        shape = np.broadcast_shapes(*(np.shape(o) for o in operands))
    except ValueError:
        raise misfit(op, list(operands)) from None
    wide = []
    for o in operands:
        if isinstance(o, Traced) and o.shape != shape:
            o = recorder.add("broadcast", (o,), {"core": o.shape, "shape": shape})
        wide.append(o)
    return recorder.add(op, tuple(wide), params)


def record(op: str, *operands: Any, **params: Any) -> Any:
    """Record an operation on a traced value, or compute it on plain arrays."""
    recorder = recorder_of(operands)
    return compute(op, operands, params) if recorder is None else recorder.add(op, operands, params)


def compute(op: str, operands: tuple, params: dict[str, Any]) -> Any:
    xs = [np.asarray(o, dtype=float)[()] if np.asarray(o).dtype.kind in "iub" else np.asarray(o)[()] for o in operands]
    check_domain(Instruction(op, (), params, ()), 0, xs)
    return ROWS[op].apply(xs, params)[0]


def recorder_of(operands: Any) -> Recorder | None:
    """The innermost of the traces that the operands belong to. Raises NotElementary where it has ended."""
    met = [o._recorder for o in operands if isinstance(o, Traced)]
    if not met:
        return None
    youngest = met[0] if len(met) == 1 else max(met, key=lambda r: r.serial)
    if youngest.closed:
        raise stale()
    return youngest


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """A node of the program being recorded; behaves as an array of real numbers."""

    def __init__(self, recorder: Recorder, node: int, value: Any):
        self._recorder, self._node, self._value = recorder, node, value

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self._value)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype:
        return np.asarray(self._value).dtype

    @property
    def T(self) -> Any:
        return np.transpose(self)  # type: ignore[call-overload]

    def then(self, op: str, *others: Any, **params: Any) -> Traced:
        """The next line: an operation whose first operand this value is."""
        return self._recorder.add(op, (self, *others), params)

    def replay(self, P: Program, args: tuple[Any, ...]) -> Any:
        """P(*args) within this trace: the lines of P become lines of it."""
        return self._recorder.functions[Program](P, *args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if out is not None and (method != "__call__" or any(np.ndim(o) for o in out)):
            raise refuse(f"np.{ufunc.__name__} with out= overwrites values in memory",
                         "programs do not overwrite (Section 3): write x = x + y instead of x += y")
        if method == "reduce" and ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logical_and, np.logical_or):
            name = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
                    "logical_and": "all", "logical_or": "any"}[ufunc.__name__]
            return self._recorder.functions[getattr(np, name)](*inputs, **{"axis": 0, **kwargs})
        rule = self._recorder.ufuncs.get(ufunc)
        if rule is None or method != "__call__":
            called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise refuse(f"np.{called} is not a selgrad primitive", instead_of(ufunc.__name__))
        kwargs = {k: v for k, v in kwargs.items() if not (k == "where" and v is True)}
        if kwargs:
            raise refuse(f"np.{ufunc.__name__} with {', '.join(kwargs)}= is not supported on traced values",
                         "call it with its operands only")
        return rule(*inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = self._recorder.functions.get(func)
        if rule is None:
            module = getattr(func, "__module__", "numpy").replace("numpy", "np", 1)
            raise refuse(f"{module}.{func.__name__} is not a selgrad primitive", instead_of(func.__name__))
        return rule(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        method = self._recorder.methods.get(name)
        if method is None:
            raise AttributeError(f"a traced value has no attribute {name!r}; {instead_of(name)}")
        return lambda *args, **kwargs: method(self, *args, **kwargs)

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: Any) -> Traced:
        return self

    def __getitem__(self, key: Any) -> Any:
        return self._recorder.methods["__getitem__"](self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise refuse("x[...] = y overwrites values in memory",
                     "programs do not overwrite (Section 3): build the array with np.stack, np.concatenate or np.where")

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a traced scalar")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __float__(self) -> float:
        raise refuse("float(), int() or a function of the math module needs a plain number, not a traced value",
                     "use NumPy's spelling, such as np.exp for math.exp")

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise refuse("A traced value cannot be put into a plain array",
                     "use np.stack or np.concatenate instead of np.array([...]), and give a point as np.array([...]), "
                     "since a list is several numbers")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Traced(x{self._node} = {self._value})"
