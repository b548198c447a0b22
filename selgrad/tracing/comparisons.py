"""Truth values of comparisons of traced values, with the switching functions that decide them.

As a condition, of np.where or of a Python branch, a comparison decides which piece is taken. As a number it
is np.where(comparison, 1.0, 0.0): a step, which jumps where the comparison ties.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.primitives import RELATIONS
from selgrad.tracing.refusals import refuse

JOINS = {
    np.logical_and: "and", np.bitwise_and: "and", np.logical_or: "or", np.bitwise_or: "or",
    np.logical_xor: "xor", np.bitwise_xor: "xor", np.not_equal: "xor", np.equal: "same",
    np.multiply: "and", np.add: "or",  # what NumPy does with two arrays of truth values
}
TABLES = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor, "same": np.equal}


class Comparison(np.lib.mixins.NDArrayOperatorsMixin):
    """An atom (z relation 0), plain truth values ("data"), or a combination of such.

    parts lists the (z, relation) of all atoms in it; children are what a combination is made of.
    """

    def __init__(self, parts: list[tuple[Any, str]], kind: str, children: tuple[Comparison, ...] = (),
                 data: Any = None):
        self.parts, self.kind, self.children, self.data = parts, kind, children, data

    @property
    def value(self) -> Any:
        """The truth values at the example."""
        if self.kind == "atom":
            (z, relation), = self.parts
            return z._recorder.outcome(z, relation)
        if self.kind == "data":
            return self.data
        values = [c.value for c in self.children]
        if self.kind == "not":
            return np.logical_not(values[0])
        if self.kind in ("all", "any"):
            return getattr(np, self.kind)(values[0])
        return TABLES[self.kind](*values)

    @property
    def number(self) -> Any:
        """1 where it is true, 0 elsewhere, as np.where records it."""
        return self._functions[np.where](self, 1.0, 0.0)

    @property
    def _functions(self) -> dict:
        return self.parts[0][0]._recorder.functions

    def _join(self, other: Any, kind: str) -> Comparison:
        other = truth(other)
        return Comparison(self.parts + other.parts, kind, (self, other))

    def all(self, axis: Any = None, keepdims: bool = False) -> Comparison:
        """Whether it holds everywhere, or everywhere along an axis."""
        return self._along("all", np.min, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Comparison:
        """Whether it holds anywhere, or anywhere along an axis."""
        return self._along("any", np.max, axis, keepdims)

    def _along(self, kind: str, extreme: Any, axis: Any, keepdims: bool) -> Comparison:
        if axis is None and not keepdims:
            return Comparison(self.parts, kind, (self,))
        return self._functions[extreme](self.number, axis=axis, keepdims=keepdims) > 0.5

    def __getitem__(self, key: Any) -> Comparison:
        if self.kind == "atom":
            ((z, relation),) = self.parts
            return Comparison([(z[key], relation)], "atom")
        return self.number[key] > 0.5

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        return len(self.number)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = self._functions.get(func)
        if rule is None:
            raise self._misused()
        return rule(*args, **kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            if ufunc in JOINS and all(is_truth(c) for c in inputs):
                a, b = inputs
                return a._join(b, JOINS[ufunc]) if isinstance(a, Comparison) else b._join(a, JOINS[ufunc])
            if ufunc in (np.logical_not, np.invert):
                return Comparison(self.parts, "not", (self,))
            if ufunc in (np.subtract, np.negative, np.positive) and all(is_truth(c) for c in inputs):
                raise refuse(f"np.{ufunc.__name__} of truth values is something NumPy refuses",
                             "use ~, ^ or np.where(condition, a, b)")
            if ufunc is np.multiply and len(inputs) == 2:
                other = inputs[1] if inputs[0] is self else inputs[0]
                other = other.number if isinstance(other, Comparison) else other
                return self._functions[np.where](self, other, 0.0)
        numbers = [c.number if isinstance(c, Comparison) else c for c in inputs]
        return getattr(ufunc, method)(*numbers, **kwargs)

    def astype(self, dtype: Any) -> Comparison:
        """The numbers 1 and 0: times x, they still choose between x and 0, which need not jump."""
        kind = np.dtype(dtype).kind
        if kind not in "fiub":
            raise refuse(f"A comparison cannot be written as {np.dtype(dtype)}", "use astype(float)")
        return self if kind == "b" else Indicator(self.parts, self.kind, self.children, self.data)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.number, name)

    def __bool__(self) -> bool:
        value = self.value
        if np.size(value) != 1:
            raise refuse("The truth of a comparison of arrays is ambiguous", "use np.all, np.any or np.where")
        for z, relation in self.parts:
            if not z._recorder.ties(z):
                z._recorder.guard(z, relation, RELATIONS[relation](z._value, 0))
        return bool(value)

    def __int__(self) -> int:
        return int(bool(self))

    __index__ = __int__

    def __float__(self) -> float:
        return float(bool(self))

    def _misused(self) -> NotElementary:
        return refuse("A comparison of traced values is used where a plain array must stand",
                      "choose between two values with np.where(condition, a, b), or index with plain arrays")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise self._misused()

    def __setitem__(self, key: Any, value: Any) -> None:
        raise refuse("c[...] = y overwrites values in memory",
                     "programs do not overwrite (Section 3): combine comparisons with &, | and ~")

    __hash__ = None  # type: ignore[assignment]


class Indicator(Comparison):
    """A comparison as the numbers 1 and 0: + and * are those of numbers."""


def is_truth(c: Any) -> bool:
    """Whether c is a comparison, or plain truth values."""
    if isinstance(c, Indicator):
        return False
    return isinstance(c, (Comparison, bool, np.bool_)) or (isinstance(c, np.ndarray) and c.dtype == bool)


def truth(c: Any) -> Comparison:
    """Truth values as a comparison."""
    if isinstance(c, Comparison):
        return c
    if not is_truth(c):
        raise refuse("A comparison is combined with something that is not one",
                     "combine comparisons with one another, or with arrays of truth values")
    return Comparison([], "data", data=np.array(c)[()])
