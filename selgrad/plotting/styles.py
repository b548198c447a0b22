"""The one look of every selgrad picture: colours, line styles and fonts, whatever the user's own settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib.style

STYLE_FILE = Path(__file__).with_name("selgrad.mplstyle")

WIDTH = 5.5
"""Width of a figure in inches: the text width of the paper."""

PALETTE = {  # Okabe and Ito's colours, which stay apart for colour-blind readers
    "black": "#000000",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
}

# What a line means is said twice, by its colour and by its pattern or marker.
FUNCTION: dict[str, Any] = {"color": PALETTE["blue"], "linestyle": "-", "linewidth": 2.0, "zorder": 2}
DERIVATIVE: dict[str, Any] = {
    "color": PALETTE["vermillion"],
    "linestyle": (0, (3.2, 1.6)),
    "linewidth": 1.3,
    "zorder": 3,
}
_POINT: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.5,
    "markeredgecolor": PALETTE["vermillion"],
    "markeredgewidth": 1.0,
    "clip_on": False,
}
AD_VALUE = _POINT | {"markerfacecolor": PALETTE["vermillion"], "zorder": 5}
BESIDE_KINK = _POINT | {"markerfacecolor": "white", "zorder": 4}


def style() -> AbstractContextManager[None]:
    """Context in which figures are made *and* saved: matplotlib's defaults, then `selgrad.mplstyle`."""
    return matplotlib.style.context(STYLE_FILE, after_reset=True)
