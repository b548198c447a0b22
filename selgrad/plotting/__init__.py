"""Drawing: the common style and deterministic files. Importing this imports matplotlib, never pyplot."""

from selgrad.plotting.dag import draw_program
from selgrad.plotting.legends import legend_below
from selgrad.plotting.save import FORMATS, to_bytes, write_atomically
from selgrad.plotting.styles import AD_VALUE, BESIDE_KINK, DERIVATIVE, FUNCTION, PALETTE, WIDTH, style

__all__ = [
    "AD_VALUE", "BESIDE_KINK", "DERIVATIVE", "FORMATS", "FUNCTION", "PALETTE", "WIDTH",
    "draw_program", "legend_below", "style", "to_bytes", "write_atomically",
]
