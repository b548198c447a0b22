"""The primitives: three kinds of rows (smooth, kinked, structural) in tables one can read.

`ROWS[name]` is the row of an instruction's operation; `rows.py` says what a row holds.
"""

from selgrad.primitives.conventions import CONVENTIONS, Convention, check_convention
from selgrad.primitives.kinked import KINKED
from selgrad.primitives.order import ORDER, RELATIONS
from selgrad.primitives.rows import Kinked, Linear, Map, Row, Slope
from selgrad.primitives.smooth import SMOOTH
from selgrad.primitives.structural import STRUCTURAL

ROWS: dict[str, Row] = {**SMOOTH, **KINKED, **ORDER, **STRUCTURAL}

__all__ = [
    "CONVENTIONS",
    "KINKED",
    "ORDER",
    "RELATIONS",
    "ROWS",
    "SMOOTH",
    "STRUCTURAL",
    "Convention",
    "Kinked",
    "Linear",
    "Map",
    "Row",
    "Slope",
    "check_convention",
]
