"""Elementary selections (Definitions 2-5) and the selection a program represents (Proposition 5).

Indices count from 0 here, from 1 in the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import prod
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward_mode
from selgrad.errors import DomainError, InputError, NotContinuous, NotElementary, SelgradError, ShapeError
from selgrad.geometry.jacobians import JacobianSet
from selgrad.programs.arguments import as_real
from selgrad.programs.listing import expression
from selgrad.programs.program import Program
from selgrad.selections.hypotheses import Hypotheses, check, jump
from selgrad.tracing import Comparison, trace_at
from selgrad.tracing.replay import inline

MOST_SHOWN = 16
TEX_RELATIONS = {"==": "=", "!=": r"\ne", ">=": r"\ge", "<=": r"\le"}


class Pieces(Sequence):
    """A sequence of pieces, each built when it is asked for."""

    def __init__(self, length: int, build: Callable[[int], Callable | Program]):
        self.length, self.build = length, build

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, i: Any) -> Any:
        if not 0 <= i < self.length:
            raise IndexError(i)
        return self.build(i)


class Selection:
    """An elementary selection (s, f_0, ..., f_{m-1}) of f: R^p -> R^q (Definition 3).

    `index(x)` returns s(x), a number from 0 to m-1 (a comparison counts as 0 or 1); each piece is
    a Program or a NumPy function of x, and must be smooth. `shape` is the shape of x: () for a
    real number, n or (n,) for a vector. f(x) = f_{s(x)}(x); `f(g)` with a selection g composes,
    `f + g` and `f * g` refine both indices (Propositions 1 and 4). Raises NotElementary for a
    piece with kinks, InputError for an index out of range.

    >>> relu = Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t])
    >>> print(relu)
    selection of 2 pieces, s(x) = [x > 0]
      0: 0
      1: x
    >>> print(relu(0.0), relu.derivative(0.0), relu.active(0.0), relu.field(0.0))
    0.0 0.0 (0, 1) conv{0, 1}
    """

    def __init__(self, index: Callable, pieces: Sequence, shape: int | tuple[int, ...] = (), name: str = ""):
        if len(pieces) == 0:
            raise InputError("A selection needs at least one piece.")
        self.index, self.name = index, name
        if isinstance(pieces[0], Program):
            shape = pieces[0].input_shapes[0]
        self.shape = (shape,) if isinstance(shape, int) else tuple(shape)
        lazy = isinstance(pieces, Pieces)
        self.pieces: Sequence = pieces if lazy else tuple(self._piece(i, f) for i, f in enumerate(pieces))

    def _piece(self, i: int, f: Any) -> Program:
        try:
            P = f if isinstance(f, Program) else trace_at(f, (np.ones(self.shape)[()],), check=False)
        except IndexError as problem:
            raise self._misshapen(f"piece {i}") from problem
        if P.kinked() or P.guards:
            raise NotElementary(f"Piece {i} has a kink or a branch: give its smooth pieces, and decide in the index.")
        return P

    def _misshapen(self, what: str) -> ShapeError:
        return ShapeError(f"The selection's {what} takes an entry that a point of shape {self.shape} does not "
                          "have: give the shape, as in Selection(index, pieces, shape=2) for vectors of two entries.")

    def piece(self, i: int) -> Program:
        """The elementary function f_i as a program."""
        f = self.pieces[i]
        return f if isinstance(f, Program) else self._piece(i, f)

    def s(self, x: Any) -> int:
        """The index at one point (Definition 2)."""
        try:
            i = int(self.index(as_real(x, "The point")))
        except IndexError as problem:
            raise self._misshapen("index") from problem
        if not 0 <= i < len(self.pieces):
            raise InputError(f"The index is {i} at {x}, but the pieces are numbered 0 to {len(self.pieces) - 1}.")
        return i

    def _each(self, x: Any, one: Callable) -> Any:
        """one(point) for every point of a batch."""
        x = np.asarray(as_real(x, "The point"))
        lead = x.shape[: x.ndim - len(self.shape)]
        if x.shape[len(lead) :] != self.shape:
            raise InputError(f"The point has shape {x.shape}, but the selection acts on shape {self.shape}.")
        if not lead:
            return one(x[()])
        results = [one(point[()]) for point in x.reshape((-1, *self.shape))]
        return np.array(results).reshape(lead + np.shape(results[0]))

    def __call__(self, x: Any) -> Any:
        if isinstance(x, Selection):
            return compose(self, x)
        return self._each(x, lambda point: self.piece(self.s(point))(point))

    def derivative(self, x: Any) -> Any:
        """The selection derivative, the gradient of the piece taken: f'_{s(x)}(x) (Definition 4).

        Shape: batch + output + input.
        """
        return self._each(x, lambda point: backward_mode(self.piece(self.s(point)), point))

    def active(self, x: Any, tol: float = 0.0) -> tuple[int, ...]:
        """I(x): the pieces whose value at x is f(x), within tol (Definition 5)."""
        value = self(x)
        found = []
        for i in range(len(self.pieces)):
            try:
                other = self.piece(i)(x)
            except DomainError:
                continue  # a piece that is not defined at x cannot equal f there
            if np.all(np.abs(other - value) <= tol):
                found.append(i)
        return tuple(found)

    def field(self, x: Any) -> JacobianSet:
        """D_f^s(x): the hull of the gradients of all active pieces (Definition 5, to the letter)."""
        gradients = [backward_mode(self.piece(i), x) for i in self.active(x)]
        p = prod(self.shape)
        return JacobianSet([np.reshape(g, (-1, p)) for g in gradients])

    def essential(self, x: Any, samples: int = 256) -> tuple[int, ...]:
        """S_E(x): the active pieces that equal f on open sets arbitrarily near x (Section 5.1).

        Definition 5 with S_E(x) instead of I(x) is Clarke's subdifferential. Sampled: points drawn at
        random near x lie in such open sets, but one that is thin at x can be missed.
        """
        x = np.asarray(as_real(x, "The point"))
        d = np.random.default_rng(0).normal(size=(samples, *x.shape))
        near = x + 2.0**-20 * (1.0 + np.abs(x).max(initial=0.0)) * d
        values = self(near)
        slack = 64 * np.finfo(float).eps * (1.0 + np.abs(values))
        found = []
        for i in self.active(x, tol=float(slack.max())):
            gap = np.abs(np.broadcast_to(self.piece(i)(near), values.shape) - values) <= slack
            if np.any(gap.reshape(samples, -1).all(axis=1)):
                found.append(i)
        return tuple(found)

    def check_continuous(self, x: Any, tol: float = 1e-9, samples: int = 64) -> None:
        """Raise NotContinuous if a piece taken arbitrarily near x has another value at x.

        The neighbours are sampled (along both senses of every axis, and at random), so a cell that
        is thin at x can be missed.
        """
        if said := jump(self, as_real(x, "The point"), tol, samples):
            raise NotContinuous(said)

    def hypotheses(self, points: Any = None) -> Hypotheses:
        """What can be checked of Definitions 1 to 3: exactly, by sampling, or (it says so) not at all.

        points: where to sample; left out, 0, points on the axes and random ones. A tie is seen only at a point on it.

        >>> print(Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t + 1]).hypotheses().fails[0])
        Definition 3  f is continuous                            FAILS    by sampling  it jumps at 0.0
        """
        return check(self, points)

    def __add__(self, other: Any) -> Selection:
        return _pairwise(self, other, lambda a, b: a + b)

    def __mul__(self, other: Any) -> Selection:
        return _pairwise(self, other, lambda a, b: a * b)

    def __sub__(self, other: Any) -> Selection:
        return _pairwise(self, other, lambda a, b: a - b)

    def __neg__(self) -> Selection:
        return _pairwise(self, -1.0, lambda a, b: a * b)

    __radd__, __rmul__ = __add__, __mul__

    def index_text(self, tex: bool = False) -> str:
        """The index as a condition where it is one comparison, else s(x)."""
        try:
            found: list[str] = []

            def switching(x: Any) -> Any:
                condition = self.index(x)
                if not isinstance(condition, Comparison) or condition.kind != "atom":
                    raise NotElementary("not a single comparison")
                found.append(condition.parts[0][1])
                return condition.parts[0][0] + 0.0

            P = trace_at(switching, (np.ones(self.shape)[()],), check=False)
            last = P.instructions[-1].operands[0]
            z = expression(Program(P.input_shapes, P.instructions, (last,), P.in_tree, P.out_tree), tex)
            return f"[{z} {TEX_RELATIONS.get(found[0], found[0]) if tex else found[0]} 0]"
        except (SelgradError, TypeError, ValueError, IndexError):
            return "s(x)"

    def __str__(self) -> str:
        head = f"selection of {len(self.pieces)} pieces"
        text = self.index_text()
        lines = [head + (f", s(x) = {text}" if text != "s(x)" else "")]
        shown = range(min(len(self.pieces), MOST_SHOWN))
        lines += [f"  {i}: {expression(self.piece(i))}" for i in shown]
        if len(self.pieces) > MOST_SHOWN:
            lines.append(f"  ... and {len(self.pieces) - MOST_SHOWN} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Selection({len(self.pieces)} pieces on shape {self.shape})"

    def _value(self, i: int, t: float) -> float:
        """Piece i at t, nan where it is not defined: another piece is taken there."""
        try:
            return float(self.piece(i)(t))
        except DomainError:
            return np.nan

    def plot(self, ax: Any, x: Any) -> list[Any]:
        """Draw a selection of one number at the points x: its pieces, f and the selection derivative.

        Returns the artists, all labelled for a legend. Raises ShapeError for a selection of several numbers.
        """
        if self.shape != ():
            raise ShapeError(f"A selection of one number can be drawn, not one on shape {self.shape}.")
        x = np.asarray(as_real(x, "The points"), dtype=float)
        drawn: list[Any] = []
        for i in range(min(len(self.pieces), MOST_SHOWN)):
            label = {"label": "pieces"} if i == 0 else {}
            drawn += ax.plot(x, [self._value(i, t) for t in x], color="0.7", linewidth=0.8, zorder=1, **label)
        drawn += ax.plot(x, self(x), color="C0", linewidth=2.0, zorder=2, label="$f$")
        return drawn + ax.plot(x, self.derivative(x), color="C1", linestyle="none", marker=".", markersize=3, zorder=3,
                               label="selection derivative")

    def _repr_html_(self) -> str:
        shown = range(min(len(self.pieces), MOST_SHOWN))
        cases = "".join(f"<tr><td>{escape(expression(self.piece(i)))}</td><td>if s(x) = {i}</td></tr>" for i in shown)
        more = len(self.pieces) - MOST_SHOWN
        rest = f"<p>... and {more} more</p>" if more > 0 else ""
        text = self.index_text()
        where = f"<p>s(x) = {escape(text)}</p>" if text != "s(x)" else ""
        caption = f"<caption style='white-space: nowrap'>f(x), a selection of {len(self.pieces)} pieces</caption>"
        return f"<table>{caption}{cases}</table>{rest}{where}"

    def _repr_latex_(self) -> str:
        shown = range(min(len(self.pieces), MOST_SHOWN))
        cases = r" \\ ".join(rf"{expression(self.piece(i), tex=True)} & \text{{if }} s(x) = {i}" for i in shown)
        text = self.index_text(tex=True)
        where = "" if text == "s(x)" else rf", \quad s(x) = {text}"
        return rf"$\displaystyle f(x) = \begin{{cases}} {cases} \end{{cases}}{where}$"


def _pairwise(f: Selection, g: Any, op: Callable) -> Selection:
    """op(f, g) piece by piece; its index refines both (Propositions 1 and 4)."""
    if not isinstance(g, Selection):
        constant = float(g)
        pieces = Pieces(len(f.pieces), lambda i: lambda x: op(inline(f.piece(i), x), constant))
        return Selection(f.index, pieces, f.shape)
    if f.shape != g.shape:
        raise InputError(f"Selections on shapes {f.shape} and {g.shape} cannot be combined.")
    n = len(g.pieces)

    def build(k: int) -> Callable:
        return lambda x: op(inline(f.piece(k // n), x), inline(g.piece(k % n), x))

    return Selection(lambda x: f.s(x) * n + g.s(x), Pieces(len(f.pieces) * n, build), f.shape)


def compose(g: Selection, F: Selection) -> Selection:
    """g o F, whose index refines both: pieces g_j o F_i (Propositions 1 and 4).

    >>> relu = Selection(lambda t: t > 0, [lambda t: 0.0, lambda t: t])
    >>> h = compose(relu, relu)
    >>> len(h.pieces), print(h.derivative(2.0))
    1.0
    (4, None)
    """
    n = len(F.pieces)

    def build(k: int) -> Callable:
        return lambda x: inline(g.piece(k // n), inline(F.piece(k % n), x))

    return Selection(lambda x: g.s(F(x)) * n + F.s(x), Pieces(len(g.pieces) * n, build), F.shape)
