"""Expressions of real numbers: the tables of primitives, run on these, write down what they compute.

So every formula of a compiled program comes from the row of its primitive, and there is no second table to keep
in step with it. What an expression looks like in a language is that language's affair (`languages.py`).
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from selgrad.primitives.trigonometric import ERF

ARITHMETIC = frozenset({np.add, np.subtract, np.multiply, np.divide, np.power, np.negative})
COMPARE = frozenset({np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal})
LOGIC = frozenset({np.logical_and, np.logical_or, np.logical_not})
OPERATORS = ARITHMETIC | COMPARE | LOGIC
FUNCTIONS = frozenset({
    np.exp, np.expm1, np.log, np.log1p, np.log2, np.log10, np.sqrt, np.sin, np.cos, np.tan,
    np.arcsin, np.arccos, np.arctan, np.arctan2, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh,
    np.hypot, np.absolute, np.logaddexp, np.exp2, np.cbrt, ERF,
})
TRUTHS = COMPARE | LOGIC
KNOWN = OPERATORS | FUNCTIONS
OF_TRUTHS = {  # what the operators &, |, ^ and ~ are, on truth values
    np.bitwise_and: np.logical_and, np.bitwise_or: np.logical_or, np.bitwise_xor: np.logical_xor,
    np.invert: np.logical_not,
}


class Unspelled(TypeError, AttributeError):
    """A formula asks of an expression what no line of compiled code can say."""


class Expression(np.lib.mixins.NDArrayOperatorsMixin):
    """A name, or something applied to expressions and constants; NumPy's operators and functions build more of them.

    `head` is a NumPy function (np.where for a conditional expression), or the name of a function of the module, or
    None for a name, which is the one argument.
    """

    __slots__ = ("args", "head")
    dtype = None  # the rows ask for it only in order to cast, and every name has the kernel's format

    def __init__(self, head: Any, *args: Any):
        self.head, self.args = head, args

    @property
    def atom(self) -> bool:
        """Whether it is a name or a call, so that no operator can tear it apart."""
        return self.head is None or isinstance(self.head, str) or self.head in FUNCTIONS

    @property
    def truth(self) -> bool:
        """Whether it is true or false, not a number."""
        return self.head in TRUTHS or (self.head is np.where and is_truth(self.args[1]))

    def reads(self, names: list[Any]) -> bool:
        """Whether it is one operation on just these names, in this order."""
        return len(self.args) == len(names) and all(a is b for a, b in zip(self.args, names, strict=True))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        called = f"numpy.{ufunc.__name__}"
        if method != "__call__" or kwargs:
            raise Unspelled(called + (f".{method}" if method != "__call__" else f" with {', '.join(kwargs)}"))
        xs = [_scalar(o) for o in inputs]
        if ufunc in OF_TRUTHS or (ufunc in (np.add, np.multiply) and all(map(is_truth, xs))):
            if not all(map(is_truth, xs)):
                raise Unspelled(f"{called} of numbers")
            ufunc = OF_TRUTHS.get(ufunc) or (np.logical_or if ufunc is np.add else np.logical_and)
        if ufunc in LOGIC or ufunc is np.logical_xor:
            return _logic(ufunc, [condition(o) for o in xs])
        return _arithmetic(ufunc, [number(o) for o in xs], called)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.zeros_like, np.ones_like) and len(args) == 1 and not kwargs:
            return 0.0 if func is np.zeros_like else 1.0
        if func is not np.where or kwargs or len(args) != 3:
            raise Unspelled(f"numpy.{getattr(func, '__name__', func)}")
        return where(*(_scalar(o) for o in args))

    def astype(self, dtype: Any = float, **kwargs: Any) -> Any:
        """A number: every one has the kernel's format."""
        return number(self)

    def __bool__(self) -> NoReturn:
        raise Unspelled("a Python branch (write it with numpy.where)")

    def __float__(self) -> NoReturn:
        raise Unspelled("float(...), or a function of the math module (use NumPy's)")

    __int__ = __index__ = __float__

    def __iter__(self) -> NoReturn:
        raise Unspelled("a loop over entries")

    __len__ = __iter__

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):  # NumPy asks what protocols there are
            raise AttributeError(attribute)
        raise Unspelled(f".{attribute}")


def name(text: str) -> Any:
    """A name, or a whole number as such."""
    return Expression(None, text)


def condition(o: Any) -> Any:
    """A number as a truth value, as NumPy and Python have it; a truth value as it is."""
    if not isinstance(o, Expression):
        return bool(o)
    return o if o.truth else Expression(np.not_equal, o, 0.0)


def where(chosen: Any, a: Any, b: Any) -> Any:
    """np.where of numbers or of truth values."""
    chosen = condition(chosen)
    if not isinstance(chosen, Expression):
        return a if chosen else b
    if is_truth(a) != is_truth(b):
        a, b = number(a), number(b)
    return Expression(np.where, chosen, a, b)


def choice(index: Expression, options: list[Any]) -> Any:
    """options[index]: conditional expressions, one inside the other."""
    if len({key(o) for o in options}) == 1:
        return options[0]
    found = options[-1]
    for i in range(len(options) - 2, -1, -1):
        found = Expression(np.where, Expression(np.equal, index, name(str(i))), options[i], found)
    return found


def times(d: Any, v: Any) -> Any:
    """d v, leaving out factors 1 and -1, which change no bit."""
    if not isinstance(d, Expression) and d == 1.0:
        return v
    if not isinstance(v, Expression) and v == 1.0:
        return d
    if not isinstance(d, Expression) and d == -1.0:
        return -v
    return Expression(np.multiply, number(d), v)


def total(terms: list[Any]) -> Any:
    """The sum from left to right."""
    return Expression(np.add, *terms) if len(terms) > 1 else terms[0]


def _logic(ufunc: Any, xs: list[Any]) -> Any:
    """not, and, or, exclusive or; a truth value that is known leaves no trace."""
    if ufunc is np.logical_not:
        return Expression(ufunc, *xs)
    if ufunc is np.logical_xor:
        return Expression(np.not_equal, *(number(o) for o in xs))
    known = [o for o in xs if not isinstance(o, Expression)]
    if known:
        (other,) = (o for o in xs if isinstance(o, Expression))
        decides = ufunc is np.logical_or
        return bool(known[0]) if bool(known[0]) is decides else other
    return Expression(ufunc, *xs)


def _arithmetic(ufunc: Any, xs: list[Any], called: str) -> Any:
    if ufunc in KNOWN:
        return Expression(ufunc, *xs)
    if ufunc is np.positive:
        return xs[0]
    if ufunc is np.square:
        return xs[0] * xs[0]
    if ufunc is np.reciprocal:
        return 1.0 / xs[0]
    if ufunc in (np.maximum, np.minimum):  # spelled so that nan stays nan, as in NumPy
        beats, helper = (np.less_equal, "larger") if ufunc is np.maximum else (np.greater_equal, "smaller")
        if all(isinstance(o, Expression) for o in xs):
            return Expression(helper, *xs)
        a, b = xs if isinstance(xs[0], Expression) else xs[::-1]
        return where(beats(a, b), b, a)
    raise Unspelled(called)


def is_truth(o: Any) -> bool:
    return o.truth if isinstance(o, Expression) else isinstance(o, bool | np.bool_)


def number(o: Any) -> Any:
    """A truth value as 1 or 0, a number as it is."""
    if type(o) is float or not is_truth(o):
        return o
    return Expression(np.where, o, 1.0, 0.0) if isinstance(o, Expression) else float(o)


def _scalar(o: Any) -> Any:
    """An operand: an expression, or a constant number."""
    if type(o) is Expression or type(o) is float:
        return o
    if isinstance(o, np.ndarray) and o.size == 1:
        o = o.reshape(-1)[0]
    if isinstance(o, Expression | bool | np.bool_ | int | float | np.integer | np.floating):
        return o
    raise Unspelled(f"a constant {o!r}")


def key(o: Any) -> Any:
    """What two expressions have in common where they say the same."""
    if not isinstance(o, Expression):
        return repr(float(o))
    return o.args if o.head is None else (o.head, *(key(a) for a in o.args))
