"""Programs of an application as JavaScript for its live page, from the emitter of `sg.compile`."""

from __future__ import annotations

import math
from typing import Any

from selgrad.compilation.javascript import source
from selgrad.programs.formats import cast, float_format
from selgrad.programs.lowering import lower
from selgrad.programs.program import Program
from selgrad.tracing.tracer import trace_at
from selgrad.widgets.front import terse


def script(f: Any, *example: Any, parts: tuple[str, ...] = ("value", "derivative"), dtype: Any = float) -> str:
    """f, a function with an example of its arguments or a program, as an object of the named functions.

    The functions are those of `selgrad.compilation.javascript`; the first argument is x, the others a datum.

    >>> print(script(lambda t: t * t, 0.0, parts=("value",)).splitlines()[2])
    function value(x0) {
    """
    P = f if isinstance(f, Program) else trace_at(f, example)
    small, kind = lower(P), float_format(dtype, ("float16", "float32", "float64"))
    p = math.prod(P.input_shapes[0])
    return terse(source(cast(small, kind), p, kind, "paper", "", parts))
