"""What rests on what, laid out: ranks from left to right, few crossings, the same picture every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import Any

from selgrad.statements.table import Statement

SHORT = {
    "Definition": "Def.", "Proposition": "Prop.", "Theorem": "Thm.", "Algorithm": "Alg.", "Lemma": "Lemma",
    "Equation": "Eq.", "Remark": "Rem.", "Illustration": "Ill.", "Figure": "Fig.",
}
SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """Places of the statements and bends of the edges: x is the rank, y from 0 to 1, both from the left and the top."""

    places: dict[str, tuple[float, float]]
    edges: dict[tuple[str, str], list[tuple[float, float]]]
    ranks: int
    rows: int


def short(id: str) -> str:
    """The id as it fits into a box.

    >>> short("Proposition 6"), short("Remark after Proposition 3"), short("Clarke's subdifferential")
    ('Prop. 6', 'Rem. 3', 'Clarke')
    """
    first, _, rest = id.partition(" ")
    if id == "Remark after Proposition 3":
        return "Rem. 3"
    if first in SHORT:
        return f"{SHORT[first]} {rest}"
    return {"Operator A": "A", "Program": "program", "Field D_P": "D_P", "Essential index set": "S_E",
            "Clarke's subdifferential": "Clarke", "Artificial critical point": "artificial"}.get(id, id)


def edges(statements: Mapping[str, Statement]) -> list[tuple[str, str]]:
    """(from, to): `to` rests on `from`, in the order of the paper."""
    return [(below, s.id) for s in statements.values() for below in s.rests_on]


def ancestors(statements: Mapping[str, Statement]) -> dict[str, set[str]]:
    """All that each statement rests on, directly or not. Raises graphlib.CycleError for a circle."""
    found: dict[str, set[str]] = {}
    for id in TopologicalSorter({s.id: s.rests_on for s in statements.values()}).static_order():
        below = statements[id].rests_on
        found[id] = set(below).union(*(found[b] for b in below))
    return found


def layout(statements: Mapping[str, Statement]) -> Layout:
    """A layered drawing: the rank is the longest way from a statement that rests on nothing.

    Edges over several ranks get a bend in each; the order within a rank is swept to the mean of the neighbours.
    """
    order = list(TopologicalSorter({s.id: s.rests_on for s in statements.values()}).static_order())
    number = {id: n for n, id in enumerate(statements)}
    rank = {}
    for id in order:
        rank[id] = 1 + max((rank[b] for b in statements[id].rests_on), default=-1)
    # what rests on nothing stands just before its first use
    for id in order:
        uses = [rank[s.id] for s in statements.values() if id in s.rests_on]
        if not statements[id].rests_on and uses:
            rank[id] = min(uses) - 1
    chains = {edge: _chain(edge, rank) for edge in edges(statements)}
    layers: list[list] = [[] for _ in range(max(rank.values()) + 1)]
    for id in sorted(rank, key=number.__getitem__):
        layers[rank[id]].append(id)
    for chain in chains.values():
        for bend in chain[1:-1]:
            layers[bend[1]].append(bend)
    up, down = _neighbours(chains.values())
    for sweep in range(SWEEPS):
        neighbours, sequence = (up, layers[1:]) if sweep % 2 == 0 else (down, layers[-2::-1])
        place = {node: n / max(len(layer) - 1, 1) for layer in layers for n, node in enumerate(layer)}
        for layer in sequence:
            mean = {node: sum(place[m] for m in neighbours[node]) / len(neighbours[node]) if neighbours.get(node)
                    else place[node] for node in layer}
            layer.sort(key=lambda node: (mean[node], place[node]))
            place |= {node: n / max(len(layer) - 1, 1) for n, node in enumerate(layer)}
    rows = max(map(len, layers))
    at = {node: (float(r), (n + 0.5) / len(layer)) for r, layer in enumerate(layers) for n, node in enumerate(layer)}
    return Layout({id: at[id] for id in statements}, {e: [at[n] for n in chain] for e, chain in chains.items()},
                  len(layers), rows)


def _chain(edge: tuple[str, str], rank: Mapping[str, int]) -> list:
    return [edge[0], *((edge, r) for r in range(rank[edge[0]] + 1, rank[edge[1]])), edge[1]]


def _neighbours(chains: Any) -> tuple[dict, dict]:
    up: dict = {}
    down: dict = {}
    for chain in chains:
        for a, b in pairwise(chain):
            up.setdefault(b, []).append(a)
            down.setdefault(a, []).append(b)
    return up, down
