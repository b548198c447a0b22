"""Expressions, assignments and functions as text. A language is one small class: so far there is Python, for Numba."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from selgrad.compilation.expressions import ARITHMETIC, COMPARE, Expression
from selgrad.primitives.trigonometric import ERF

Assignment = tuple[str, Any]


@dataclass(frozen=True)
class Function:
    """A function of the module: assignments, and what it returns."""

    name: str
    arguments: tuple[str, ...]
    body: tuple[Assignment, ...]
    result: Any
    comment: str = ""


class Python:
    """Python as Numba compiles it; a constant takes the kernel's format through real(...)."""

    infix: ClassVar[dict[np.ufunc, str]] = {
        np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**", np.greater: ">",
        np.greater_equal: ">=", np.less: "<", np.less_equal: "<=", np.equal: "==", np.not_equal: "!=",
        np.logical_and: "and", np.logical_or: "or",
    }
    prefix: ClassVar[dict[np.ufunc, str]] = {np.negative: "-", np.logical_not: "not "}
    calls: ClassVar[dict[np.ufunc, str]] = {
        np.exp: "exp", np.expm1: "expm1", np.log: "log", np.log1p: "log1p", np.log2: "log2", np.log10: "log10",
        np.sqrt: "sqrt", np.sin: "sin", np.cos: "cos", np.tan: "tan", np.arcsin: "asin", np.arccos: "acos",
        np.arctan: "atan", np.arctan2: "atan2", np.sinh: "sinh", np.cosh: "cosh", np.tanh: "tanh",
        np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh", np.hypot: "hypot", np.absolute: "abs",
        np.logaddexp: "logaddexp", np.exp2: "np.exp2", np.cbrt: "np.cbrt", ERF: "erf",
    }

    def spell(self, o: Any) -> str:
        """An expression or a constant."""
        if not isinstance(o, Expression):
            return str(bool(o)) if isinstance(o, bool | np.bool_) else f"real({float(o)!r})"
        if o.head is None:
            return o.args[0]
        if o.head is np.where:
            condition, a, b = o.args
            return f"{self.inner(a)} if {self.condition(condition)} else {self.inner(b)}"
        if o.head in self.prefix:
            return self.prefix[o.head] + self.inner(o.args[0])
        if o.head in self.infix:
            operand = self.compared if o.head in COMPARE else self.inner
            return f" {self.infix[o.head]} ".join(operand(a) for a in o.args)
        function = o.head if isinstance(o.head, str) else self.calls[o.head]
        return f"{function}({', '.join(self.spell(a) for a in o.args)})"

    def inner(self, o: Any) -> str:
        """The same as an operand, in parentheses where it needs them."""
        return f"({self.spell(o)})" if isinstance(o, Expression) and not o.atom else self.spell(o)

    def compared(self, o: Any) -> str:
        """The same as an operand of a comparison, which binds more loosely than arithmetic does."""
        return self.spell(o) if isinstance(o, Expression) and o.head in ARITHMETIC else self.inner(o)

    def condition(self, o: Any) -> str:
        """The same as a condition, or as one of several joined by "or"."""
        return self.inner(o) if isinstance(o, Expression) and o.head is np.where else self.spell(o)

    def assign(self, line: Assignment) -> str:
        """A line of a function."""
        return f"{line[0]} = {self.spell(line[1])}"

    def define(self, function: Function) -> list[str]:
        """A function, line by line, without decorator."""
        comment = f"  # {function.comment}" if function.comment else ""
        body = [*(self.assign(line) for line in function.body), f"return {self.spell(function.result)}"]
        return [f"def {function.name}({', '.join(function.arguments)}):{comment}", *(f"    {line}" for line in body)]

    def anyone(self, conditions: Sequence[Any]) -> str:
        """Whether one of these conditions is true."""
        return " or ".join(self.condition(c) for c in conditions) or "False"
