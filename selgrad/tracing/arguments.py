"""How a call is read: its arguments bound by NumPy's own signature, what is not honoured refused by name.

Every spelling passes through here, so an axis that does not exist, an option that has no effect, or an
error of NumPy's own becomes one sentence with the user's line, whichever function it is.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from numpy.exceptions import AxisError

from selgrad.errors import InputError, SelgradError, ShapeError
from selgrad.tracing.recorder import array
from selgrad.tracing.refusals import OutOfBounds, at_users_line, refuse

# what NumPy calls an argument that is one array
ARRAYS = frozenset("a b x y x1 x2 a1 a2 m v f p A ary arr array values fp xp val".split())

TOLD = (ValueError, IndexError, TypeError, AttributeError)  # what NumPy raises about arguments that do not fit


class Spelling:
    """A function as it is recorded: `rule` names, as NumPy does, the arguments it honours.

    `like` is the function whose signature a call must have (the rule's own where NumPy tells none). An
    argument that the rule does not name must have its default. With `raw` the arguments reach the rule
    as they are given; else the ones that are arrays arrive as such (a comparison as 1 and 0).
    """

    def __init__(self, name: str, rule: Callable, like: Callable | None = None, raw: bool = False):
        self.name, self.rule, self.like, self.raw = name, rule, like or rule, raw

    @cached_property
    def signature(self) -> inspect.Signature:
        try:
            return inspect.signature(self.like)
        except ValueError:  # functions written in C, in older releases of NumPy
            return inspect.signature(self.rule)

    @cached_property
    def honoured(self) -> frozenset[str]:
        """The arguments that the rule names; all of them where it takes **kwargs."""
        own = inspect.signature(self.rule).parameters
        if any(p.kind is p.VAR_KEYWORD for p in own.values()):
            return frozenset(self.signature.parameters) - {"out"}
        return frozenset(own)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self._bound(args, kwargs)
        given: dict[str, Any] = {}
        for name, value in bound.items():
            parameter = self.signature.parameters[name]
            entries = value.items() if parameter.kind is parameter.VAR_KEYWORD else ((name, value),)
            for key, entry in entries:
                if key in self.honoured:
                    given[key] = array(entry) if not self.raw and key in ARRAYS else entry
                elif not _idle(key, entry, parameter.default, args):
                    raise self._not_honoured(key, entry)
        try:
            return self.rule(**given)
        except TOLD as problem:
            raise sentence(self.name, problem) from None

    @cached_property
    def plain(self) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]] | None:
        """Its names by position, all, and those that must be given; None where it takes any number of them."""
        every = self.signature.parameters.values()
        if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in every):
            return None
        return (tuple(p.name for p in every if p.kind is not p.KEYWORD_ONLY),
                frozenset(p.name for p in every if p.kind is not p.POSITIONAL_ONLY),
                frozenset(p.name for p in every if p.default is p.empty))

    def _bound(self, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name. What is plain takes a short way: Signature.bind costs as much as the operation."""
        if self.plain is not None:
            names, known, needed = self.plain
            bound = dict(zip(names, args))
            if len(args) <= len(names) and kwargs.keys() <= known and not kwargs.keys() & bound.keys():
                bound |= kwargs
                if needed <= bound.keys():
                    return bound
        try:
            return self.signature.bind(*args, **kwargs).arguments
        except TypeError as problem:
            raise InputError(f"{self.name}{at_users_line()}: {problem}; call it as NumPy has it.") from None

    def _not_honoured(self, name: str, value: Any) -> SelgradError:
        if name == "out":
            return refuse(f"{self.name} with out= overwrites values in memory",
                          "programs do not overwrite (Section 3): write y = ... and use y")
        if name == "dtype":
            return refuse(f"{self.name} with dtype={np.dtype(value)} changes the format of numbers within a program",
                          "leave dtype= out, and choose the format of the inputs instead")
        shown = value if isinstance(value, (str, int, float)) else "..."
        return refuse(f"{self.name} with {name}={shown} is not supported on traced values", f"leave {name}= out")


class Ufunc(Spelling):
    """A ufunc as it is recorded: `rule` takes its operands, and every option must have its default."""

    def __call__(self, *operands: Any, **options: Any) -> Any:
        for name, value in options.items():
            idle = name in ("casting", "order", "subok") or (name == "where" and value is True) or (
                name == "dtype" and all(np.dtype(value) == getattr(x, "dtype", value) for x in operands))
            if not idle:
                raise self._not_honoured(name, value)
        try:
            return self.rule(*operands)
        except TOLD as problem:
            raise sentence(self.name, problem) from None


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Whatever NumPy raises in here about the arguments of `name` becomes one sentence with the user's line."""
    try:
        yield
    except TOLD as problem:
        raise sentence(name, problem) from None


def sentence(name: str, problem: Exception) -> Exception:
    """An error of NumPy's as one of ours, of NumPy's own kind; ours stays as it is."""
    if isinstance(problem, SelgradError):
        return problem
    if isinstance(problem, AxisError):
        return OutOfBounds(f"{name}{at_users_line()}: {_axis(problem)}.")
    said = " ".join(str(problem).split()).rstrip(".")
    kind = OutOfBounds if isinstance(problem, IndexError) else (
        ShapeError if isinstance(problem, ValueError) else InputError)
    return kind(f"{name}{at_users_line()}: {said}; NumPy takes no such call either, or selgrad does not know this "
                "form of it.")


def _axis(problem: AxisError) -> str:
    axis, ndim = getattr(problem, "axis", None), getattr(problem, "ndim", None)
    if axis is None or ndim is None:
        return str(problem).rstrip(".")
    if ndim == 0:
        return f"axis {axis} does not exist, since a number has no axes: leave axis= out"
    return f"axis {axis} does not exist in an array of {ndim} axes: choose one from {-ndim} to {ndim - 1}"


def _idle(name: str, value: Any, default: Any, args: tuple) -> bool:
    """Whether an argument says no more than its default."""
    if value is default or value is None or value is np._NoValue:
        return True
    if name == "dtype":
        return bool(args) and not isinstance(args[0], type) and np.dtype(value) == getattr(args[0], "dtype", None)
    if name == "order" and isinstance(value, str):
        return value == "C"
    return isinstance(value, (bool, int, float, str)) and type(value) is type(default) and value == default


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as negative numbers, sorted: they count from the end, whatever the batch. None: all of them.

    Raises AxisError for an axis that is not there, ValueError for one that is named twice.
    """
    if axis is None:
        return tuple(range(-ndim, 0))
    whole = tuple(operator.index(a) for a in (axis if isinstance(axis, tuple) else (axis,)))
    return tuple(sorted(a - ndim for a in np.lib.array_utils.normalize_axis_tuple(whole, ndim)))


def one_axis(axis: Any, ndim: int) -> int:
    """One axis as a negative number."""
    return axes_of(operator.index(axis), ndim)[0]
