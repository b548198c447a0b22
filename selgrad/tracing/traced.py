"""Traced values: nodes that record what NumPy does to them.

A `Traced` speaks NumPy's own protocols (__array_ufunc__ and __array_function__), which look the function
up in the tables its recorder was given. It has no __array__, so NumPy takes it for an object: np.array of
traced values is an array of objects, which every operation reads as their np.stack.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.programs.program import Program
from selgrad.tracing.alternatives import instead_of
from selgrad.tracing.refusals import NoAttribute, at_users_line, refuse

REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
              np.logical_and: np.all, np.logical_or: np.any}
ACCUMULATIONS = {np.add: np.cumsum, np.multiply: np.cumprod}


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """A node of the program being recorded; behaves as an array of real numbers."""

    def __init__(self, recorder: Any, node: int, value: Any):
        self._recorder, self._node, self._value = recorder, node, value
        self.shape: tuple[int, ...] = np.shape(value)

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
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def base(self) -> None:
        """No memory is shared."""

    @property
    def T(self) -> Any:
        return np.transpose(self)  # type: ignore[call-overload]

    @property
    def mT(self) -> Any:
        return np.swapaxes(self, -1, -2)  # type: ignore[call-overload]

    @property
    def real(self) -> Any:
        return self

    @property
    def imag(self) -> Any:
        return np.zeros_like(self)  # type: ignore[call-overload]

    @property
    def flat(self) -> Any:
        return np.ravel(self)  # type: ignore[call-overload]

    def then(self, op: str, *others: Any, **params: Any) -> Traced:
        """The next line: an operation whose first operand this value is."""
        return self._recorder.add(op, (self, *others), params)

    def replay(self, P: Program, args: tuple[Any, ...]) -> Any:
        """P(*args) within this trace: the lines of P become lines of it."""
        return self._recorder.functions[Program](P, *args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        functions = self._recorder.functions
        out = kwargs.pop("out", None)
        if out is not None and (method != "__call__" or any(np.ndim(o) for o in out)):
            raise refuse(f"np.{ufunc.__name__} with out= overwrites values in memory",
                         "programs do not overwrite (Section 3): write x = x + y instead of x += y")
        if method == "reduce" and ufunc in REDUCTIONS:
            return functions[REDUCTIONS[ufunc]](*inputs, **{"axis": 0, **kwargs})
        if method == "accumulate" and ufunc in ACCUMULATIONS:
            return functions[ACCUMULATIONS[ufunc]](*inputs, **{"axis": 0, **kwargs})
        if method == "outer":
            a, b = inputs
            return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b, **kwargs)
        rule = self._recorder.ufuncs.get(ufunc)
        if rule is None or method != "__call__":
            called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise refuse(f"np.{called} is not a selgrad primitive",
                         instead_of(ufunc.__name__, self._recorder.ufuncs))
        return rule(*inputs, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = self._recorder.functions.get(func)
        if rule is None:
            module = getattr(func, "__module__", "numpy").replace("numpy", "np", 1)
            raise refuse(f"{module}.{func.__name__} is not a selgrad primitive",
                         instead_of(func.__name__, self._recorder.functions))
        return rule(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        method = self._recorder.methods.get(name)
        if method is None:
            raise NoAttribute(f"x.{name} is nothing that a traced value has{at_users_line()}: {instead_of(name, ())}.")
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
            raise InputError(f"len() of a traced number, which has no entries{at_users_line()}: give an array.")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            raise refuse("pow with three arguments is for whole numbers", "write np.mod(x**y, m)")
        return np.power(self, other)  # type: ignore[call-overload]

    def __xor__(self, other: Any) -> Any:
        raise refuse("x ^ y is no power in Python", "write x**y")

    __rxor__ = __xor__

    def __round__(self, digits: int | None = None) -> Any:
        if self.shape:
            raise refuse("round() is for one number", "use np.round for an array")
        return np.round(self, digits or 0)  # type: ignore[call-overload]

    def __floor__(self) -> int:
        return int(np.floor(self))  # type: ignore[call-overload]

    def __ceil__(self) -> int:
        return int(np.ceil(self))  # type: ignore[call-overload]

    def __trunc__(self) -> int:
        return int(np.trunc(self))  # type: ignore[call-overload]

    def __float__(self) -> float:
        raise refuse("float(), int(), the math module, and an entry of a NumPy array (y[i] = x[i]) need a plain "
                     "number, not a traced value",
                     "use NumPy's spelling, such as np.exp for math.exp, and build arrays with np.stack or np.where")

    __int__ = __index__ = __complex__ = __float__

    def __format__(self, spec: str) -> str:
        if spec:
            raise refuse(f"A traced value cannot be written as {{x:{spec}}}, since it has no final value yet",
                         "write {x}, or format what the program returns")
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise refuse("A traced value cannot be pickled, since it belongs to its trace",
                     "return it from the traced function, and pickle the result")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Traced(x{self._node} = {self._value})"
