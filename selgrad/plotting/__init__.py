"""Drawing: the common style and deterministic files. Importing this imports matplotlib, never pyplot."""

from selgrad.plotting.dag import draw_program
from selgrad.plotting.save import FORMATS, to_bytes, write_atomically
from selgrad.plotting.styles import AD_VALUE, DERIVATIVE, FUNCTION, ONE_SIDED_LIMIT, PALETTE, WIDTH, style

__all__ = [
    "AD_VALUE", "DERIVATIVE", "FORMATS", "FUNCTION", "ONE_SIDED_LIMIT", "PALETTE", "WIDTH",
    "draw_program", "style", "to_bytes", "write_atomically",
]
