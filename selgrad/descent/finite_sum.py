"""Finite sums J = (1/n) sum f_i, equation (7), as functions one can call, trace and differentiate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from selgrad.errors import InputError, ShapeError
from selgrad.programs.arguments import as_real
from selgrad.programs.program import Program
from selgrad.programs.trees import flatten, unflatten
from selgrad.tracing.recorder import Traced
from selgrad.tracing.replay import inline
from selgrad.tracing.tracer import trace_at


class FiniteSum:
    """J(x) = (1/n) sum_i f(x, datum_i), equation (7).

    f(x, datum) is ordinary NumPy code with a scalar result, x an array of any one shape; data is an
    array, or a nested tuple of arrays, with one leading axis of length n, and a datum is nested like
    it. J is a function like any other: `J(x)`, `sg.grad(J)(x)`, `sg.trace(J, x)`. In a trace the n
    terms are one instruction with a leading axis n, unless f has Python branches, which may differ
    from datum to datum; then they are traced one by one. Raises InputError for data that are no
    finite reals or are empty, ShapeError when their leading axes differ or f is not scalar.

    >>> import selgrad as sg
    >>> J = sg.FiniteSum(lambda x, b: np.abs(x - b), np.array([0.0, 1.0, 5.0]))
    >>> print(J(1.0), round(float(sg.grad(J)(1.0)), 6))
    1.6666666666666667 -0.333333
    """

    def __init__(self, f: Callable | Program, data: Any):
        self.f = f
        self.__name__ = f.name if isinstance(f, Program) else getattr(f, "__name__", "f")
        if isinstance(f, Program) and f.guards:
            raise InputError("FiniteSum needs f itself where it has Python branches: a Program knows one way only.")
        leaves, self.tree = flatten(data)
        if not leaves:
            raise InputError("FiniteSum needs data: an array, or a tuple of arrays, with a leading axis n.")
        arrays = [np.array(as_real(leaf, f"Data leaf {j} of FiniteSum")) for j, leaf in enumerate(leaves)]
        lengths = [len(a) if a.ndim else None for a in arrays]
        if None in lengths or len(set(lengths)) > 1:
            raise ShapeError(f"The data of FiniteSum need one common leading axis, but have shapes "
                             f"{', '.join(str(a.shape) for a in arrays)}.")
        if lengths[0] == 0:
            raise InputError("FiniteSum needs at least one datum, but the leading axis of the data has length 0.")
        for a in arrays:
            a.setflags(write=False)
        self.leaves = tuple(arrays)

    @property
    def n(self) -> int:
        """The number of terms."""
        return len(self.leaves[0])

    def datum(self, i: int) -> Any:
        """Datum i, nested like the data."""
        return unflatten(self.tree, [a[i] for a in self.leaves])

    def program(self, x: Any) -> Program:
        """f as a Program of (x, datum), traced for the shapes of x and of one datum."""
        P = trace_at(self.f, (x, self.datum(0)), check=False)
        if len(P.outputs) != 1 or P.shapes[P.outputs[0]] != ():
            shown = ", ".join(str(P.shapes[k]) for k in P.outputs)
            raise ShapeError(f"FiniteSum needs f(x, datum) to be one number, but {P.name} returns shape(s) {shown}.")
        return P

    def __call__(self, x: Any) -> Any:
        if not isinstance(x, Traced):
            P = self.program(x)
            if P.guards:
                return np.mean([P_i(x, datum) for P_i, datum in self._one_by_one(x)])
            return np.mean(P(x, unflatten(self.tree, self.leaves)))
        P = self.program(x._value)
        if P.guards:
            total = 0.0
            for i in range(self.n):
                total = total + self.f(x, self.datum(i))
            return total / self.n
        wide = np.broadcast_to(x, (self.n, *x.shape))  # type: ignore[call-overload]
        return np.mean(inline(P, wide, unflatten(self.tree, self.leaves)))

    def _one_by_one(self, x: Any) -> list[tuple[Program, Any]]:
        data = [self.datum(i) for i in range(self.n)]
        return [(trace_at(self.f, (x, datum)), datum) for datum in data]

    def __repr__(self) -> str:
        return f"FiniteSum({self.__name__}, n={self.n})"
