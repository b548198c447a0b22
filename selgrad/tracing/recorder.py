"""The tracer: values that record what NumPy does to them.

A `Traced` stands for a node. It speaks NumPy's own protocols (__array_ufunc__ and
__array_function__), which look the function up in the tables its `Recorder` was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.primitives import RELATIONS, ROWS
from selgrad.programs.evaluate import check_domain
from selgrad.programs.program import Guard, Instruction
from selgrad.tracing.refusals import instead_of, misfit, refuse, users_line


class Recorder:
    """Collects the instructions and guards of one trace."""

    def __init__(self, ufuncs: dict, functions: dict, methods: dict):
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

    def add(self, op: str, operands: tuple, params: dict[str, Any]) -> Traced:
        """Record one instruction and compute its value."""
        xs, slots = [], []
        for o in operands:
            if isinstance(o, Traced):
                if o._recorder is not self:
                    raise refuse("Values of two traces meet in one operation",
                                 "nested differentiation is not supported; differentiate the outer function only")
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
            value, _ = row.apply(xs, params, "paper")
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
    return ROWS[op].apply(xs, params, "paper")[0]


def recorder_of(operands: Any) -> Recorder | None:
    return next((o._recorder for o in operands if isinstance(o, Traced)), None)


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


class Comparison:
    """Truth values of a comparison, with the switching function that decides them.

    parts is a list of (z, relation); combine turns their truth values into this one's.
    """

    def __init__(self, parts: list[tuple[Traced, str]], kind: str, children: tuple[Comparison, ...] = ()):
        self.parts, self.kind, self.children = parts, kind, children

    @property
    def value(self) -> Any:
        if self.kind == "atom":
            (z, relation), = self.parts
            return z._recorder.outcome(z, relation)
        values = [c.value for c in self.children]
        if self.kind == "not":
            return np.logical_not(values[0])
        if self.kind in ("all", "any"):
            return getattr(np, self.kind)(values[0])
        return np.logical_and(*values) if self.kind == "and" else np.logical_or(*values)

    def _join(self, other: Any, kind: str) -> Comparison:
        if not isinstance(other, Comparison):
            raise refuse("A comparison is combined with something that is not one",
                         "combine comparisons of traced values only")
        return Comparison(self.parts + other.parts, kind, (self, other))

    def __and__(self, other: Any) -> Comparison:
        return self._join(other, "and")

    def __or__(self, other: Any) -> Comparison:
        return self._join(other, "or")

    def __invert__(self) -> Comparison:
        return Comparison(self.parts, "not", (self,))

    def all(self) -> Comparison:
        return Comparison(self.parts, "all", (self,))

    def any(self) -> Comparison:
        return Comparison(self.parts, "any", (self,))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.all, np.any) and len(args) == 1 and not kwargs:
            return self.all() if func is np.all else self.any()
        if func is np.where:
            return self.parts[0][0]._recorder.functions[np.where](*args, **kwargs)
        raise self._misused()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Comparison:
        if method != "__call__" or kwargs or not all(isinstance(c, Comparison) for c in inputs):
            raise self._misused()
        if ufunc in (np.logical_and, np.logical_or):
            return inputs[0]._join(inputs[1], "and" if ufunc is np.logical_and else "or")
        if ufunc is np.logical_not:
            return ~self
        raise self._misused()

    def __bool__(self) -> bool:
        value = self.value
        if np.size(value) != 1:
            raise refuse("The truth of a comparison of arrays is ambiguous", "use np.all, np.any or np.where")
        for z, relation in self.parts:
            if not z._recorder.ties(z):
                z._recorder.guard(z, relation, RELATIONS[relation](z._value, 0))
        return bool(value)

    def _misused(self, *others: Any) -> NotElementary:
        return refuse("A comparison is used as a number, which makes a discontinuous program",
                      "choose between two values with np.where(condition, a, b)")

    def _raise(self, *others: Any) -> Any:
        raise self._misused()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _raise
    __pow__ = __rpow__ = __neg__ = __float__ = __int__ = __matmul__ = __rmatmul__ = __array__ = _raise
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __getitem__ = __xor__ = _raise
    __hash__ = None  # type: ignore[assignment]
