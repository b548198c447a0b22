"""How each thing in an application's picture looks, by the role it plays: one table for matplotlib and for the front.

Of a line: `stroke`, `width` in points and `dash` in multiples of the width. Of points: `marker` (o s + x P), `size` in
points, `fill` and `stroke`. Of an area: `fill` and `opacity`.
"""

from __future__ import annotations

from typing import Any

from selgrad.plotting.planes import AD_SET, CLARKE_OUTER, CLARKE_SET, LISTED_SET, WALL, ZERO
from selgrad.plotting.styles import AD_VALUE, BESIDE_KINK, DERIVATIVE, FUNCTION, PALETTE

Look = dict[str, Any]
WHITE = "#ffffff"
DASHES = {"-": None, ":": [1, 1.65], "-.": [6.4, 1.6, 1, 1.6], "--": [3.7, 1.6]}  # as matplotlib has them


def hexadecimal(colour: str) -> str:
    """A colour as a page reads it.

    >>> hexadecimal("0.5"), hexadecimal("white"), hexadecimal("#0072B2")
    ('#808080', '#ffffff', '#0072b2')
    """
    from matplotlib.colors import to_hex

    return to_hex(colour)


def look(style: dict[str, Any], **more: Any) -> Look:
    """The look that a matplotlib style describes, and more.

    >>> look(dict(color="#0072B2", linestyle=(0, (3, 1)), linewidth=1.5))
    {'stroke': '#0072b2', 'width': 1.5, 'dash': [3, 1]}
    """
    found: Look = {}
    line = style.get("linestyle", "-")
    if "marker" in style:
        edge = style.get("markeredgecolor", style.get("color", "black"))
        found |= {"marker": style["marker"], "size": style["markersize"], "stroke": hexadecimal(edge),
                  "fill": hexadecimal(style.get("markerfacecolor", style.get("color", "black"))),
                  "width": style.get("markeredgewidth", 1.0)}
    else:
        dash = list(line[1]) if isinstance(line, tuple) else DASHES[line]
        found |= {"stroke": hexadecimal(style["color"]), "width": style.get("linewidth", 1.3), "dash": dash}
    return {**found, **more}


def line(colour: str, width: float, pattern: str = "-", **more: Any) -> Look:
    """A line of a colour, a width and one of matplotlib's patterns."""
    return look({"color": colour, "linewidth": width, "linestyle": pattern}, **more)


def points(marker: str, size: float, fill: str, stroke: str, width: float = 1.0) -> Look:
    """Points of one form."""
    return {"marker": marker, "size": size, "fill": hexadecimal(fill), "stroke": hexadecimal(stroke), "width": width}


RED, GREEN, BLUE, BLACK = (PALETTE[name] for name in ("vermillion", "green", "blue", "black"))

LOOKS: dict[str, Look] = {
    # graphs of one variable
    "function": look(FUNCTION),
    "derivative": look(DERIVATIVE),
    "ad-value": look(AD_VALUE, size=6.5),
    "beside-kink": look(BESIDE_KINK, size=6.5),
    "axis": line("0.8", 0.8),
    "at": line("0.45", 1.0, ":"),
    "piece-0": line("0.45", 1.0, "-."),
    "piece-1": line("0.45", 1.6, ":"),
    "wanted": points("o", 9, WHITE, RED, 1.6),
    # the plane of a program, and the plane of its derivatives
    "wall": look(WALL, width=1.2),
    "point": points("o", 7, BLACK, BLACK),
    "ad-set": look(AD_SET, width=6, dash=None),
    "ad-set-area": {"fill": PALETTE["orange"], "opacity": 0.22},
    "listed-set": look(LISTED_SET),
    "clarke-inner": look(CLARKE_SET, width=1.8),
    "clarke-inner-area": {"fill": PALETTE["blue"], "opacity": 0.18},
    "clarke-outer": look(CLARKE_OUTER, width=2.6),
    "clarke-outer-area": {"fill": PALETTE["sky"], "opacity": 0.18},
    "ad-set-point": points("o", 19, PALETTE["orange"], PALETTE["orange"]),  # sets of one point lie inside each other
    "clarke-outer-point": points("o", 16.5, PALETTE["sky"], WHITE),
    "clarke-inner-point": points("o", 14.5, PALETTE["blue"], WHITE),
    "ad-gradient": points("o", 11, RED, RED),
    "zero": look(ZERO, size=9, width=1.6),
    # curves and integrals along them
    "curve": line(GREEN, 2.2),
    "curve-point": points("o", 7, GREEN, GREEN),
    "crossing": points("o", 4.5, WHITE, "0.25"),
    "growth": line(BLUE, 3.0),
    "integral": look(AD_SET, width=1.8),
    "between": {"fill": "#FAE7C4", "opacity": 1.0},
    # descent
    "start": points("P", 10, GREEN, WHITE),
    "trapped": points("s", 5, RED, WHITE, 0.6),
    "preimage-first": line(BLACK, 1.2),
    "preimage": line("0.35", 0.6),
    "beside-preimage": line(RED, 1.4),
    "trap": line(RED, 1.0, "--"),
    "trap-point": points("s", 8, RED, WHITE),
    "minimum": line("0.6", 1.0, ":"),
    "path": line(GREEN, 0.9, opacity=0.6),
    "path-first": line(GREEN, 1.8),
    "iterate": points("o", 4, GREEN, GREEN),
    # words in a picture
    "words": {"fill": "#333333", "size": 10},
    "letter": {"fill": "#111111", "size": 12, "weight": "bold"},
    # colours between the ends of a scale
    "heat": {"stops": ["#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c",
                       "#08306b"]},
    # graphs of programs
    "node-plain": {"fill": WHITE, "stroke": "#595959", "width": 0.9, "box": True},
    "node-input": {"fill": "#e8f1f8", "stroke": "#595959", "width": 0.9, "box": True},
    "node-kink": {"fill": "#fdebd0", "stroke": "#595959", "width": 0.9, "box": True},
    "node-output": {"stroke": BLACK, "width": 2.0, "box": True},
    "lit": {"stroke": RED, "width": 2.6},
    "edge": line("0.55", 1.0),
}
