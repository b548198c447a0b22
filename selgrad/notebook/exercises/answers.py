"""Read what a reader gives as an answer, in every form that means the same; raise `Wrong` for what means nothing.

A number may be an int, a float, a Fraction, a NumPy scalar or an array with one entry; a vector a list, a tuple or
an array; a function anything that can be called with one number. What fails in the reader's own code is said in
one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from math import isfinite
from typing import Any

import numpy as np

from selgrad.differentiation.grad import grad
from selgrad.geometry.jacobians import JacobianSet
from selgrad.notebook.exercises.form import Misshapen, Wrong, require
from selgrad.primitives import Convention
from selgrad.programs.program import Program
from selgrad.selections.selection import Selection
from selgrad.tracing import trace

# Dyadic points, so that kinks at halves and integers are hit exactly.
GRID = np.arange(-4.0, 4.0625, 0.0625)


def shown(value: Any) -> str:
    """A value in at most 60 characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = ""
    if not text or " at 0x" in text:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def failure(problem: BaseException) -> str:
    """An error in one line, without its traceback."""
    text = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {text}".rstrip(": .")[:200]


def numbers(answer: Any, count: int | None = None, said: str = "numbers") -> np.ndarray:
    """The finite real numbers of an answer, as a vector; `count` of them where that is fixed."""
    if isinstance(answer, str):
        raise Misshapen(f"{shown(answer)} is a text, not {said}: leave out the quotes.")
    if callable(answer) and not isinstance(answer, np.ndarray):
        raise Misshapen(f"{shown(answer)} is something to be called, not {said}.")
    if isinstance(answer, Set | Mapping):
        raise Misshapen(f"{shown(answer)} has no order or names its entries: {said} are asked for.")
    try:
        entries = np.ravel(np.asarray(answer, dtype=object if not hasattr(answer, "__array__") else None))
        size = entries.size if count is None or entries.size == count else 0
        values = np.array([_real(entry) for entry in entries[:size]], dtype=float)
    except (ValueError, TypeError, OverflowError, RuntimeError):
        raise Misshapen(f"{shown(answer)} does not consist of real numbers.") from None
    if count is not None and entries.size != count:
        many = "one number" if entries.size == 1 else f"{entries.size} numbers"
        raise Misshapen(f"{shown(answer)} is {many}, not {said}.")
    require(all(isfinite(v) for v in values), f"{shown(answer)} is not finite: nan and inf answer nothing.")
    return values


def _real(entry: Any) -> float:
    if isinstance(entry, str | bool | np.bool_ | complex | np.complexfloating) or np.ndim(entry):
        raise TypeError(f"{shown(entry)} is no real number")
    return float(entry)


def number(answer: Any, said: str = "one number") -> float:
    """One finite real number."""
    return float(numbers(answer, 1, said)[0])


def whole(answer: Any, said: str = "a whole number") -> int:
    """One whole number."""
    value = number(answer, said)
    require(value == int(value), f"{value:g} is no whole number.")
    return int(value)


def interval(answer: Any) -> tuple[float, float]:
    """The ends of an interval: a pair (low, high) or a set of the engine."""
    if isinstance(answer, JacobianSet):
        return ends(answer)
    low, high = numbers(answer, 2, "an interval, a pair (low, high)")
    require(low <= high, f"({low:g}, {high:g}) is no interval: write the lower end first.")
    return float(low), float(high)


def ends(field: JacobianSet) -> tuple[float, float]:
    """The interval that a set of slopes in one variable is."""
    return 0.0 - field.support(-1.0), field.support(1.0)


def indices(answer: Any, said: str = "a set of indices, as {0, 1}") -> frozenset[int]:
    """A set of whole numbers: a set, list, tuple, range or array, or one number alone."""
    if isinstance(answer, str | Mapping) or callable(answer):
        raise Misshapen(f"{shown(answer)} is not {said}.")
    entries = numbers(list(answer) if isinstance(answer, Set | range) else answer, said=said)
    require(all(entry == int(entry) for entry in entries), f"{shown(answer)} holds numbers that are no indices.")
    return frozenset(int(entry) for entry in entries)


def letters(answer: Any, allowed: str, count: int | None = None) -> str:
    """Letters chosen from `allowed`, in the reader's order: "b", "CAB", "c, a, b" or ["c", "a", "b"]."""
    try:
        text = answer if isinstance(answer, str) else "".join(answer)
    except TypeError:
        raise Misshapen(f"{shown(answer)} is not made of letters.") from None
    chosen = "".join(c for c in text.lower() if c.isalnum())
    strange = sorted(set(chosen) - set(allowed))
    if strange or not chosen:
        raise Misshapen(f"{shown(answer)} should be made of the letters {', '.join(allowed)}.")
    if len(set(chosen)) < len(chosen):
        raise Misshapen(f"{shown(answer)} uses a letter twice.")
    if count is not None and len(chosen) != count:
        raise Misshapen(f"{shown(answer)} has {len(chosen)} letters, not {count}.")
    return chosen


def truths(answer: Any, names: str) -> dict[str, bool]:
    """True or False for each name: a dictionary, or as many truth values in the order of the names."""
    if isinstance(answer, Mapping):
        said = {str(name).strip().lower(): value for name, value in answer.items()}
        if set(said) != set(names):
            raise Misshapen(f"{shown(answer)} should say True or False for each of {', '.join(names)}.")
        values = [said[name] for name in names]
    elif isinstance(answer, Iterable) and not isinstance(answer, str | Set):
        values = list(answer)
    else:
        raise Misshapen(f"{shown(answer)} should say True or False for each of {', '.join(names)}.")
    if len(values) != len(names) or not all(isinstance(v, bool | np.bool_) for v in values):
        raise Misshapen(f"{shown(answer)} should hold {len(names)} times True or False.")
    return dict(zip(names, map(bool, values)))


def graded_truths(answer: Any, right: Mapping[str, bool], why: Mapping[str, str]) -> None:
    """Compare truth values; each that is wrong is explained by `why`, the others give credit in quarters."""
    got = truths(answer, "".join(right))
    wrong = [name for name in right if got[name] != right[name]]
    if wrong:
        share = int(4 * (len(right) - len(wrong)) / len(right)) / 4
        # guessing all alike earns nothing
        credit = share if len(set(got.values())) > 1 else 0.0
        said = " ".join(f"({name}) {why[name]}" for name in wrong)
        raise Wrong(f"{len(right) - len(wrong)} of {len(right)} are right. {said}", credit)


def graded_order(answer: Any, right: str, why: Mapping[str, str]) -> None:
    """Compare an order of proof steps; `why[step]` says what the step needs. Half for all but one step in place."""
    got = letters(answer, "".join(sorted(right)), len(right))
    if got == right:
        return
    first = next(k for k in range(len(right)) if got[k] != right[k])
    moved = any(got.replace(c, "") == right.replace(c, "") for c in right)
    begins = f"{first} steps are right, then" if first else "at the beginning"
    raise Wrong(f"{begins} ({got[first]}) comes too early: {why[got[first]]}", 0.5 if moved else 0.0)


def called(f: Callable, *args: Any, said: str = "your function") -> Any:
    """f(*args), where f is the reader's: what fails in it is said."""
    where = ", ".join(shown(float(a)) if np.ndim(a) == 0 else shown(np.asarray(a).tolist()) for a in args)
    try:
        return f(*args)
    except Exception as problem:
        raise Misshapen(f"{said} fails at {where} ({failure(problem)}).") from None


def function(answer: Any) -> Callable[[float], float]:
    """The reader's function of one number; each call gives one finite number or raises Wrong."""
    if not callable(answer):
        raise Misshapen(f"{shown(answer)} is no function.")

    def f(t: float) -> float:
        y = called(answer, t)
        try:
            return number(y)
        except Wrong:
            raise Misshapen(f"at {t:g} your function returns {shown(y)}, which is not one finite number.") from None

    return f


def same_function(answer: Any, f: Callable, said: str, points: Iterable[float] = GRID) -> None:
    """`answer` is a program of the function f, which is called `said`: the values agree at the points."""
    g = function(answer)
    for t in points:
        got, want = g(float(t)), float(f(t))
        same = abs(got - want) <= 1e-9 * (1 + abs(want))
        require(same, f"at t = {t:g} your program returns {got:g}, but {said} is {want:g} there.")


def traced(answer: Any, *example: Any) -> Program:
    """The reader's function as a program."""
    if isinstance(answer, Program):
        return answer
    if not callable(answer):
        raise Misshapen(f"{shown(answer)} is no function.")
    try:
        return trace(answer, *example)
    except Exception as problem:
        raise Misshapen(f"your function cannot be recorded as a program ({failure(problem)}). Use +, -, *, / and "
                        "NumPy's functions: np.sin, not math.sin.") from None


def derivative(answer: Any, a: Any, convention: Convention = "paper") -> Any:
    """What AD returns at a for the reader's function, program or selection."""
    if isinstance(answer, Selection):
        return called(answer.derivative, a, said="the derivative of your selection")
    try:
        return grad(answer, convention=convention)(a)
    except Exception as problem:
        raise Misshapen(f"AD cannot follow your function at {shown(a)} ({failure(problem)}). Use +, -, *, / and "
                        "NumPy's functions: np.sin, not math.sin.") from None


def selection(answer: Any, shape: int | tuple[int, ...] = ()) -> Selection:
    """A selection: sg.Selection(index, pieces), or the pair (index, pieces)."""
    if isinstance(answer, Selection):
        return answer
    if not (isinstance(answer, tuple | list) and len(answer) == 2 and callable(answer[0])):
        raise Misshapen(f"{shown(answer)} is not a pair (index, pieces).")
    try:
        return Selection(answer[0], list(answer[1]), shape=shape)
    except Exception as problem:
        raise Misshapen(f"your pair makes no selection ({failure(problem)}).") from None


def selection_value(S: Selection, t: Any) -> Any:
    """The value of the reader's selection at a point."""
    return called(S, t, said="your selection")
