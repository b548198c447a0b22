"""The graph of a program in the plane, with room for what is known at its nodes and along its edges.

Lengths are pixels at a type size of 13, y runs upwards. A long program is folded: what follows stands in a further
row below and runs back, so that the type stays large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from selgrad.errors import TooLarge
from selgrad.plotting.dag import MOST_NODES, layers, positions
from selgrad.programs.program import Program

Point = tuple[float, float]
Edge = tuple[int, int]

LETTER, LINE, PAD = 6.7, 17.0, 7.0  # the width of a letter, the height of a line, what a box has around its text
SLOPE = (54.0, 15.0)  # the size of a number beside an edge
BESIDE, BELOW = 50.0, 14.0  # between boxes
PASSING = 0.35  # the room for an edge that passes a layer, as a part of that for a node
TURN = 70.0  # for edges that go on in the next row
BEST = (850.0, 430.0)  # what is seen of it at once
FINE = 10  # pieces of a curve between two layers


@dataclass(frozen=True)
class Graph:
    """Where things stand: the middles of nodes, curves and numbers by edge (j, k); the size of a box and of all."""

    nodes: list[Point]
    edges: dict[Edge, list[Point]]
    slopes: dict[Edge, Point]
    box: Point
    size: Point


def arranged(P: Program, letters: int, lines: int) -> Graph:
    """The graph of P with boxes for so many lines of so many letters. Raises TooLarge beyond 60 nodes.

    >>> import selgrad as sg
    >>> found = arranged(sg.trace(lambda t: sg.relu(-t) + t, 0.0), letters=12, lines=3)
    >>> [x for x, _ in found.nodes] == sorted(x for x, _ in found.nodes), sorted(found.edges)
    (True, [(0, 1), (0, 3), (1, 2), (2, 3)])
    """
    if len(P.shapes) > MOST_NODES:
        raise TooLarge(f"A drawing of {len(P.shapes)} nodes is unreadable; {MOST_NODES} is the most.")
    box = (LETTER * letters + 2 * PAD, LINE * lines + 2 * PAD)
    # in one row it reads best, even where it is a little smaller
    fold = min((Fold(P, box, rows) for rows in range(1, 5)), key=lambda fold: fold.shrinks + 0.15 * len(fold.tall))
    nodes = [fold.at(*place) for place in fold.places]
    edges = {}
    for (j, k), route in fold.routes.items():
        edges[j, k] = [nodes[j], *(p for a, b in pairwise(route) for p in fold.between(a, b))]
    return Graph(nodes, edges, _beside(nodes, edges, box), box, fold.size)


class Fold:
    """Places (layer, height) in the plane: `rows` of layers, one below the other, that run to the right and back."""

    def __init__(self, P: Program, box: Point, rows: int):
        depth = layers(P)
        at, routes = positions(P)
        slots = {(float(d), y): 1.0 for d, (_, y) in zip(depth, at)}
        for points in routes.values():
            slots |= {point: PASSING for point in points if point not in slots}
        self.columns = -(-(max(depth) + 1) // rows)
        self.cell = (box[0] + BESIDE, box[1] + BELOW)
        self.turn = TURN if self.columns <= max(depth) else 0.0
        self.reach = (box[0] / 2 + 0.9 * self.turn) / 0.75  # of the control points where an edge turns
        self.tall = [0.0] * (max(depth) // self.columns + 1)
        place: dict[Point, tuple[int, float]] = {}
        for layer in range(max(depth) + 1):
            here = sorted(((y, room) for (d, y), room in slots.items() if d == layer), reverse=True)
            top = sum(room for _, room in here) / 2
            row = layer // self.columns
            self.tall[row] = max(self.tall[row], 2 * top * self.cell[1])
            for y, room in here:
                place[float(layer), y] = layer, top - room / 2
                top -= room
        self.places = [place[float(d), y] for d, (_, y) in zip(depth, at)]
        self.routes = {edge: [place[point] for point in points] for edge, points in routes.items()}
        self.size = (self.cell[0] * self.columns - BESIDE + 2 * self.turn, sum(self.tall))
        self.shrinks = max(1.0, *(size / best for size, best in zip(self.size, BEST)))

    def at(self, layer: int, height: float) -> Point:
        """Where it stands."""
        row, column = divmod(layer, self.columns)
        if row % 2:
            column = self.columns - 1 - column
        middle = self.size[1] - sum(self.tall[:row]) - self.tall[row] / 2
        return self.turn + (column + 0.5) * self.cell[0] - BESIDE / 2, middle + height * self.cell[1]

    def between(self, a: tuple[int, float], b: tuple[int, float]) -> Iterator[Point]:
        """A smooth curve from a place to one in the next layer: horizontal at both, and round the end of a row."""
        (x0, y0), (x1, y1) = self.at(*a), self.at(*b)
        row, after = a[0] // self.columns, b[0] // self.columns
        bend = (x0 + x1) / 2 if row == after else x0 + (-1) ** row * self.reach
        for n in range(1, FINE + 1):
            t = n / FINE
            start, end = (1 - t) ** 3 + 3 * t * (1 - t) ** 2, t**3 + 3 * t * t * (1 - t)
            yield (1 - t) ** 3 * x0 + 3 * t * (1 - t) * bend + t**3 * x1, start * y0 + end * y1


def _beside(nodes: list[Point], edges: dict[Edge, list[Point]], box: Point) -> dict[Edge, Point]:
    """A place on every edge for a number: on no box, on no other number, and near the node that the edge leads to."""
    taken = [(*node, *box) for node in nodes]
    found: dict[Edge, Point] = {}
    for edge, points in sorted(edges.items(), key=lambda item: len(item[1])):
        places = [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for (x0, y0), (x1, y1) in pairwise(points)
                  for t in (0.0, 0.25, 0.5, 0.75)]
        others = [p for e, more in edges.items() if e != edge for p in more]

        def cost(place: Point, points: list[Point] = points, others: list[Point] = others) -> float:
            hidden = sum(_overlap((*place, *SLOPE), other) for other in taken)
            crossed = sum(abs(x - place[0]) < SLOPE[0] / 2 and abs(y - place[1]) < SLOPE[1] for x, y in others)
            return 1e3 * hidden + 40 * crossed + abs(place[0] - points[-1][0]) + abs(place[1] - points[-1][1])

        found[edge] = min(places, key=cost)
        taken.append((*found[edge], *SLOPE))
    return found


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """The area that two boxes (x, y, width, height) share."""
    wide = (a[2] + b[2]) / 2 - abs(a[0] - b[0])
    high = (a[3] + b[3]) / 2 - abs(a[1] - b[1])
    return max(wide, 0.0) * max(high, 0.0)
