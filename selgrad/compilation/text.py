"""Numbers spelled as source: the tables of primitives, run on these, write down what they compute.

So every formula of a compiled program comes from the row of its primitive, and there is no second
table to keep in step with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

INFIX = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**",
    np.greater: ">", np.greater_equal: ">=", np.less: "<", np.less_equal: "<=", np.equal: "==", np.not_equal: "!=",
}
CALLS = {
    np.exp: "exp", np.expm1: "expm1", np.log: "log", np.log1p: "log1p", np.sqrt: "sqrt", np.tanh: "tanh",
    np.sin: "sin", np.cos: "cos", np.absolute: "abs", np.logaddexp: "logaddexp",
}


class Text(np.lib.mixins.NDArrayOperatorsMixin):
    """An expression; operators and NumPy functions on it give longer expressions."""

    dtype = None  # the rows ask for it only in order to cast, and every name has the kernel's format

    def __init__(self, text: str, atom: bool = False):
        self.text, self.atom = text, atom

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        assert method == "__call__" and not kwargs, ufunc
        if ufunc is np.negative:
            return Text(f"-{inner(inputs[0])}")
        if ufunc is np.square:
            return inputs[0] * inputs[0]
        if ufunc is np.reciprocal:
            return 1.0 / inputs[0]
        if ufunc is np.maximum:  # spelled so that nan stays nan, as in NumPy
            a, b = (inner(o) for o in inputs)
            return Text(f"{b} if {a} <= {b} else {a}")
        if ufunc is np.bitwise_and:  # of a truth value and a comparison
            known, other = inputs if not isinstance(inputs[0], Text) else inputs[::-1]
            return other if known else False
        if ufunc in CALLS:
            return Text(f"{CALLS[ufunc]}({', '.join(spell(o) for o in inputs)})", atom=True)
        return Text(f" {INFIX[ufunc]} ".join(inner(o) for o in inputs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.zeros_like:
            return 0.0
        assert func is np.where and not kwargs, func
        condition, a, b = args
        if not isinstance(condition, Text):
            return a if condition else b
        return Text(f"{inner(a)} if {condition.text} else {inner(b)}")

    def astype(self, *args: Any, **kwargs: Any) -> Text:
        return self


def name(text: str) -> Text:
    """A name, which never needs parentheses."""
    return Text(text, atom=True)


def spell(o: Any) -> str:
    """An operand as source. A constant takes the kernel's format through real(...)."""
    return o.text if isinstance(o, Text) else f"real({float(o)!r})"


def inner(o: Any) -> str:
    """An operand as source, in parentheses where it needs them."""
    return f"({o.text})" if isinstance(o, Text) and not o.atom else spell(o)


def choice(index: str, options: list[Any]) -> Any:
    """options[index]: conditional expressions, one inside the other."""
    if len({spell(o) for o in options}) == 1:
        return options[0]
    text = inner(options[-1])
    for i in range(len(options) - 2, -1, -1):
        tail = f"({text})" if i < len(options) - 2 else text
        text = f"{inner(options[i])} if {index} == {i} else {tail}"
    return Text(text)


def times(d: Any, v: Any) -> Any:
    """d v, leaving out factors 1 and -1, which change no bit."""
    if not isinstance(d, Text) and d == 1.0:
        return v
    if not isinstance(v, Text) and v == 1.0:
        return d
    if not isinstance(d, Text) and d == -1.0:
        return -v
    return Text(f"{inner(d)} * {inner(v)}")


def total(terms: list[Any]) -> Any:
    """The sum from left to right."""
    return Text(" + ".join(inner(t) for t in terms)) if len(terms) > 1 else terms[0]
