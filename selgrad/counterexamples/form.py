"""What a counter-example is here: a name, the hypotheses it drops, and facts that are computed anew each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import numpy as np

KEPT, LOST, BACK = "still true", "fails", "with it"
"""Roles of a fact: another hypothesis holds; the conclusion fails; with the hypothesis the conclusion is back."""


@dataclass(frozen=True)
class Fact:
    """Something computed, beside what it must be by hand."""

    role: str
    said: str
    value: Any
    expected: Any

    @property
    def holds(self) -> bool:
        """Whether what was computed is what was worked out by hand, exactly."""
        return _plain(self.value) == _plain(self.expected)


def kept(said: str, value: Any, expected: Any) -> Fact:
    """Another hypothesis of the statement holds."""
    return Fact(KEPT, said, value, expected)


def lost(said: str, value: Any, expected: Any) -> Fact:
    """The conclusion of the statement fails."""
    return Fact(LOST, said, value, expected)


def back(said: str, value: Any, expected: Any) -> Fact:
    """With the hypothesis in its place the conclusion holds."""
    return Fact(BACK, said, value, expected)


@dataclass(frozen=True)
class Counterexample:
    """Shows what a hypothesis is there for: everything else is kept, and the conclusion fails.

    drops: pairs (statement, hypothesis), as in `selgrad.statements`. text: what it is. whose: where it is from.
    facts() computes; print() shows them. Source: each says its own, most are ours.
    """

    name: str
    drops: tuple[tuple[str, str], ...]
    text: str
    whose: str
    compute: Callable[[], Iterator[Fact]]

    def facts(self) -> list[Fact]:
        """The facts, computed now."""
        return list(self.compute())

    def __str__(self) -> str:
        by_hypothesis: dict[str, list[str]] = {}
        for statement, hypothesis in self.drops:
            by_hypothesis.setdefault(hypothesis, []).append(statement)
        dropped = "; ".join(f'"{hypothesis}" ({", ".join(said)})' for hypothesis, said in by_hypothesis.items())
        facts = [f"  {fact.role + ':':<12}{fact.said}: {_shown(fact.value)}" for fact in self.facts()]
        return "\n".join([f"Drops {dropped}. Whose: {self.whose}.", self.text, *facts])

    def __repr__(self) -> str:
        return f"Counterexample({self.name!r})"


def against(*drops: tuple[str, str], whose: str = "ours") -> Callable[[Callable[[], Iterator[Fact]]], Counterexample]:
    """Make a Counterexample of a function that yields facts; its docstring is the text."""

    def make(compute: Callable[[], Iterator[Fact]]) -> Counterexample:
        return Counterexample(compute.__name__, drops, cleandoc(compute.__doc__ or ""), whose, compute)

    return make


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _shown(value: Any) -> str:
    value = _plain(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"
    if isinstance(value, list):
        return "none" if not value else ", ".join(f"({_shown(v)})" if isinstance(v, list) else _shown(v) for v in value)
    return str(value)
