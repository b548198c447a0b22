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

CONVENTIONS = ("paper", "tensorflow", "torch", "jax", "autograd")

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


Map = Slope | Linear
IDENTITY = Slope(ONE)


def widen(x: Any, shape: Any) -> np.ndarray:
    """np.broadcast_to, straight from the iterator it is made of: at half its cost."""
    view = np.nditer(x, ["multi_index", "refs_ok", "zerosize_ok"], [["readonly"]], itershape=shape, order="C")
    return view.itviews[0]


@dataclass(frozen=True, eq=False)
class Row:
    """A smooth or structural primitive.

    value(*xs, **params) is g_k; partials[i](y, *xs, **params) its derivative in operand i (the
    slope for an elementwise row, else a `Linear`; one entry serves all operands of a variadic
    row, called with the operand's number first). domain(*xs, **params) is True where an operand
    lies outside the open domain. show and tex are format strings over the operands; level is
    the precedence of the printed expression.
    """

    name: str
    value: Callable
    partials: tuple[Callable, ...] = ()
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

    def apply(self, xs: list, params: dict, convention: str) -> tuple[Any, Any]:
        """Value and index (None: there is nothing to choose)."""
        return self.value(*xs, **params), None

    def partial(self, i: int, s: Any, y: Any, xs: list, params: dict) -> Map | None:
        """The derivative with respect to operand i, as a linear map."""
        if self.variadic:
            return self.partials[0](i, y, *xs, **params)
        d = self.partials[i](y, *xs, **params)
        return d if not self.elementwise else IDENTITY if d is ONE else Slope(d)


@dataclass(frozen=True, eq=False)
class Kinked(Row):
    """A primitive with kinks: pieces, switching functions, and the index s per tie convention.

    index(convention, *xs, **params) -> s says which piece is taken, coordinate by coordinate;
    select(s, *xs, **params) is the value of the pieces taken; partials[i](s, y, *xs, **params)
    their derivative. switches(*xs, **params) is a tuple of arrays whose zeros are the kinks.
    frozen(s, *xs, **params) spells the pieces taken in elementary operations (s constant), and
    choices(shape, convention, **params) lists every s, for operands of that core shape.
    ties[convention] names the piece taken where a switching function is zero.
    """

    pieces: tuple[Any, ...] = ()
    switches: Callable = lambda *xs, **params: ()
    index: Callable = lambda convention, *xs, **params: None
    select: Callable = lambda s, *xs, **params: None
    frozen: Callable = lambda s, *xs, **params: None
    choices: Callable = lambda shape, convention, **params: ()
    ties: dict[str, str] = field(default_factory=dict)

    kinked = True

    def apply(self, xs: list, params: dict, convention: str) -> tuple[Any, Any]:
        s = self.index(convention, *xs, **params)
        return self.select(s, *xs, **params), s

    def partial(self, i: int, s: Any, y: Any, xs: list, params: dict) -> Map | None:
        d = self.partials[i](s, y, *xs, **params)
        return Slope(d) if self.elementwise and d is not None else d

    def tie(self, convention: str) -> str:
        """The tie rule of a convention; the paper's where that framework has no such operation."""
        return self.ties.get(convention, self.ties.get("paper", "<"))


def table(rows: list[Row]) -> dict[str, Row]:
    """Rows by name; a name that stands twice is an error of ours."""
    named = {row.name: row for row in rows}
    assert len(named) == len(rows), "a primitive is listed twice"
    return named
