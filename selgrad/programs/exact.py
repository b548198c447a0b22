"""Exact mode: programs without exp and log, evaluated over the rationals.

Every float is a dyadic rational, so a program of +, -, *, / and comparisons can be evaluated without
rounding. The same tables of primitives are used: NumPy's object arrays hold the numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.errors import InputError, NotElementary
from selgrad.geometry.rationals import exactly
from selgrad.primitives import ROWS
from selgrad.programs.evaluate import Evaluation, check_domain, check_guard, place
from selgrad.programs.program import Instruction, Program
from selgrad.programs.trees import flatten_like

IRRATIONAL = {
    "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sigmoid", "softplus", "sin", "cos", "elu", "selu",
    "logsumexp", "softmax",
}


def refuse_irrational(P: Program) -> None:
    """Raise NotElementary on the first instruction that has no exact value."""
    for k, instruction in P.lines():
        op, where = instruction.op, place(instruction.where)
        if op in IRRATIONAL or (op == "power" and not np.all(np.equal(instruction.operands[1], np.round(
                np.asarray(instruction.operands[1], dtype=float))))):
            raise NotElementary(f"x{k} = {op}(...){where} is not rational: exact mode takes programs of "
                                "+, -, *, / and kinks only, so leave out exact=True.")
        if op == "hard_sigmoid":
            raise NotElementary(f"x{k} = hard_sigmoid(...){where} has the slope 1/6, which is no float: "
                                "write sg.relu6(t + 3) / 6 for exact mode.")


def evaluate_exactly(P: Program, args: tuple[Any, ...], convention: str = "paper") -> Evaluation:
    """Algorithm 1 over the rationals, for one point (Fractions, integers or floats).

    Raises NotElementary for a program with exp, log or the like, else what `evaluate` raises.
    """
    refuse_irrational(P)
    try:
        leaves = flatten_like(P.in_tree, args)
    except ValueError as problem:
        raise InputError(f"The arguments of {P.name} are not nested as the example it was traced on: {problem}."
                         ) from None
    values: list[Any] = []
    for j, (leaf, shape) in enumerate(zip(leaves, P.input_shapes, strict=True)):
        try:
            values.append(exactly(leaf).reshape(shape))
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"Input x{j} of {P.name} must hold finite rational numbers of shape {shape}, "
                             f"not {leaf!r}.") from None
    indices: list[Any] = [None] * len(values)
    for k, instruction in P.lines():
        for guard in P.guards:
            if guard.at == k:
                check_guard(guard, values[guard.node])
        xs = exact_operands(instruction, values)
        check_domain(instruction, k, xs)
        x, s = ROWS[instruction.op].apply(xs, instruction.params, convention)
        values.append(exactly(x))
        indices.append(s)
    return Evaluation(values, indices, ())


def exact_operands(instruction: Instruction, values: list[Any]) -> list[Any]:
    return [values[o] if type(o) is int else exactly(o) for o in instruction.operands]
