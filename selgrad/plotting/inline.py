"""SVG to put inside a page: a notebook's output, or an HTML widget."""

from __future__ import annotations


def inline_svg(svg: bytes) -> str:
    """An SVG file without the lines that only a file may begin with.

    >>> inline_svg(b'<?xml version="1.0"?><!DOCTYPE svg><svg width="1"></svg>')
    '<svg width="1"></svg>'
    """
    text = svg.decode()
    return text[text.index("<svg ") :]
