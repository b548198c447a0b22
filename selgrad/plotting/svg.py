"""SVG to put inside a page: a notebook's output, or an HTML widget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from matplotlib import rc_context

from selgrad.plotting.save import to_bytes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

ALT = "alt text"
KEPT = 16  # grounds of one figure


def inline_svg(svg: bytes) -> str:
    """An SVG file without the lines that only a file may begin with.

    >>> inline_svg(b'<?xml version="1.0"?><!DOCTYPE svg><svg width="1"></svg>')
    '<svg width="1"></svg>'
    """
    text = svg.decode()
    return text[text.index("<svg ") :]


@contextmanager
def keeping_layout(figure: Figure) -> Iterator[None]:
    """Save a figure here and it has no layout engine afterwards if it had none before.

    savefig, when it is done, gives a figure without engine the one of the style: the next save
    would draw everything twice, and move it.
    """
    free = figure.get_layout_engine() is None
    try:
        yield
    finally:
        if free:
            with rc_context({"figure.constrained_layout.use": False}):
                figure.set_layout_engine(None)


@contextmanager
def _without(artists: Iterable[Artist]) -> Iterator[None]:
    """Draw here, and these are left out."""
    hidden = [artist for artist in artists if artist.get_visible()]
    for artist in hidden:
        artist.set_visible(False)
    try:
        yield
    finally:
        for artist in hidden:
            artist.set_visible(True)


class Layers:
    """The SVG of a figure that is drawn again and again: its grounds, ticks, titles and legends once for given limits.

    They are most of the work, and lie under the rest. Precondition: no layout engine, and of the figure only
    what is in the axes moves: lines, patches, collections, images, texts.
    """

    def __init__(self, figure: Figure, id: str, title: str):
        self._figure, self._id, self._title = figure, id, title
        self._still: dict[tuple, str] = {}

    def svg(self, alt: str) -> str:
        """The picture as it is now, for a page."""
        axes = self._figure.axes
        moving = [a for ax in axes for a in (*ax.lines, *ax.patches, *ax.collections, *ax.images, *ax.texts)]
        moving += [spine for ax in axes for spine in ax.spines.values()]
        every = [a for parent in (self._figure, *axes) for a in parent.get_children()]
        still = [a for a in every if a not in moving and a not in axes]
        limits = tuple((*ax.get_xlim(), *ax.get_ylim()) for ax in axes)
        if limits not in self._still:
            if len(self._still) == KEPT:
                self._still.clear()
            with _without(moving):
                self._still[limits] = self._drawn()
        with _without(still):
            above = self._drawn()
        content = above[above.index("</defs>") + len("</defs>") : above.rindex("</svg>")]
        content = re.sub(r'<g id="[a-zA-Z0-9]+_\d+">', "<g>", content)  # these names are in the layer below
        ground = self._still[limits].replace(f">{ALT}</desc>", f">{escape(alt)}</desc>", 1)
        end = ground.rindex("</svg>")
        return ground[:end] + content + ground[end:]

    def _drawn(self) -> str:
        with keeping_layout(self._figure):
            return inline_svg(to_bytes(self._figure, "svg", id=self._id, title=self._title, alt=ALT))
