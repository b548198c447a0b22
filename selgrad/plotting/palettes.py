"""Palettes: the colours of the screen, and the same hues in clearly different lightness for print in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import Collection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text

from selgrad.plotting.styles import PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PRINT = {  # a grey printer leaves their lightness, which is spread out from 0 to 85
    "black": "#000000",
    "blue": "#00325A",
    "vermillion": "#C24A00",
    "green": "#00664B",
    "purple": "#BC83A5",
    "orange": "#DE9F2B",
    "sky": "#5FA3CC",
    "yellow": "#EBDD6A",
}


def printed(colour: Any) -> tuple[float, float, float, float]:
    """A colour of the screen as it is printed: the palette's own, its tints with white, and greys as they are."""
    *rgb, opacity = to_rgba(colour)
    c = np.array(rgb)
    if np.ptp(c) < 0.01:
        return rgb[0], rgb[1], rgb[2], opacity
    best = (np.inf, c)
    for name, screen in PALETTE.items():
        away = 1 - np.array(to_rgb(screen))
        share = float(np.clip((1 - c) @ away / (away @ away), 0, 1))  # of the colour, the rest is white
        miss = float(np.abs(1 - share * away - c).max())
        if miss < best[0]:
            best = (miss, 1 - share * (1 - np.array(to_rgb(PRINT[name]))))
    r, g, b = best[1].tolist()
    return r, g, b, opacity


def recolour(figure: Figure, palette: str) -> None:
    """Give everything in a figure the colours of a palette, "screen" (as it was drawn) or "print"."""
    if palette == "screen":
        return
    for artist in figure.findobj():
        if isinstance(artist, Line2D):
            names = ["color", "markeredgecolor", "markerfacecolor"]
        elif isinstance(artist, Patch):
            names = ["edgecolor", "facecolor"]
        elif isinstance(artist, Text):
            names = ["color"]
        elif isinstance(artist, Collection) and artist.get_array() is None:
            artist.set_facecolor([printed(c) for c in artist.get_facecolor()])
            artist.set_edgecolor([printed(c) for c in artist.get_edgecolor()])
            continue
        else:
            continue
        if isinstance(artist, Annotation) and artist.arrow_patch is not None:
            arrow = artist.arrow_patch
            arrow.set_facecolor(printed(arrow.get_facecolor()))
            arrow.set_edgecolor(printed(arrow.get_edgecolor()))
        seen = {name: getattr(artist, f"get_{name}")() for name in names}
        for name, colour in seen.items():
            if not (isinstance(colour, str) and colour == "none"):
                getattr(artist, f"set_{name}")(printed(colour))
