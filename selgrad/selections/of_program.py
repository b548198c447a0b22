"""The elementary selection that a program represents, with its product index (Proposition 5)."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import InputError, TooLarge
from selgrad.primitives import Convention, Kinked
from selgrad.programs.evaluate import check_rules
from selgrad.programs.program import Program
from selgrad.selections.selection import Pieces, Selection
from selgrad.tracing import trace
from selgrad.tracing.replay import inline


def selection(P: Program | Callable, x: Any = 0.0, convention: Convention = "paper", limit: int = 2**16) -> Selection:
    """The selection that a small program represents, with its product index (Proposition 5).

    Every kinked instruction contributes its own index; s(x) is their product, in mixed radix. A
    function is traced at x. By Theorem 2 the derivative of this very selection is what AD gives.
    Raises TooLarge above `limit` pieces, InputError unless there is one array input and output.

    >>> import selgrad as sg
    >>> zero = lambda t: sg.relu(-t) + t - sg.relu(t)
    >>> S = selection(zero)
    >>> len(S.pieces), print(S.derivative(0.0), S.field(0.0))
    1.0 conv{-1, 1}
    (4, None)
    """
    P = trace(P, x)
    if len(P.input_shapes) != 1 or len(P.outputs) != 1 or P.guards:
        raise InputError("sg.selection takes a program with one array as input, one as output, and no Python branch.")
    check_rules(P, convention)
    options: dict[int, list[Any]] = {}
    for k, instruction in P.lines():
        row = instruction.row
        if isinstance(row, Kinked):
            shape = instruction.shape
            if not row.elementwise:
                shape = P.shapes[instruction.pr[0]]
            if prod(shape) > 12:
                raise TooLarge(f"x{k} = {instruction.op} acts on {prod(shape)} scalars: sg.selection lists at most 12.")
            options[k] = row.choices(shape, instruction.tie(convention), **instruction.params)
    total = prod(len(choices) for choices in options.values())
    if total > limit:
        raise TooLarge(f"The program has {total} pieces, more than limit={limit}: use a smaller program.")
    numbers = {k: {_key(s): i for i, s in enumerate(choices)} for k, choices in options.items()}

    def index(point: Any) -> int:
        indices = P.evaluate(point, convention=convention).indices
        code = 0
        for k, choices in options.items():
            code = code * len(choices) + numbers[k][_key(indices[k])]
        return code

    def build(code: int) -> Callable:
        digits = _digits(code, [len(c) for c in options.values()])
        chosen = {k: choices[d] for (k, choices), d in zip(options.items(), digits, strict=True)}
        return lambda point: inline(P, point, indices=chosen)

    return Selection(index, Pieces(total, build), P.input_shapes[0], name=P.name)


def _key(s: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.ravel(s))


def _digits(code: int, radices: list[int]) -> list[int]:
    digits = []
    for radix in reversed(radices):
        code, digit = divmod(code, radix)
        digits.append(digit)
    return digits[::-1]
