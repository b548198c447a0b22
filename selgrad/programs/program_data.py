"""Programs as data: instructions, guards and P = (p, q, m, pr, G) of Section 3, with arrays for nodes.

Nodes count from 0: the inputs come first, then one node per instruction. (The paper counts from 1.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any, NoReturn

import numpy as np

from selgrad.errors import InputError
from selgrad.primitives import ROWS, Convention, Row
from selgrad.programs.trees import Structure, count


def place(where: tuple[str, int] | None) -> str:
    """The user's file and line, as a message ends with them."""
    return f" ({where[0]}:{where[1]})" if where else ""


def frozen(value: Any) -> Any:
    """The same value where nothing can change it: arrays read-only and their own, lists as tuples, dicts as Params."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable or value.base is not None:  # a read-only view changes with what it is a view of
            value = value.copy()
            value.setflags(write=False)
        return value
    if type(value) in (list, tuple):
        return tuple(frozen(part) for part in value)
    return Params(value) if type(value) is dict else value


class Params(dict[str, Any]):
    """The parameters of an instruction: a dict that cannot be changed, nor can the arrays in it."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, value in self.items():
            if type(value) in (np.ndarray, list, tuple, dict):
                super().__setitem__(name, frozen(value))

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A program is frozen data: build a new Instruction with other parameters.")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return Params, (dict(self),)


NO_PARAMS = Params()


@dataclass(frozen=True, slots=True, eq=False)
class Instruction:
    """One line x_k = g_k(x_pr(k)): the operation, its operands, its parameters, its shape.

    An operand is the number of an earlier node (an int) or a constant (a float or a read-only
    array). `where` is the user's file and line. `rule` is a tie rule of this line's own, which goes before
    any convention; `row` is the row of the operation, found by its name unless it is given (a primitive
    of the user's). Raises InputError for a name that stands in no table.
    """

    op: str
    operands: tuple[Any, ...]
    params: dict[str, Any]
    shape: tuple[int, ...]
    where: tuple[str, int] | None = None
    rule: str | None = None
    row: Row = field(default=None, repr=False)  # type: ignore[assignment]
    _reads: tuple[tuple[int, int], ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        if self.row is None:
            if self.op not in ROWS:
                raise InputError(f"An instruction names an unknown primitive {self.op!r}: no table has such a row.")
            object.__setattr__(self, "row", ROWS[self.op])
        if self.rule is not None:
            if not self.row.kinked:
                raise InputError(f"An instruction {self.op} has the tie rule {self.rule!r}, but nothing ties there.")
            self.row.check_rule(self.rule)  # type: ignore[attr-defined]
        if type(self.params) is not Params:
            object.__setattr__(self, "params", Params(self.params) if self.params else NO_PARAMS)
        if any([type(o) is np.ndarray and o.flags.writeable for o in self.operands]):
            object.__setattr__(self, "operands", tuple(map(frozen, self.operands)))
        object.__setattr__(self, "_reads", tuple([(i, o) for i, o in enumerate(self.operands) if type(o) is int]))

    def __reduce__(self) -> tuple[Any, ...]:
        own = None if ROWS.get(self.op) is self.row else self.row  # a row of the tables is found again by its name
        return Instruction, (self.op, self.operands, self.params, self.shape, self.where, self.rule, own)

    def reads(self) -> tuple[tuple[int, int], ...]:
        """(i, j) for every operand number i that is a node, j: the edges into this line."""
        return self._reads

    @property
    def pr(self) -> tuple[int, ...]:
        """The predecessors pr(k): the nodes this instruction reads."""
        return tuple(j for _, j in self._reads)

    def of(self, nodes: Any) -> list[Any]:
        """The operands, with what `nodes` has for a node, and constants as they are."""
        return [nodes[o] if type(o) is int else o for o in self.operands]

    def is_node(self, i: int) -> bool:
        """Whether operand number i is a node, not a constant."""
        return type(self.operands[i]) is int

    def tie(self, convention: Convention) -> str:
        """The tie rule in force: this line's own, else what the convention says of its row ("": no kink)."""
        return self.row.rule(convention) if self.rule is None else self.rule


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A Python branch: before instruction number `at`, (node relation 0) was `taken`.

    `refused` says why the side that was not taken could not be recorded beside it, if that was asked for.
    """

    node: int
    relation: str
    taken: Any
    at: int
    where: tuple[str, int] | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The record of Algorithm 1: x_0, ..., x_(m-1), the indices s_k, and the batch shape."""

    values: list[Any]
    indices: list[Any]
    batch: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ProgramData:
    """The data of a program P = (p, q, m, pr, G), validated: what every meaning reads (Section 3).

    `p` and `q` count scalar inputs and outputs, `m` the scalars in memory. Raises InputError when the data
    is no program.
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

    def line(self, k: int) -> Instruction:
        """The instruction that defines node k."""
        return self.instructions[k - len(self.input_shapes)]

    def lines(self) -> Iterator[tuple[int, Instruction]]:
        """The instructions with the number k of the node each defines."""
        return enumerate(self.instructions, len(self.input_shapes))

    def leaves_log_exp(self) -> tuple[int, ...]:
        """The instructions that are not log-exp elementary (sin and cos), by node number."""
        return tuple(k for k, i in self.lines() if not i.row.facts.log_exp)

    def leaves_selections(self) -> tuple[int, ...]:
        """The instructions whose derivative is no selection derivative (stop_gradient), by node number."""
        return tuple(k for k, i in self.lines() if i.row.facts.stopped)

    def kinked(self) -> tuple[int, ...]:
        """The instructions that have kinks, by node number."""
        return tuple(k for k, i in self.lines() if i.row.kinked)

    def __repr__(self) -> str:
        return f"Program(p={self.p}, q={self.q}, m={self.m})"
