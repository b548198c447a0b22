"""A picture in two forms for a page: SVG, and PNG where SVG is not shown.

JupyterLab shows no SVG of a notebook that it does not trust, as a fresh clone is, and PNG always.
"""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

from PIL import Image

PER_INCH = 96  # CSS pixels
COLOURS = 256


def small_png(png: bytes) -> bytes:
    """The picture with a palette, a third of the size: line art has few colours."""
    image = Image.open(BytesIO(png))
    buffer = BytesIO()
    palette = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(buffer, "png", optimize=True, dpi=image.info["dpi"])
    return buffer.getvalue()


def mimebundle(svg: str, png: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of an output that shows `svg` or else, at the same size, `png`."""
    image = Image.open(BytesIO(png))
    width, height = (round(pixels / dots * PER_INCH) for pixels, dots in zip(image.size, image.info["dpi"]))
    data = {"image/svg+xml": svg, "image/png": b64encode(png).decode()}
    return data, {"image/png": {"width": width, "height": height}}
