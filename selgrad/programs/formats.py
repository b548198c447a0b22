"""Floating-point formats: a program with all its constants in one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction


def cast(P: Program, dtype: Any) -> Program:
    """P with its constants in one floating-point format, so that nothing is computed in a wider one."""

    def fixed(o: Any) -> Any:
        return o if type(o) is int else float(o) if np.ndim(o) == 0 else np.asarray(o, dtype=dtype)

    def line(i: Instruction) -> Instruction:
        if "value" not in i.params and all(type(o) is int or type(o) is float for o in i.operands):
            return i
        params = {name: np.asarray(v, dtype=dtype)[()] if name == "value" else v for name, v in i.params.items()}
        return replace(i, operands=tuple(fixed(o) for o in i.operands), params=params)

    with np.errstate(all="ignore"):
        lines = tuple(line(i) for i in P.instructions)
    return Program(P.input_shapes, lines, P.outputs, P.in_tree, P.out_tree, P.guards, P.name)


def float_format(dtype: Any, known: tuple[str, ...]) -> np.dtype:
    """The dtype, if it is one of the known floating-point formats. Raises InputError otherwise."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = None
    if kind is None or kind.name not in known:
        raise InputError(f"Unknown dtype {dtype!r}: choose one of {', '.join(known)}.")
    return kind
