"""Instructions whose backward pass compares floats for equality, and what rounding does to it at this input (ours).

A rule that shares among tied entries, or takes the mean on a tie, asks x == max(x) or a == b again in the backward
pass. Where that is computed in another format, or in another order of sums, ties come and go, and the maximum itself
may be missed: then nothing is hit, and 0 is divided by 0, or the gradient is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.errors import SelgradError
from selgrad.primitives import Convention
from selgrad.primitives.row_comparisons import Entries
from selgrad.programs.evaluate import Audit, evaluate
from selgrad.programs.listing import right_side
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, place

FORMATS = ("float32", "longdouble")  # a narrower one, and one that rounds otherwise than any order of sums does


@dataclass(frozen=True, eq=False, repr=False)
class Mask:
    """An instruction whose rule asks for equality of floats.

    node, line, where as in `Kink`; rule: the tie rule in force. shown: what happens at this input when it is
    asked for again with other rounding ("": nothing).
    """

    node: int
    line: str
    where: tuple[str, int] | None
    rule: str
    shown: tuple[str, ...]

    def __repr__(self) -> str:
        said = "; ".join(self.shown) or "at this input other rounding changes nothing"
        return (f"x{self.node} = {self.line}{place(self.where)} compares floats for equality (rule {self.rule!r}): "
                f"{said}.")


def masks(P: Program, args: tuple[Any, ...], ev: Evaluation, convention: Convention) -> tuple[Mask, ...]:
    """Every instruction that compares for equality, with what other rounding does to it at this input.

    >>> import selgrad as sg
    >>> P, x = sg.trace(lambda x: np.max(x / 3.0 * 3.0), np.ones(2)), np.array([0.1 + 0.2, 0.3])
    >>> print(*masks(P, (x,), P.evaluate(x, convention="jax"), "jax"))  # doctest: +ELLIPSIS
    x3 = max(x2, axis=-1) (...) compares floats for equality (rule 'all'): in float32 2 entries are hit where there \
was 1; the result stored as float32 is not found again among entries computed in float64 (1 of 1): there nothing is \
hit, and 0 is divided by 0.
    """
    kinked: dict[int, Any] = {k: line.row for k, line in P.lines() if line.row.kinked}
    asking = [k for k, row in kinked.items() if row.by_equality(P.line(k).tie(convention), P.line(k).params)]
    if not asking:
        return ()
    again = {name: other for name in FORMATS if (other := _recomputed(P, args, convention, name)) is not None}
    found = []
    for k in asking:
        line, shown = P.line(k), []
        for name, other in again.items():
            before, after = ev.indices[k], other.indices[k]
            if np.shape(before) == np.shape(after) and np.any(np.not_equal(before, after)):
                shown.append(_difference(before, after, name))
        if "float32" in again and (lost := _missed(P, k, ev, again["float32"])):
            shown.append(lost)
        found.append(Mask(k, right_side(line), line.where, line.tie(convention), tuple(shown)))
    return tuple(found)


class _Lifted(Audit):
    """Every constant and every result in one format."""

    def __init__(self, name: str):
        self.lift = lambda a: np.asarray(a).astype(name)[()]

    def inputs(self, P: Any, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
        values, batch = super().inputs(P, args)
        assert self.lift is not None
        return [self.lift(a) for a in values], batch


def _recomputed(P: Program, args: tuple[Any, ...], convention: Convention, name: str) -> Evaluation | None:
    try:
        return evaluate(P, args, convention, _Lifted(name))
    except (SelgradError, TypeError, ValueError, np.linalg.LinAlgError):
        return None  # a branch flips, or a row (of LAPACK) has no such format


def _difference(before: Any, after: Any, name: str) -> str:
    if np.asarray(before).dtype == bool:
        a, b = int(np.sum(before)), int(np.sum(after))
        if a == b:
            return f"in {name} another entry is hit"
        return f"in {name} {b} entr{'y is' if b == 1 else 'ies are'} hit where there {'was' if a == 1 else 'were'} {a}"
    n = int(np.sum(np.not_equal(before, after)))
    return f"in {name} {n} choice{'s are' if n > 1 else ' is'} made otherwise"


def _missed(P: Program, k: int, ev: Evaluation, narrow: Evaluation) -> str:
    """Whether the result as float32 holds it is found again among the entries that float64 computes."""
    line: Any = P.line(k)
    x = np.asarray(ev.values[line.operands[0]]) if line.is_node(0) else np.zeros(())
    if not isinstance(line.row.compares, Entries) or x.dtype != np.float64:
        return ""
    entries = x.ravel()[line.row.compares.places(line, x.shape)]
    lost = int((~(entries == np.ravel(narrow.values[k])[:, None]).any(axis=1)).sum())
    return (f"the result stored as float32 is not found again among entries computed in float64 ({lost} of "
            f"{len(entries)}): there nothing is hit, and 0 is divided by 0") if lost else ""
