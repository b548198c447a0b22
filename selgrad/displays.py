"""How objects show themselves in a notebook: tables, and small pictures of sets on a line or in a plane.

Text, and SVG as an image on a white card, which a dark theme and an untrusted notebook show too. What goes on an axes
of Matplotlib are the `plot` methods of the objects themselves.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT, EDGE = 220, 150, 24
LINE = 22  # from one set on a line to the next
MARK = 4  # half the height of the ticks on an axis
CARD = "background: white; border-radius: 6px; width: fit-content; max-width: 100%; overflow: hidden;"
"""How a picture lies on a page, so that it is readable on a dark one."""


@dataclass(frozen=True)
class Shape:
    """A convex set for a picture: its vertices in order, (k, 1) or (k, 2), a colour and its name."""

    points: np.ndarray
    colour: str
    name: str


@dataclass(frozen=True)
class Spot:
    """A point for a picture, (1,) or (2,): a disc, or a plus if `cross`."""

    point: np.ndarray
    colour: str
    name: str
    cross: bool = False


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """An HTML table of texts, all escaped.

    >>> table(["a"], [["1 < 2"]])
    '<table><tr><th>a</th></tr><tr><td>1 &lt; 2</td></tr></table>'
    """
    titles = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{above}<tr>{titles}</tr>{body}</table>"


def paragraphs(text: str) -> str:
    """Lines as paragraphs, the word before a colon in the first one in bold."""
    first, *rest = text.split("\n")
    kind, colon, said = first.partition(":")
    lead = f"<b>{escape(kind)}</b>{colon}{escape(said)}" if colon else escape(first)
    return "".join(f"<p>{line}</p>" for line in (lead, *map(escape, rest)))


def picture(shapes: Sequence[Shape], spots: Sequence[Spot] = (), label: str = "") -> str:
    """An SVG of sets of derivatives: bars below each other on a line, or polygons in a plane; `label` in words."""
    every = np.concatenate([np.reshape(s.points, (len(s.points), -1)) for s in shapes]
                           + [np.reshape(s.point, (1, -1)) for s in spots]).astype(float)
    low, high = every.min(axis=0), every.max(axis=0)
    names = [(s.colour, s.name) for s in (*shapes, *spots)]
    marks = _line(shapes, spots, low, high) if every.shape[1] == 1 else _plane(shapes, spots, low, high)
    tall = (LINE * (len(shapes) + 1) + EDGE if every.shape[1] == 1 else HEIGHT) + 8
    legend = "".join(
        f'<circle cx="10" cy="{tall + 15 * n}" r="4" fill="{colour}"/>'
        f'<text x="20" y="{tall + 4 + 15 * n}">{escape(name)}</text>' for n, (colour, name) in enumerate(names) if name
    )
    height = tall + 15 * sum(bool(name) for _, name in names)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label, quote=True)}" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" fill="currentColor" font-family="sans-serif" font-size="11">{marks}{legend}</svg>'
    )


def svg_image(svg: str, alt: str) -> str:
    """`svg` as an image in HTML: JupyterLab strips what is drawn in the HTML of an untrusted notebook, not images."""
    source = b64encode(svg.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{source}" style="{CARD}"/>'


def shown(shapes: Sequence[Shape], spots: Sequence[Spot], said: str) -> str:
    """The `picture` of sets as an image in HTML, with `said` in words for a reader who cannot see it."""
    return svg_image(picture(shapes, spots, said), said)


def _scale(low: float, high: float, pixels: float) -> tuple[float, float]:
    """(factor, shift) that maps [low, high], or a unit around a single number, onto 0 to `pixels`."""
    middle, half = (low + high) / 2, max((high - low) / 2, 0.5 * (high == low) * max(1.0, abs(high)))
    return pixels / (2 * half), pixels / 2 - middle * pixels / (2 * half)


def _line(shapes: Sequence[Shape], spots: Sequence[Spot], low: np.ndarray, high: np.ndarray) -> str:
    a, b = _scale(float(low[0]), float(high[0]), WIDTH - 2 * EDGE)
    at = lambda x: f"{EDGE + a * float(x) + b:.1f}"
    base = LINE * (len(shapes) + 1)
    marks = f'<line x1="0" x2="{WIDTH}" y1="{base}" y2="{base}" stroke="currentColor"/>'
    ticks = sorted({float(x) for s in shapes for x in np.ravel(s.points)[[0, -1]]} | _within(low, high))
    for x in ticks if len(ticks) <= 5 else (ticks[0], ticks[-1]):
        marks += f'<line x1="{at(x)}" x2="{at(x)}" y1="{base - MARK}" y2="{base + MARK}" stroke="currentColor"/>'
        marks += f'<text x="{at(x)}" y="{base + 17}" text-anchor="middle">{x:.4g}</text>'
    for n, s in enumerate(shapes, 1):
        ends = np.ravel(s.points).astype(float)
        marks += (f'<line x1="{at(ends.min())}" x2="{at(ends.max())}" y1="{LINE * n}" y2="{LINE * n}" '
                  f'stroke="{s.colour}" stroke-width="6" stroke-linecap="round"/>')
    return marks + "".join(_spot(s, at(np.ravel(s.point)[0]), str(base)) for s in spots)


def _within(low: np.ndarray, high: np.ndarray) -> set[float]:
    return {0.0} if low[0] <= 0 <= high[0] else set()


def _plane(shapes: Sequence[Shape], spots: Sequence[Spot], low: np.ndarray, high: np.ndarray) -> str:
    side = HEIGHT - 2 * EDGE
    a = min(_scale(float(x), float(y), side)[0] for x, y in zip(low, high))
    middle = (low + high) / 2

    def at(point: np.ndarray) -> tuple[str, str]:
        x, y = (np.asarray(point, dtype=float) - middle) * a
        return f"{WIDTH / 2 + x:.1f}", f"{HEIGHT / 2 - y:.1f}"

    marks = ""
    if low[0] <= 0 <= high[0] and low[1] <= 0 <= high[1]:
        x, y = at(np.zeros(2))
        marks += f'<path d="M0 {y}H{WIDTH}M{x} 0V{HEIGHT}" stroke="currentColor" stroke-opacity="0.35" fill="none"/>'
    for s in shapes:
        corners = " ".join(",".join(at(p)) for p in s.points)
        marks += (f'<polygon points="{corners}" fill="{s.colour}" fill-opacity="0.2" stroke="{s.colour}" '
                  'stroke-width="2" stroke-linejoin="round"/>')
        marks += "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{s.colour}"/>' for x, y in map(at, s.points))
    return marks + "".join(_spot(s, *at(s.point)) for s in spots)


def _spot(s: Spot, x: str, y: str) -> str:
    if s.cross:
        return f'<path d="M{x} {y}m-6 0h12m-6 -6v12" stroke="{s.colour}" stroke-width="2" fill="none"/>'
    return f'<circle cx="{x}" cy="{y}" r="4.5" fill="{s.colour}"/>'
