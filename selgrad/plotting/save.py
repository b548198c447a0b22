"""Figures as bytes: the same picture gives the same bytes, with a title and alt text inside."""

from __future__ import annotations

import logging
import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import matplotlib

from selgrad.plotting.styles import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")


def to_bytes(figure: Figure, format: str, *, id: str, title: str, alt: str, dpi: float | None = None) -> bytes:
    """The file of `figure` in one of `FORMATS`; no date, version, path or random name is in it.

    `id` keeps the names inside an SVG apart from those of other figures on the same page; `dpi` is the number of
    dots per inch of a PNG (the style's, 200, if None).
    """
    nothing: dict[str, dict[str, str | None]] = {  # what matplotlib would write of its own accord
        "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None, "Title": title, "Subject": alt},
        "png": {"Software": None, "Title": title, "Description": alt},
    }
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it remarks on the dates inside the fonts
    buffer = BytesIO()
    with style(), matplotlib.rc_context({"svg.hashsalt": f"selgrad-{id}"}):
        figure.savefig(buffer, format=format, metadata=nothing[format], dpi=dpi if format == "png" else None)
    data = buffer.getvalue()
    return _with_alt_text(data.decode(), id, title, alt).encode() if format == "svg" else data


def _with_alt_text(svg: str, id: str, title: str, alt: str) -> str:
    """`svg` as an image that a screen reader names by `title` and describes by `alt`."""
    before, after = svg.split("<svg ", 1)
    attributes, body = after.split(">", 1)
    return (
        f'{before}<svg role="img" aria-labelledby="{id}-title {id}-desc" {attributes}>\n'
        f' <title id="{id}-title">{escape(title)}</title>\n <desc id="{id}-desc">{escape(alt)}</desc>{body}'
    )


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
