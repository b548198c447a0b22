"""What a row of the tables of primitives is: value, derivative, domain, and how it prints.

A row acts on the trailing (core) axes of its operands; any leading axes are a batch. The
derivative of an instruction with respect to operand i is a linear map with two sides: `push`
(forward mode) and `pull` (its adjoint, backward mode). Both accept further leading axes, so all
columns of a Jacobian travel through one call. `None` stands for the zero map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.primitives.conventions import CONVENTIONS, Convention, name_of

ONE = 1.0  # the slope of an identity: recognised by identity, so that no array is multiplied by it


class Slope:
    """Derivative of an elementwise operation: multiply by the slope, in either direction."""

    __slots__ = ("d",)

    def __init__(self, d: Any):
        self.d = d

    def push(self, dx: np.ndarray) -> np.ndarray:
        return dx if self.d is ONE else self.d * dx

    pull = push  # a diagonal matrix is its own transpose


class Linear:
    """Any other linear map, given by itself and its adjoint."""

    __slots__ = ("pull", "push")

    def __init__(self, push: Callable, pull: Callable):
        self.push, self.pull = push, pull


@dataclass(frozen=True)
class Pair:
    """How a row spells a linear map: push and pull as functions of (argument, y, *xs, **params).

    fixed: the map is the same at every point, and they take (argument, **params).
    """

    push: Callable
    pull: Callable
    fixed: bool = False

    def __call__(self, y: Any, *xs: Any, **params: Any) -> Linear:
        at = () if self.fixed else (y, *xs)
        return Linear(lambda dx: self.push(dx, *at, **params), lambda v: self.pull(v, *at, **params))


Map = Slope | Linear
IDENTITY = Slope(ONE)


class Cases:
    """An index s that is not known yet: conditions on traced values, in order; the last true one decides.

    Where a rule picks `options[s]`, these record the choice with np.where.
    """

    dtype = None

    def __init__(self, *cases: tuple[Any, int]):
        self.cases = cases

    def choose(self, options: Any) -> Any:
        """options[s], as nested choices; what does not depend on s needs none."""
        chosen = options[0]
        for condition, i in self.cases:
            same = options[i] is chosen or (isinstance(chosen, float) and isinstance(options[i], float)
                                            and options[i] == chosen)
            chosen = chosen if same else np.where(condition, options[i], chosen)
        return chosen


def records(x: Any) -> bool:
    """Whether x stands for a value that is being recorded; then `x.then(op, ...)` is the next line."""
    return type(x) is not np.ndarray and hasattr(x, "then")


def indicator(condition: Any) -> Any:
    """1 where a condition on traced values holds, 0 elsewhere."""
    return np.where(condition, 1.0, 0.0)


def widen(x: Any, shape: Any) -> np.ndarray:
    """np.broadcast_to, straight from the iterator it is made of: at half its cost."""
    if records(x):
        return x if x.shape == tuple(shape) else x.then("broadcast", core=x.shape, shape=tuple(shape))
    view = np.nditer(x, ["multi_index", "refs_ok", "zerosize_ok"], [["readonly"]], itershape=shape, order="C")
    return view.itviews[0]


@dataclass(frozen=True, eq=False)
class Row:
    """A smooth or structural primitive.

    value(*xs, **params) is g_k; partials[i](y, *xs, **params) its derivative in operand i (the
    slope for an elementwise row, else a `Linear`; one entry serves all operands of a variadic
    row, called with the operand's number first). Where nothing depends on the point a number
    stands for a slope, and None for the zero map. domain(*xs, **params) is True where an operand
    lies outside the open domain. show and tex are format strings over the operands; level is
    the precedence of the printed expression.
    """

    name: str
    value: Callable
    partials: tuple[Any, ...] = ()
    elementwise: bool = False
    variadic: bool = False
    structural: bool = False
    log_exp: bool = True
    domain: Callable | None = None
    outside: str = ""
    show: str | None = None
    tex: str | None = None
    level: int = 9

    kinked = False

    def apply(self, xs: list, params: dict, rule: str = "") -> tuple[Any, Any]:
        """Value and index (None: there is nothing to choose)."""
        return self.value(*xs, **params), None

    def rule(self, convention: Convention) -> str:
        """The tie rule of a convention ("": nothing ties)."""
        return ""

    def partial(self, i: int, s: Any, y: Any, xs: list, params: dict) -> Map | None:
        """The derivative with respect to operand i, as a linear map."""
        if self.variadic:
            return self.partials[0](i, y, *xs, **params)
        entry = self.partials[i]
        d: Any = entry(y, *xs, **params) if callable(entry) else entry
        return d if d is None or not self.elementwise else IDENTITY if d is ONE else Slope(d)


@dataclass(frozen=True, eq=False)
class Kinked(Row):
    """A primitive with kinks: pieces, switching functions, and the index s per tie convention.

    index(rule, *xs, **params) -> s says which piece is taken, coordinate by coordinate;
    select(s, *xs, **params) is the value of the pieces taken; partials[i](s, y, *xs, **params)
    their derivative. switches(*xs, **params) is a tuple of arrays whose zeros are the kinks.
    frozen(s, *xs, **params) spells the pieces taken in elementary operations (s constant), and
    choices(shape, rule, **params) lists every s, for operands of that core shape.
    ties[convention] is the rule that says which piece is taken where a switching function is zero, and
    `rules` are the rules there are. written(rule, *xs, **params) is the index on traced values, spelled in
    comparisons; the partials take it as they take s.
    """

    pieces: tuple[Any, ...] = ()
    switches: Callable = lambda *xs, **params: ()
    index: Callable = lambda rule, *xs, **params: None
    select: Callable = lambda s, *xs, **params: None
    frozen: Callable = lambda s, *xs, **params: None
    choices: Callable = lambda shape, rule, **params: ()
    written: Callable = lambda rule, *xs, **params: None
    ties: dict[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    kinked = True

    def __post_init__(self) -> None:
        if tuple(self.ties) != CONVENTIONS:
            raise TypeError(f"the row {self.name} needs one tie rule for each of {', '.join(CONVENTIONS)}")
        for rule in self.ties.values():
            if rule != "-":
                self.check_rule(rule)

    def apply(self, xs: list, params: dict, rule: str = "") -> tuple[Any, Any]:
        s = self.index(rule or self.ties["paper"], *xs, **params)
        return self.select(s, *xs, **params), s

    def partial(self, i: int, s: Any, y: Any, xs: list, params: dict) -> Map | None:
        entry = self.partials[i]
        d: Any = entry(s, y, *xs, **params) if callable(entry) else entry
        return Slope(d) if self.elementwise and d is not None else d

    def rule(self, convention: Convention) -> str:
        own = None if isinstance(convention, str) else convention.get(self.name)
        rule = own or self.ties[name_of(convention)]
        return self.ties["paper"] if rule == "-" else rule

    def check_rule(self, rule: str) -> None:
        """Raise InputError for a rule that this row does not know."""
        if rule not in self.rules:
            raise InputError(f"{rule!r} is no tie rule of {self.name}: choose among {', '.join(self.rules)}.")


def column(paper: str, tensorflow: str, torch: str, jax: str, autograd: str) -> dict[str, str]:
    """The tie rules of a row, one a convention. "-": that framework has no such operation, so the paper's stands."""
    return dict(zip(CONVENTIONS, (paper, tensorflow, torch, jax, autograd)))


def table(rows: list[Row]) -> dict[str, Row]:
    """Rows by name; a name that stands twice is an error of ours."""
    named = {row.name: row for row in rows}
    assert len(named) == len(rows), "a primitive is listed twice"
    return named
