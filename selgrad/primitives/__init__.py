"""The primitives: three kinds of rows (smooth, kinked, structural) in tables one can read.

`ROWS[name]` is the row of an instruction's operation; `rows.py` says what a row holds.
"""

from selgrad.primitives.comparisons import RELATIONS
from selgrad.primitives.conventions import CONVENTIONS, Convention, check_convention
from selgrad.primitives.kinked import KINKED
from selgrad.primitives.linear_algebra import LINEAR_ALGEBRA
from selgrad.primitives.order import ORDER
from selgrad.primitives.rows import Kinked, Linear, Map, Row, Slope
from selgrad.primitives.smooth import ELEMENTARY
from selgrad.primitives.structural import STRUCTURAL
from selgrad.primitives.trigonometric import TRIGONOMETRIC

SMOOTH: dict[str, Row] = {**ELEMENTARY, **TRIGONOMETRIC, **LINEAR_ALGEBRA}
ROWS: dict[str, Row] = {**SMOOTH, **KINKED, **ORDER, **STRUCTURAL}

__all__ = [
    "CONVENTIONS",
    "KINKED",
    "LINEAR_ALGEBRA",
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
