"""SVG to put inside a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from matplotlib import rc_context

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
