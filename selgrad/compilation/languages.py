"""Expressions, assignments and functions as text. A language is one small class: Python, for Numba, and JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from selgrad.compilation.expressions import ARITHMETIC, COMPARE, Expression, Unspelled, is_truth
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


class Language:
    """What languages have in common: operators between operands, calls, parentheses where they are needed."""

    infix: ClassVar[dict[np.ufunc, str]]
    prefix: ClassVar[dict[np.ufunc, str]]
    calls: ClassVar[dict[np.ufunc, str]]

    def constant(self, o: Any) -> str:
        """A number, or a truth value."""
        raise NotImplementedError

    def conditional(self, condition: str, a: str, b: str) -> str:
        """a where the condition holds, else b."""
        raise NotImplementedError

    def compare(self, sign: str, operands: list[str]) -> str:
        """Operands that stand in an order, two or more."""
        raise NotImplementedError

    def arithmetic(self, head: np.ufunc, operands: list[str]) -> str:
        """A sum, difference, product, quotient or power, or what has a sign in front."""
        if head in self.prefix:
            return self.prefix[head] + operands[0]
        return f" {self.infix[head]} ".join(operands)

    def call(self, function: str, operands: list[str]) -> str:
        """A function of the language's own at its operands."""
        return f"{function}({', '.join(operands)})"

    def spell(self, o: Any) -> str:
        """An expression or a constant. Raises Unspelled for a function that the language does not have."""
        if not isinstance(o, Expression):
            return self.constant(o)
        if o.head is None:
            return o.args[0]
        if o.head is np.where:
            condition, a, b = o.args
            return self.conditional(self.condition(condition), self.inner(a), self.inner(b))
        if o.head in COMPARE:
            return self.compare(self.infix[o.head], [self.compared(a) for a in o.args])
        if o.head in ARITHMETIC and (o.head in self.infix or o.head in self.prefix):
            return self.arithmetic(o.head, [self.inner(a) for a in o.args])
        if o.head in self.prefix:
            return self.prefix[o.head] + self.inner(o.args[0])
        if o.head in self.infix:
            return f" {self.infix[o.head]} ".join(self.inner(a) for a in o.args)
        operands = [self.spell(a) for a in o.args]
        if isinstance(o.head, str):
            return f"{o.head}({', '.join(operands)})"
        if o.head not in self.calls:
            raise Unspelled(f"{o.head.__name__}, which {type(self).__name__} does not have")
        return self.call(self.calls[o.head], operands)

    def inner(self, o: Any) -> str:
        """The same as an operand, in parentheses where it needs them."""
        return f"({self.spell(o)})" if isinstance(o, Expression) and not o.atom else self.spell(o)

    def compared(self, o: Any) -> str:
        """The same as an operand of a comparison, which binds more loosely than arithmetic does."""
        return self.spell(o) if isinstance(o, Expression) and o.head in ARITHMETIC else self.inner(o)

    def condition(self, o: Any) -> str:
        """The same as a condition, or as one of several joined by "or"."""
        return self.inner(o) if isinstance(o, Expression) and o.head is np.where else self.spell(o)

    def statements(self, lines: Sequence[Assignment]) -> list[str]:
        """Assignments, line by line."""
        raise NotImplementedError

    def define(self, function: Function) -> list[str]:
        """A function, line by line, without decorator."""
        raise NotImplementedError

    def anyone(self, conditions: Sequence[Any]) -> str:
        """Whether one of these conditions is true."""
        if not conditions:
            return self.constant(False)
        return f" {self.infix[np.logical_or]} ".join(self.condition(c) for c in conditions)


class Python(Language):
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

    def constant(self, o: Any) -> str:
        return str(bool(o)) if is_truth(o) else f"real({float(o)!r})"

    def conditional(self, condition: str, a: str, b: str) -> str:
        return f"{a} if {condition} else {b}"

    def compare(self, sign: str, operands: list[str]) -> str:
        return f" {sign} ".join(operands)

    def assign(self, line: Assignment) -> str:
        """A line of a function."""
        return f"{line[0]} = {self.spell(line[1])}"

    def statements(self, lines: Sequence[Assignment]) -> list[str]:
        return [self.assign(line) for line in lines]

    def define(self, function: Function) -> list[str]:
        comment = f"  # {function.comment}" if function.comment else ""
        body = [*self.statements(function.body), f"return {self.spell(function.result)}"]
        return [f"def {function.name}({', '.join(function.arguments)}):{comment}", *(f"    {line}" for line in body)]


class JavaScript(Language):
    """JavaScript, whose numbers are float64; in a narrower format every operation is rounded by real(...)."""

    infix: ClassVar[dict[np.ufunc, str]] = {
        np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.greater: ">", np.greater_equal: ">=",
        np.less: "<", np.less_equal: "<=", np.equal: "===", np.not_equal: "!==", np.logical_and: "&&",
        np.logical_or: "||",
    }
    prefix: ClassVar[dict[np.ufunc, str]] = {np.negative: "-", np.logical_not: "!"}
    calls: ClassVar[dict[np.ufunc, str]] = {
        **{ufunc: f"Math.{text}" for ufunc, text in Python.calls.items() if ufunc not in (np.exp2, np.logaddexp, ERF)},
        np.power: "Math.pow", np.cbrt: "Math.cbrt", np.logaddexp: "logaddexp", np.exp2: "two_to",
    }

    def __init__(self, dtype: Any = float):
        self.kind = np.dtype(dtype)
        self.rounds = self.kind != np.float64

    def constant(self, o: Any) -> str:
        if is_truth(o):
            return "true" if o else "false"
        with np.errstate(over="ignore"):
            x = float(self.kind.type(o))
        text = "NaN" if x != x else repr(abs(x)).replace("inf", "Infinity").removesuffix(".0")
        return f"(-{text})" if x < 0 or (x == 0 and np.signbit(x)) else text

    def conditional(self, condition: str, a: str, b: str) -> str:
        return f"{condition} ? {a} : {b}"

    def compare(self, sign: str, operands: list[str]) -> str:
        pairs = [f"{a} {sign} {b}" for a, b in pairwise(operands)]
        return f" {self.infix[np.logical_and]} ".join(pairs)

    def arithmetic(self, head: np.ufunc, operands: list[str]) -> str:
        if head in self.prefix or not self.rounds:
            return super().arithmetic(head, operands)
        text = operands[0]
        for operand in operands[1:]:
            text = f"real({text} {self.infix[head]} {operand})"
        return text

    def call(self, function: str, operands: list[str]) -> str:
        text = super().call(function, operands)
        return f"real({text})" if self.rounds and function.startswith("Math.") else text

    def statements(self, lines: Sequence[Assignment]) -> list[str]:
        names = [label for label, _ in lines]
        found, seen = [], set()
        for label, value in lines:
            word = "" if label in seen else "let " if names.count(label) > 1 else "const "
            seen.add(label)
            found.append(f"{word}{label} = {self.spell(value)};")
        return found

    def define(self, function: Function) -> list[str]:
        comment = f"  // {function.comment}" if function.comment else ""
        body = [*self.statements(function.body), f"return {self.spell(function.result)};"]
        head = f"function {function.name}({', '.join(function.arguments)}) {{{comment}"
        return [head, *(f"    {line}" for line in body), "}"]
