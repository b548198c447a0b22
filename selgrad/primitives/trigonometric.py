"""The table of hyperbolic and inverse functions, of powers and logarithms to other bases, and of erf.

The hyperbolic functions and their inverses are made of exp, log and sqrt; tan and the inverse trigonometric functions
are elementary, yet not log-exp elementary, as sin and cos are. In every derivative y is the value already computed.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from selgrad.primitives import facts as has
from selgrad.primitives.facts import ENTRYWISE, LIBRARY, LOG_EXP, NONE, NOT_LOG_EXP, SLOPES, Facts
from selgrad.primitives.rows import Row, table
from selgrad.primitives.smooth import BEYOND, NOT_POSITIVE

LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))

# what they do      affine exact   bits     rounding growth theory       scalar
HYPERBOLIC = Facts( NONE,  BEYOND, LIBRARY, SLOPES,  None,  LOG_EXP,     ENTRYWISE)
INVERSE = Facts(    NONE,  BEYOND, LIBRARY, SLOPES,  None,  NOT_LOG_EXP, ENTRYWISE)

ERF = np.frompyfunc(math.erf, 1, 1)  # NumPy has none


def _erf(t: Any) -> Any:
    y = ERF(t)
    return y.astype(t.dtype) if isinstance(y, np.ndarray) else t.dtype.type(y) if isinstance(t, np.generic) else y


INSIDE = "its argument must lie strictly between -1 and 1"

TRIGONOMETRIC = table(
    [
        Row("sinh", np.sinh, (lambda y, a: np.cosh(a),), facts=HYPERBOLIC, prints=has.in_tex(r"\sinh({})", 0)),
        Row("cosh", np.cosh, (lambda y, a: np.sinh(a),), facts=HYPERBOLIC, prints=has.in_tex(r"\cosh({})", 0)),
        Row("arcsinh", np.arcsinh, (lambda y, a: 1.0 / np.cosh(y),), facts=HYPERBOLIC,
            prints=has.in_tex(r"\mathrm{{arcsinh}}({})", 0)),
        Row("arccosh", np.arccosh, (lambda y, a: 1.0 / np.sinh(y),), facts=HYPERBOLIC,
            prints=has.in_tex(r"\mathrm{{arccosh}}({})", 0), domain=lambda a: np.less_equal(a, 1),
            outside="its argument must exceed 1"),
        Row("arctanh", np.arctanh, (lambda y, a: 1.0 / ((1.0 - a) * (1.0 + a)),), facts=HYPERBOLIC,
            prints=has.in_tex(r"\mathrm{{arctanh}}({})", 0), domain=lambda a: np.greater_equal(np.abs(a), 1),
            outside=INSIDE),
        Row("exp2", np.exp2, (lambda y, a: LN2 * y,), facts=HYPERBOLIC, prints=has.in_tex("2^{{{}}}", 0)),
        Row("cbrt", np.cbrt, (lambda y, a: (1.0 / 3.0) / (y * y),), facts=HYPERBOLIC,
            prints=has.in_tex(r"\sqrt[3]{{{}}}", 0), domain=lambda a: np.equal(a, 0),
            outside="its argument must not be zero, where it has no derivative"),
        Row("log2", np.log2, (lambda y, a: 1.0 / (a * LN2),), facts=HYPERBOLIC, prints=has.in_tex(r"\log_2({})", 0),
            domain=lambda a: np.less_equal(a, 0), outside=NOT_POSITIVE),
        Row("log10", np.log10, (lambda y, a: 1.0 / (a * LN10),), facts=HYPERBOLIC,
            prints=has.in_tex(r"\log_{{10}}({})", 0), domain=lambda a: np.less_equal(a, 0), outside=NOT_POSITIVE),
        Row("tan", np.tan, (lambda y, a: 1.0 + y * y,), facts=INVERSE, prints=has.in_tex(r"\tan({})", 0)),
        Row("arcsin", np.arcsin, (lambda y, a: 1.0 / np.sqrt((1.0 - a) * (1.0 + a)),), facts=INVERSE,
            prints=has.in_tex(r"\arcsin({})", 0), domain=lambda a: np.greater_equal(np.abs(a), 1), outside=INSIDE),
        Row("arccos", np.arccos, (lambda y, a: -1.0 / np.sqrt((1.0 - a) * (1.0 + a)),), facts=INVERSE,
            prints=has.in_tex(r"\arccos({})", 0), domain=lambda a: np.greater_equal(np.abs(a), 1), outside=INSIDE),
        Row("arctan", np.arctan, (lambda y, a: 1.0 / (1.0 + a * a),), facts=INVERSE,
            prints=has.in_tex(r"\arctan({})", 0)),
        Row("arctan2", np.arctan2,  # no square in it, which may leave the format
            (lambda y, a, b: b / np.hypot(a, b) / np.hypot(a, b), lambda y, a, b: -a / np.hypot(a, b) / np.hypot(a, b)),
            facts=INVERSE, prints=has.in_tex(r"\mathrm{{arctan2}}({}, {})", 0, 0),
            domain=lambda a, b: np.equal(a, 0) & np.less_equal(b, 0),
            outside="an angle jumps on the negative half-line, where the first argument is zero"),
        Row("hypot", np.hypot, (lambda y, a, b: a / y, lambda y, a, b: b / y),
            facts=replace(HYPERBOLIC, growth=has.total),
            prints=has.Printed(None, has.Form(r"\sqrt{{{}^2 + {}^2}}", 9, (9, 9))),
            domain=lambda a, b: np.equal(a, 0) & np.equal(b, 0), outside="its arguments must not both be zero"),
        Row("erf", _erf, (lambda y, a: (2.0 / math.sqrt(math.pi)) * np.exp(-(a * a)),),
            facts=replace(INVERSE, growth=has.unit), prints=has.in_tex(r"\mathrm{{erf}}({})", 0)),
    ]
)
