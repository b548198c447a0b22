"""The instructions that are no function of numbers alone, as expressions: one entry a row of the tables.

`value(put, k, xs, params, tie)` gives what stands for x_k from what stands for its operands: one expression for a
number, a list of them for a vector. `pull(put, k, xs, y, v, params, tie)` gives the term of each operand in the
backward pass, of the same kind (None: no derivative passes). In a vector of accumulators None stands for zero.
`index(put, k, xs, y, params, tie)` gives the index s of a kinked row: the place of the entry taken, or of every entry
in the order, or which entries are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.compilation import vectors
from selgrad.compilation.expressions import Unspelled, name, times, where
from selgrad.compilation.vectors import Put
from selgrad.primitives import RELATIONS, ROWS
from selgrad.programs.program_data import Instruction


@dataclass(frozen=True)
class Form:
    """How one instruction is spelled."""

    value: Callable
    pull: Callable
    index: Callable | None = None


def _alone(value: Callable, pull: Callable, index: Callable | None = None) -> Form:
    """A row with one operand, a vector."""
    def pulled(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
        known = [0.0 if e is None else e for e in v] if isinstance(v, list) else v
        return [pull(put, k, xs[0], y, known, params, tie)]

    return Form(
        lambda put, k, xs, params, tie: value(put, k, xs[0], params, tie), pulled,
        index and (lambda put, k, xs, y, params, tie: index(put, k, xs[0], y, params, tie)))


def _condition(xs: list[Any], params: dict) -> Any:
    if params["relation"] not in RELATIONS:
        raise Unspelled(f"the relation {params['relation']!r}, which is none of {', '.join(RELATIONS)}")
    return RELATIONS[params["relation"]](xs[0], name("0"))


def _where_value(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> Any:
    return put(f"x{k}", where(_condition(xs, params), xs[1], xs[2]))


def _where_index(put: Put, k: int, xs: list[Any], y: Any, params: dict, tie: str) -> Any:
    return put(f"s{k}", where(_condition(xs, params), name("1"), name("0")))


def _where_pull(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    taken = np.equal(_where_index(put, k, xs, y, params, tie), name("1"))
    return [None, times(where(taken, 1.0, 0.0), v), times(where(taken, 0.0, 1.0), v)]


def _entries(x: Any) -> list[Any]:
    return x if isinstance(x, list) else list(np.reshape(x, -1))


def _join(put: Put, k: int, xs: list[Any], params: dict, tie: str) -> list[Any]:
    return [e for x in xs for e in _entries(x)]


def _part(put: Put, k: int, xs: list[Any], y: Any, v: list[Any], params: dict, tie: str) -> list[Any]:
    ends = np.cumsum([len(_entries(x)) for x in xs])
    return [v[end - len(_entries(x)) : end] for x, end in zip(xs, ends, strict=True)]


def _place(put: Put, k: int, xs: list[Any], y: Any, v: Any, params: dict, tie: str) -> list[Any]:
    return [[v if n == params["key"][0] else None for n in range(len(xs[0]))]]


FORMS: dict[str, Form] = {
    # names change hands, and no line is needed
    "reshape": Form(lambda put, k, xs, params, tie: [xs[0]], lambda put, k, xs, y, v, params, tie: [v[0]]),
    "concatenate": Form(_join, _part),
    "slice": Form(lambda put, k, xs, params, tie: xs[0][params["key"][0]], _place),
    "constant": Form(lambda put, k, xs, params, tie: params["value"], lambda put, k, xs, y, v, params, tie: [None]),
    "where": Form(_where_value, _where_pull, _where_index),
    "max": _alone(*vectors.extreme("larger")),
    "min": _alone(*vectors.extreme("smaller")),
    "max_pool": _alone(*vectors.pool("larger")),
    "median": _alone(vectors.median_value, vectors.median_pull, vectors.median_index),
    "sort": _alone(vectors.sort_value, vectors.sort_pull, vectors.sort_index),
    "logsumexp": _alone(vectors.logsumexp_value, vectors.logsumexp_pull),
    "softmax": _alone(vectors.softmax_value, vectors.softmax_pull),
}


def form_of(i: Instruction) -> Form | None:
    """The form of an instruction whose row stands in the tables, if it is one of these."""
    return FORMS.get(i.op) if ROWS.get(i.op) is i.row else None
