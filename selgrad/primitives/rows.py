"""What a row of the tables of primitives is: value, derivative, domain, facts, and how it prints.

A row acts on the trailing (core) axes of its operands; any leading axes are a batch. The
derivative of an instruction with respect to operand i is a linear map with two sides: `push`
(forward mode) and `pull` (its adjoint, backward mode). Both accept further leading axes, so all
columns of a Jacobian travel through one call. `None` stands for the zero map.

Two columns have no default, so that a row which does not say is an error when its table is built.
`facts=Facts(affine, exact, bits, rounding, growth, theory, scalar)`:

    affine    along any one piece, affine in the operands ALL jointly, in EACH alone, or jointly in those
              numbered here (FIRST, NONE); what is not affine takes part in no proof that needs it
    exact     RATIONAL: rational operands give rational values and slopes; else the sentence why not,
              or a function of the operands (None: not a constant) that gives it
    bits      SAME in every engine, or those of a LIBRARY (or of NumPy's order of summation)
    rounding  how errors pass: by SLOPES, |d_k| |x|, or, for products of sums, by the SIZES of all factors; where
              the ENTRIES of d_k have both signs, each is taken by itself
    growth    a bound on the size of the result from those of the operands (and parameters); None: not known
    theory    LOG_EXP elementary (Definition 1), smooth but NOT_LOG_EXP, or STOPPED: AD takes it for a constant,
              so that its derivative is no selection derivative (Definition 4)
    scalar    in the scalar view: ENTRYWISE; SPELLED by running `value` on arrays of scalars; a constant HUNG
              on an input; Vector(groups, one): one g_k reading a vector, with one result or several; MATRIX:
              it has none, since it reads whole matrices

`prints=`: CALL, or a `Printed` with forms for listings and LaTeX (see `facts.py`). A kinked row has
further columns without a default, above all the tie rules, one a convention, and `compares`: what it
compares and how its scalars tie (Zeros, Sides, Extremes or Ranks, see `row_comparisons.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.primitives.convention_names import CONVENTIONS, Convention, name_of
from selgrad.primitives.facts import ENTRYWISE, Facts, Printed
from selgrad.primitives.row_comparisons import Comparison

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
class LinearRule:
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
    lies outside the open domain, of a shape that goes with the result's. A row that widens does what NumPy does by
    itself to a smaller operand beside a larger one. `facts` and `prints` are explained above.
    """

    name: str
    value: Callable
    partials: tuple[Any, ...]
    _: KW_ONLY
    facts: Facts
    prints: Printed
    variadic: bool = False
    widens: bool = False
    domain: Callable | None = None
    outside: str = ""

    kinked = False

    @cached_property
    def elementwise(self) -> bool:
        """Whether it acts entry by entry, on operands broadcast to one shape; its derivative is then a slope."""
        return self.facts.scalar == ENTRYWISE

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
    unread are the operands that some piece does not read, though nan there makes the value nan.
    ties[convention] is the rule that says which piece is taken where a switching function is zero, and
    `rules` are the rules there are. written(rule, *xs, **params) is the index on traced values, spelled in
    comparisons; the partials take it as they take s.
    """

    _: KW_ONLY
    pieces: tuple[Any, ...]
    switches: Callable
    index: Callable
    select: Callable
    frozen: Callable
    choices: Callable
    written: Callable
    unread: tuple[int, ...]
    compares: Comparison
    ties: dict[str, str]
    rules: tuple[str, ...]

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
        if isinstance(convention, str):
            rule = self.ties[convention]
        else:
            rule = convention.get(self.name) or self.ties[name_of(convention)]
        return self.ties["paper"] if rule == "-" else rule

    def by_equality(self, rule: str, params: dict) -> bool:
        """Whether this rule compares floats for equality, and so depends on how they were rounded."""
        return "=" in rule or rule == "all" or params.get("relation") in ("==", "!=")

    def check_rule(self, rule: str) -> None:
        """Raise InputError for a rule that this row does not know."""
        if rule not in self.rules:
            raise InputError(f"{rule!r} is no tie rule of {self.name}: choose among {', '.join(self.rules)}.")


def column(*rules: str) -> dict[str, str]:
    """The tie rules of a row, one a convention, in the order of CONVENTIONS. Raises ValueError where one is missing.

    "-": that framework has no such operation, so the paper's rule stands.
    """
    return dict(zip(CONVENTIONS, rules, strict=True))


def table(rows: list[Row]) -> dict[str, Row]:
    """Rows by name; a name that stands twice is an error of ours."""
    named = {row.name: row for row in rows}
    assert len(named) == len(rows), "a primitive is listed twice"
    return named
