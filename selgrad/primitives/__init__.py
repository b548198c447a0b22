"""The primitives: three kinds of rows (smooth, kinked, structural) in tables one can read.

`ROWS[name]` is the row of an instruction's operation; `rows.py` says what a row holds.

To add one: write the row in the table where its like stands, with all its columns (what is left out is an
error when the table is built), and a function with a docstring in `tracing/operations.py`, which
`selgrad/__init__.py` exports, or a line in `tracing/spellings.py` where NumPy has a name for it. `bits` is
LIBRARY as soon as NumPy calls a function of the C library (exp, hypot, ...), and what compiled code can spell
stands in `compilation/languages.py`. Then the tests name what is missing: a case in `tests/test_primitives.py`, for
a kinked row also in `test_conventions.py` and `test_line_integrals.py`, and TensorFlow's spelling in
`frameworks/tensorflow.py` with a case in `tests/test_tensorflow.py`.
"""

from selgrad.primitives.comparisons import RELATIONS
from selgrad.primitives.convention_names import CONVENTIONS, Convention, check_convention
from selgrad.primitives.convolution import CONVOLUTION
from selgrad.primitives.kinked import KINKED
from selgrad.primitives.linear_algebra import LINEAR_ALGEBRA
from selgrad.primitives.order import ORDER
from selgrad.primitives.rows import Kinked, Linear, Map, Row, Slope
from selgrad.primitives.smooth import ELEMENTARY
from selgrad.primitives.structural import STRUCTURAL
from selgrad.primitives.trigonometric import TRIGONOMETRIC

SMOOTH: dict[str, Row] = {**ELEMENTARY, **TRIGONOMETRIC, **LINEAR_ALGEBRA, **CONVOLUTION}
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
