"""Where a NaN or an infinity is born, what passes it on, and whether it reaches an output or a derivative (ours).

The program is evaluated without domain checks, and every accumulator of the backward loop of Algorithm 2 is looked at:
a value that is not finite though its operands are, and an adjoint that is not finite though the one it is made of is,
are births; everything else that is not finite passes one on. A piece that is not taken passes nothing: 0, as
XLA, JAX and PyTorch have it (TensorFlow multiplies an infinite adjoint by 0 there).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from selgrad.differentiation.modes import backward, edges_from
from selgrad.primitives import Convention
from selgrad.primitives.rows import ONE, Slope
from selgrad.programs.evaluate import Audit, evaluate
from selgrad.programs.listing import right_side, shown
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Instruction, place
from selgrad.tracing import trace_at

NAMED = 6  # nodes that a sentence names
OVERFLOW = ("rescale the operands, or write it in a form that does not overflow (sg.logsumexp, sg.softplus, "
            "sg.sigmoid, np.log1p, np.hypot)")
INSIDE = ("keep the argument inside: np.maximum(argument, least), or np.where twice, so that the derivative there is "
          "one that you chose; for the log of a softmax or of a sum of exponentials, sg.logsumexp")
DOUBLE_WHERE = ("guard the argument, not only the result (the double where): "
                "np.where(c, g(np.where(c, argument, 1.0)), other) in place of np.where(c, g(argument), other)")
CONSTANT = "clean the data, or take a large finite number, or choose with np.where"


@dataclass(frozen=True, eq=False, repr=False)
class Birth:
    """An instruction that makes something which is not finite out of numbers that are.

    node, line, where: its number, listing and place in the user's file. value: what it is in the value ("": the value
    is finite), slope: and in the derivative, such as "adjoint 0 times slope inf is nan". entries: how many of its
    entries. through: the nodes that pass it on. guard: the line that throws the value away, and was meant to
    protect. reaches: the outputs ("x3") and derivatives ("the derivative by x0") that it spoils. remedy: the known one.
    """

    node: int
    line: str
    where: tuple[str, int] | None
    value: str
    slope: str
    entries: int
    through: tuple[str, ...]
    guard: str
    reaches: tuple[str, ...]
    remedy: str

    def __repr__(self) -> str:
        born = "; ".join(part for part in (self.value, self.slope) if part)
        lines = [f"x{self.node} = {self.line}{place(self.where)}, {self.entries} "
                 f"entr{'y' if self.entries == 1 else 'ies'}: {born}."]
        if self.through:
            more = "" if len(self.through) <= NAMED else f" and {len(self.through) - NAMED} more"
            lines.append(f"Passed on by {', '.join(self.through[:NAMED])}{more}.")
        if self.guard:
            lines.append(f"{self.guard} was meant to protect: it throws away the value, not the slope behind it.")
        if self.reaches:
            lines += [f"It reaches {', '.join(self.reaches)}.", f"Remedy: {self.remedy}."]
        else:
            lines.append("It reaches no output and no derivative.")
        return "\n".join(lines)


@dataclass
class _Found:
    """A birth while it is being followed."""

    node: int
    value: str = ""
    slope: str = ""
    entries: int = 0
    through: list[int] = field(default_factory=list)
    reaches: list[str] = field(default_factory=list)
    constant: bool = False
    outside: bool = False
    wanted: bool = False  # an adjoint that is not 0 reaches it: then nothing threw it away


def births(
    f: Callable | Program, args: tuple[Any, ...], inputs: list[int] | None = None, convention: Convention = "paper"
) -> tuple[Birth, ...]:
    """What is born not finite in f at args, in the order of the instructions; inputs: the leaves differentiated by.

    The outputs' adjoints are 1. Raises what tracing raises, but no DomainError.

    >>> import selgrad as sg
    >>> print(*births(lambda t: np.where(t > 0, np.sqrt(t), 0.0), (0.0,)))  # doctest: +ELLIPSIS
    x1 = sqrt(x0) (...), 1 entry: adjoint 0 times slope inf is nan.
    x2 = where(x0 > 0, x1, 0) (...) was meant to protect: it throws away the value, not the slope behind it.
    It reaches the derivative by x0.
    Remedy: guard the argument, not only the result (the double where): np.where(c, g(np.where(c, argument, 1.0)), \
other) in place of np.where(c, g(argument), other).
    """
    P = f if isinstance(f, Program) else trace_at(f, args, check=False)
    ev = evaluate(P, args, convention, Audit())
    wanted = list(range(len(P.input_shapes))) if inputs is None else inputs
    with np.errstate(all="ignore"):
        search = _Search(P, ev)
        search.values()
        search.adjoints(wanted)
    return search.found()


class _Search:
    """One search: births by node, and for every value and adjoint the births that made it not finite."""

    def __init__(self, P: Program, ev: Evaluation):
        self.P, self.ev, n = P, ev, len(P.shapes)
        self.born: dict[int, _Found] = {}
        self.of_value: list[set[int]] = [set() for _ in range(n)]
        self.of_adjoint: list[set[int]] = [set() for _ in range(n)]

    def _birth(self, k: int) -> _Found:
        return self.born.setdefault(k, _Found(k))

    # --- forward ---

    def values(self) -> None:
        for k, line in self.P.lines():
            y = np.asarray(self.ev.values[k])
            bad = ~np.isfinite(y)
            if not bad.any():
                continue
            xs = line.of(self.ev.values)
            inherited = set().union(*(self.of_value[j] for j in line.pr))
            spoilt = _spoilt(line, xs, y.shape)
            if inherited and not line.row.elementwise:
                self._pass(k, inherited, self.of_value)
                continue
            fresh = bad & ~spoilt
            if inherited and (bad & spoilt).any():
                self._pass(k, inherited, self.of_value)
            elif (bad & spoilt).any():  # a constant
                fresh = bad
            if fresh.any():
                self._at(k, line, xs, y, fresh)
        for k in self.P.outputs:
            for b in self.of_value[k]:
                self.born[b].reaches.append(f"the output x{k}")

    def _at(self, k: int, line: Instruction, xs: list[Any], y: np.ndarray, fresh: np.ndarray) -> None:
        birth = self._birth(k)
        birth.entries = max(birth.entries, int(fresh.sum()))
        birth.constant = _spoilt_by_constant(line)
        at = tuple(np.argwhere(fresh)[0])
        texts = [f"{np.broadcast_to(x, y.shape)[at]:.6g}" if line.row.elementwise else "..." for x in xs]
        show = line.row.prints.show
        call = show(*texts, **shown(line.params)) if show else f"{line.op}({', '.join(texts)})"
        birth.value = f"{call} is {y[at]}" + (", from a constant" if birth.constant else "")
        birth.outside = self._outside(line, xs)
        self.of_value[k].add(k)

    def _pass(self, k: int, who: set[int], into: list[set[int]]) -> None:
        into[k] |= who
        for b in who:
            if k != b and k >= len(self.P.input_shapes) and k not in self.born[b].through:
                self.born[b].through.append(k)

    def _outside(self, line: Instruction, xs: list[Any]) -> bool:
        domain = line.row.domain
        return domain is not None and bool(np.any(domain(*xs, **line.params)))

    # --- backward ---

    def adjoints(self, inputs: list[int]) -> None:
        P, first = self.P, len(self.P.input_shapes)
        edges = edges_from(P, inputs)
        outs = {k: np.ones(P.shapes[k]) for k in P.outputs if k < first or edges[k - first]}

        def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
            line, adjoint = P.line(t), np.broadcast_to(v_t, P.shapes[t])
            self._met(t, adjoint)
            for i, j in edges[t - first]:
                d = line.row.partial(i, self.ev.indices[t], self.ev.values[t], line.of(self.ev.values), line.params)
                if d is not None:
                    yield j, self._term(t, line, j, d, adjoint)

        v = backward(P, outs, terms)
        for j in inputs:
            if v[j] is not None:
                self._met(j, np.asarray(v[j]))
            for b in sorted(self.of_adjoint[j]):
                self.born[b].reaches.append(f"the derivative by x{j}")

    def _met(self, t: int, adjoint: np.ndarray) -> None:
        """An adjoint that is not finite though no term of it was: the sum overflowed."""
        bad = ~np.isfinite(adjoint)
        if bad.any() and not self.of_adjoint[t]:
            birth = self._birth(t)
            birth.entries, birth.slope = int(bad.sum()), "the adjoints that meet here add up to no finite number"
            self.of_adjoint[t].add(t)

    def _term(self, t: int, line: Instruction, j: int, d: Any, adjoint: np.ndarray) -> Any:
        """v[t] d_t[j], with a note of what it is not finite by: its adjoint, the operands, or the slope itself."""
        slope: Any = None
        if isinstance(d, Slope):
            slope = 1.0 if d.d is ONE else d.d
            term = np.multiply(adjoint, slope)
            if line.row.kinked:
                term = np.where(np.equal(slope, 0), 0.0, term)
        else:
            term = d.pull(adjoint)
        bad = ~np.isfinite(term)
        if not bad.any():
            return term
        self._pass(j, self.of_adjoint[t], self.of_adjoint)
        xs = line.of(self.ev.values)
        inherited = set().union(*(self.of_value[k] for k in line.pr)) - {t}
        if slope is None:
            here = bad & np.isfinite(adjoint).all()
            spoilt = np.full(bad.shape, bool(inherited))
        else:
            here, spoilt = bad & np.isfinite(adjoint), _spoilt(line, xs, bad.shape)
        if inherited and (here & spoilt).any():
            self._pass(j, inherited, self.of_adjoint)
            here = here & ~spoilt
        if here.any():
            self._slope(t, line, xs, adjoint, slope, term, here)
            self._pass(j, {t}, self.of_adjoint)
        return term

    def _slope(self, t: int, line: Instruction, xs: list[Any], adjoint: np.ndarray, slope: Any, term: Any,
               here: np.ndarray) -> None:
        birth = self._birth(t)
        birth.entries = max(birth.entries, int(here.sum()))
        birth.outside = birth.outside or self._outside(line, xs)
        birth.constant = birth.constant or _spoilt_by_constant(line)
        if slope is None:
            birth.slope = "its derivative is not finite"
            return
        at = tuple(np.argwhere(here)[0])
        birth.wanted = birth.wanted or bool(np.any(adjoint[here]))
        d = np.broadcast_to(slope, here.shape)[at]
        birth.slope = f"adjoint {adjoint[at] + 0.0:.6g} times slope {float(d):.6g} is {np.asarray(term)[at]}"

    # --- what is said ---

    def found(self) -> tuple[Birth, ...]:
        P, result = self.P, []
        for k in sorted(self.born):
            b = self.born[k]
            line = P.line(k) if k >= len(P.input_shapes) else None
            guard = "" if b.wanted else self._guard(k)
            through = [self._name(n) for n in sorted(b.through)]
            result.append(Birth(k, "input" if line is None else right_side(line), line.where if line else None, b.value,
                                b.slope, b.entries, tuple(through), guard,
                                tuple(dict.fromkeys(b.reaches)), self._remedy(b, line, guard)))
        return tuple(result)

    def _name(self, k: int) -> str:
        return f"x{k}" if k < len(self.P.input_shapes) else f"x{k} = {self.P.line(k).op}"

    def _remedy(self, b: _Found, line: Instruction | None, guard: str) -> str:
        if b.constant:
            return CONSTANT
        if guard:
            return DOUBLE_WHERE
        if line is not None and b.outside:
            return f"{line.row.outside}; {INSIDE}" if line.row.elementwise else line.row.outside
        return OVERFLOW

    def _guard(self, k: int) -> str:
        """The nearest line that reads node k, itself or through others, and does not take all of it ("": none)."""
        carried = {k}
        for n, line in self.P.lines():
            mine = [i for i, j in line.reads() if j in carried]
            if n <= k or not mine:
                continue
            if line.row.kinked and line.row.elementwise:
                for i in mine:
                    d = line.row.partial(i, self.ev.indices[n], self.ev.values[n], line.of(self.ev.values), line.params)
                    if isinstance(d, Slope) and np.any(np.equal(d.d, 0)) and np.isfinite(self.ev.values[n]).all():
                        return f"x{n} = {right_side(line)}{place(line.where)}"
            carried.add(n)
        return ""


def _spoilt_by_constant(line: Instruction) -> bool:
    return any(not line.is_node(i) and not np.isfinite(o).all() for i, o in enumerate(line.operands))


def _spoilt(line: Instruction, xs: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Where an operand is not finite, by entry of the result (of a row that acts entry by entry; else anywhere)."""
    bad = np.zeros(shape, dtype=bool)
    for x in xs:
        hit = ~np.isfinite(x)
        bad = bad | (hit if line.row.elementwise else hit.any())
    return bad
