"""The instructions that act on numbers, as expressions: everything comes from the row.

A formula that is more than one operation becomes a function of the module, named as its row; a kinked row has a second
one, which gives the index s. Two lines of one row with different tie rules call different functions. A row that
stands in no table is the user's: it is called g0, g1, ..., for only our names become names in the source.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from selgrad.compilation.expressions import Expression, Unspelled, choice, name, number
from selgrad.compilation.languages import Function
from selgrad.errors import NotElementary, SelgradError
from selgrad.primitives import ROWS, Convention, Kinked, Row
from selgrad.primitives.convention_names import OTHERWISE, name_of
from selgrad.primitives.rows import Cases
from selgrad.programs.program_data import Instruction, place

FAULTS = (AttributeError, IndexError, KeyError, TypeError, ValueError)  # of a formula that was not made for names
SIGNS = {"<": "below", "=": "mean", ">": "above"}  # a tie rule as part of a name: on which side a tie is put


def refused(k: int, i: Instruction, problem: Exception) -> SelgradError:
    """What to raise where a formula cannot be run on expressions: the instruction is named."""
    if isinstance(problem, SelgradError):
        return problem
    said = f"uses {problem}" if isinstance(problem, Unspelled) else f"cannot be run on names ({problem})"
    return NotElementary(f"x{k} = {i.op}(...){place(i.where)} is not compiled, for its formula {said}: "
                         "use engine='numpy'.")


def shown(convention: Convention) -> str:
    """A convention as a comment says it."""
    if isinstance(convention, str):
        return convention
    own = [f"{op} {rule}" for op, rule in sorted(convention.items()) if op != OTHERWISE]
    return comment(", ".join([*own, f"{OTHERWISE} {name_of(convention)}"]))


def comment(text: str) -> str:
    """Text of the user's as it can stand in a comment, and nowhere else."""
    return re.sub(r"[^ -~]", "?", text)


class Index(Cases):
    """An index s that has a name in the source. `asked` says whether anything was chosen by it."""

    def __init__(self, s: Expression, rule: str):
        super().__init__()
        self.s, self.rule, self.asked = s, rule, False

    def choose(self, options: Any) -> Any:
        """options[s]. The means of two pieces stand last, and s picks them only where the tie rule asks for one."""
        self.asked = True
        return choice(self.s, [number(o) for o in (options if "=" in self.rule else options[: len(self.rule) + 1])])


class Elementwise:
    """The expressions of rows that act on numbers, and the functions that these call."""

    def __init__(self, convention: Convention):
        self.convention = convention
        self.functions: dict[str, Function] = {}
        self._own: list[Row] = []
        self._formulas: dict[Any, Any] = {}

    def value(self, i: Instruction, xs: list[Any]) -> Any:
        """g_k at its operands."""
        key = (i.row, i.rule, *i.params)
        if key not in self._formulas:
            self._formulas[key] = self._formula(i)
        called = self._formulas[key]
        return Expression(called, *xs, *map(_parameter, i.params.values())) if isinstance(called, str) else called(*xs)

    def _formula(self, i: Instruction) -> Any:
        """The name of the function for g_k, or the row's own formula where that is one operation as it stands."""
        row, names = i.row, self._names(i)
        operands, params = self._letters(i, names)
        s = Index(name("s"), i.tie(self.convention))
        formula = partial(row.select, s) if isinstance(row, Kinked) else row.value
        result = number(formula(*operands, **params))
        if not params and isinstance(result, Expression) and result.reads(operands):
            return formula
        called = self._called(i, ruled=s.asked)
        if called not in self.functions:
            body = (("s", Expression(self._index(i), *map(name, names))),) if s.asked else ()
            self.functions[called] = Function(called, names, body, result, self._said(i))
        return called

    def slopes(self, put: Any, k: int, i: Instruction, xs: list[Any], y: Any) -> list[Any]:
        """d_k, one slope an operand; None where no derivative passes."""
        row, at = i.row, (y, *xs)
        if isinstance(row, Kinked):
            s = put(f"s{k}", self.index(i, xs))
            at = (Index(s, i.tie(self.convention)), *at)
        ds = [d(*at, **i.params) if callable(d) else d for d in row.partials]
        return [None if d is None else number(d) for d in ds]

    def index(self, i: Instruction, xs: list[Any]) -> Any:
        """The index s of a kinked row at its operands."""
        return Expression(self._index(i), *xs, *map(_parameter, i.params.values()))

    def _index(self, i: Instruction) -> str:
        """The function s of a kinked row: how many switching functions are positive, and the tie rule."""
        called = f"{self._called(i, ruled=True)}_s"
        if called in self.functions:
            return called
        names, rule = self._names(i), i.tie(self.convention)
        operands, params = self._letters(i, names)
        zs = i.row.switches(*operands, **params)  # type: ignore[attr-defined]
        whole = [name(str(n)) for n in range(3 * len(zs))] + [name("2")]
        passed = whole[0]
        for e, (z, tie) in enumerate(zip(zs, rule, strict=True)):
            beyond = Expression(np.greater_equal if tie == ">" else np.greater, z, whole[0])
            passed = Expression(np.where, beyond, whole[e + 1], passed)
        body = [("s", passed)]
        for e, (z, tie) in enumerate(zip(zs, rule, strict=True)):
            if tie == "=":
                tied = Expression(np.equal, z, whole[0])
                body.append(("s", Expression(np.where, tied, whole[len(zs) + 1 + e], name("s"))))
        for e, both in enumerate(pairwise(rule)):
            if both == ("=", "="):
                tied = Expression(np.logical_and, *(Expression(np.equal, z, whole[0]) for z in zs[e : e + 2]))
                body.append(("s", Expression(np.where, tied, whole[2 * len(zs) + 1 + e], name("s"))))
        by = "its own" if i.rule is not None else shown(self.convention)
        said = "; ".join(filter(None, [f"ties: {rule} ({by})", self._said(i)]))
        self.functions[called] = Function(called, names, tuple(body), name("s"), said)
        return called

    def _called(self, i: Instruction, ruled: bool) -> str:
        """The name of a function; a tie rule that is not the convention's is part of it."""
        if ROWS.get(i.op) is i.row:
            base = i.op
        else:
            if i.row not in self._own:
                self._own.append(i.row)
            base = f"g{self._own.index(i.row)}"
        rule = i.tie(self.convention)
        if not ruled or rule == i.row.rule(self.convention):
            return base
        return "_".join([base, *(SIGNS[sign] for sign in rule)])

    def _said(self, i: Instruction) -> str:
        """The name of a row of the user's."""
        return "" if ROWS.get(i.op) is i.row else comment(i.op)

    def _names(self, i: Instruction) -> tuple[str, ...]:
        """The arguments of a function: a, b, c for the operands, and the parameters by their names."""
        letters = tuple("abcdefgh"[: len(i.operands)])
        if ROWS.get(i.op) is not i.row:
            return (*letters, *(f"p{n}" for n in range(len(i.params))))
        for key in i.params:
            if not key.isidentifier():
                raise Unspelled(f"a parameter {key!r}, which is no name")
        return (*letters, *i.params)

    def _letters(self, i: Instruction, names: tuple[str, ...]) -> tuple[list[Any], dict[str, Any]]:
        letters = [name(letter) for letter in names]
        n = len(i.operands)
        return letters[:n], dict(zip(i.params, letters[n:], strict=True))


def _parameter(value: Any) -> Any:
    if not isinstance(value, int | float | np.number):
        raise Unspelled(f"a parameter {value!r}, which is no number")
    return float(value)
