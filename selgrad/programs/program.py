"""Programs as data: P = (p, q, m, pr, G) of Section 3, with arrays for nodes.

Nodes count from 0: the inputs come first, then one node per instruction. (The paper counts from 1.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.primitives import ROWS
from selgrad.programs import listing
from selgrad.programs.evaluate import Evaluation, evaluate
from selgrad.programs.trees import Structure, count, unflatten


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One line x_k = g_k(x_pr(k)): the operation, its operands, its parameters, its shape.

    An operand is the number of an earlier node (an int) or a constant (a float or a read-only
    array). `where` is the user's file and line.
    """

    op: str
    operands: tuple[Any, ...]
    params: dict[str, Any]
    shape: tuple[int, ...]
    where: tuple[str, int] | None = None

    @property
    def pr(self) -> tuple[int, ...]:
        """The predecessors pr(k): the nodes this instruction reads."""
        return tuple(o for o in self.operands if type(o) is int)


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A Python branch: before instruction number `at`, (node relation 0) was `taken`."""

    node: int
    relation: str
    taken: Any
    at: int
    where: tuple[str, int] | None = None


@dataclass(frozen=True, eq=False)
class Program:
    """A program P = (p, q, m, pr, G): frozen, validated data (Section 3).

    `P(*args)` runs Algorithm 1; arguments may carry leading batch axes. `p` and `q` count scalar
    inputs and outputs, `m` the scalars in memory. Raises InputError when the data is no program.

    >>> import selgrad as sg
    >>> sg.trace(lambda t: sg.relu(-t) + t, 0.0)
    Program(p=1, q=1, m=4)
    """

    input_shapes: tuple[tuple[int, ...], ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    in_tree: Structure
    out_tree: Structure
    guards: tuple[Guard, ...] = ()
    name: str = "f"

    def __post_init__(self) -> None:
        first = len(self.input_shapes)
        if first == 0 or not self.outputs:
            raise InputError("A program needs at least one input and one output.")
        for k, instruction in enumerate(self.instructions, first):
            if instruction.op not in ROWS:
                raise InputError(f"Instruction x{k} names an unknown primitive {instruction.op!r}.")
            pr = instruction.pr
            if not pr or not all(0 <= j < k for j in pr):
                raise InputError(
                    f"Instruction x{k} = {instruction.op} reads nodes {pr}: pr(k) must be a nonempty "
                    f"set of earlier nodes (0 to {k - 1})."
                )
        last = first + len(self.instructions)
        if not all(0 <= j < last for j in self.outputs):
            raise InputError(f"The outputs {self.outputs} must be nodes from 0 to {last - 1}.")
        if count(self.out_tree) != len(self.outputs) or count(self.in_tree) != first:
            raise InputError("The nested structure of inputs or outputs does not fit their number.")

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The core shape of every node."""
        return self.input_shapes + tuple(i.shape for i in self.instructions)

    @property
    def p(self) -> int:
        """Number of scalar inputs."""
        return sum(prod(shape) for shape in self.input_shapes)

    @property
    def q(self) -> int:
        """Number of scalar outputs."""
        shapes = self.shapes
        return sum(prod(shapes[k]) for k in self.outputs)

    @property
    def m(self) -> int:
        """Number of scalars in memory, inputs included."""
        return sum(prod(shape) for shape in self.shapes)

    def lines(self) -> Iterator[tuple[int, Instruction]]:
        """The instructions with the number k of the node each defines."""
        return enumerate(self.instructions, len(self.input_shapes))

    def leaves_log_exp(self) -> tuple[int, ...]:
        """The instructions that are not log-exp elementary (sin and cos), by node number."""
        return tuple(k for k, i in self.lines() if not ROWS[i.op].log_exp)

    def kinked(self) -> tuple[int, ...]:
        """The instructions that have kinks, by node number."""
        return tuple(k for k, i in self.lines() if ROWS[i.op].kinked)

    def evaluate(self, *args: Any, convention: str = "paper") -> Evaluation:
        """The record of Algorithm 1: every x_k and the index s_k at every kinked instruction."""
        return evaluate(self, args, convention)

    def __call__(self, *args: Any) -> Any:
        """Algorithm 1."""
        ev = self.evaluate(*args)
        outs = [np.broadcast_to(ev.values[k], ev.batch + self.shapes[k])[()] for k in self.outputs]
        return unflatten(self.out_tree, [np.array(y)[()] for y in outs])

    def __repr__(self) -> str:
        return f"Program(p={self.p}, q={self.q}, m={self.m})"

    def __str__(self) -> str:
        return listing.listing(self)

    def _repr_html_(self) -> str:
        return listing.html(self)
