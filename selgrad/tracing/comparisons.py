"""Truth values of comparisons of traced values, with the switching functions that decide them."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.primitives import RELATIONS
from selgrad.tracing.refusals import refuse


class Comparison:
    """Truth values of a comparison, with the switching function that decides them.

    parts is a list of (z, relation); combine turns their truth values into this one's.
    """

    def __init__(self, parts: list[tuple[Any, str]], kind: str, children: tuple[Comparison, ...] = ()):
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
