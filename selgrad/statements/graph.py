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
    """Places of the statements and bends of the edges: x is the rank, from the left, y the row, from the top."""

    places: dict[str, tuple[float, float]]
    edges: dict[tuple[str, str], list[tuple[float, float]]]
    ranks: int
    rows: float


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


def reduced(statements: Mapping[str, Statement]) -> list[tuple[str, str]]:
    """The edges that no longer way replaces: what is drawn."""
    below = ancestors(statements)
    return [(a, b) for a, b in edges(statements) if not any(a in below[c] for c in statements[b].rests_on)]


def layout(statements: Mapping[str, Statement]) -> Layout:
    """A layered drawing: each statement stands right of all that it rests on.

    Edges over several ranks get a bend in each; the order within a rank is swept to the mean of the neighbours, and
    then the heights are, with one row between boxes.
    """
    drawn, rank = reduced(statements), _ranks(statements)
    chains = {edge: _chain(edge, rank) for edge in drawn}
    layers: list[list] = [[] for _ in range(max(rank.values()) + 1)]
    for id in statements:
        layers[rank[id]].append(id)
    for chain in chains.values():
        for bend in chain[1:-1]:
            layers[bend[1]].append(bend)
    up, down = _neighbours(chains.values())
    for sweep in range(SWEEPS):
        neighbours, sequence = (up, layers[1:]) if sweep % 2 == 0 else (down, layers[-2::-1])
        place = {node: n / max(len(layer) - 1, 1) for layer in layers for n, node in enumerate(layer)}
        for layer in sequence:
            wanted = {node: _mean(place, neighbours.get(node, ()), node) for node in layer}
            layer.sort(key=lambda node: (wanted[node], place[node]))
            place |= {node: n / max(len(layer) - 1, 1) for n, node in enumerate(layer)}
    height = {node: float(n) for layer in layers for n, node in enumerate(layer)}
    for _ in range(SWEEPS):
        for layer in layers:
            wanted = [_mean(height, [*up.get(node, ()), *down.get(node, ())], node) for node in layer]
            height |= dict(zip(layer, _apart(wanted, [_half(node) for node in layer]), strict=True))
    low = min(height.values())
    at = {node: (float(r), height[node] - low) for r, layer in enumerate(layers) for node in layer}
    return Layout({id: at[id] for id in statements}, {e: [at[n] for n in chain] for e, chain in chains.items()},
                  len(layers), max(y for _, y in at.values()))


def _ranks(statements: Mapping[str, Statement]) -> dict[str, int]:
    """The longest way from what rests on nothing; then to the right, where that makes edges shorter."""
    order = list(TopologicalSorter({s.id: s.rests_on for s in statements.values()}).static_order())
    rank: dict[str, int] = {}
    for id in order:
        rank[id] = 1 + max((rank[b] for b in statements[id].rests_on), default=-1)
    for id in reversed(order):
        uses = [rank[s.id] for s in statements.values() if id in s.rests_on]
        if uses and len(uses) >= len(statements[id].rests_on):
            rank[id] = min(uses) - 1
    return rank


def _mean(place: Mapping, nodes: Any, otherwise: Any) -> float:
    return sum(place[n] for n in nodes) / len(nodes) if nodes else place[otherwise]


def _half(node: Any) -> float:
    """Half of the rows that a node takes: a box one row, a bend less."""
    return 0.5 if isinstance(node, str) else 0.3


def _apart(wanted: list[float], half: list[float]) -> list[float]:
    """The heights nearest to those wanted, in their order, with room for each (pool adjacent violators)."""
    offsets = [0.0]
    for a, b in pairwise(half):
        offsets.append(offsets[-1] + a + b)
    blocks: list[list[float]] = []  # mean and size
    for w, o in zip(wanted, offsets, strict=True):
        blocks.append([w - o, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (m, n), (k, l) = blocks[-2], blocks[-1]
            blocks[-2:] = [[(m * n + k * l) / (n + l), n + l]]
    flat = [m for m, n in blocks for _ in range(int(n))]
    return [m + o for m, o in zip(flat, offsets, strict=True)]


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
