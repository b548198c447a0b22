"""Words in a picture: mathematics between two $, and a white edge around what lies over lines."""

from __future__ import annotations

from matplotlib.patheffects import withStroke

GREEK = dict(zip("αβγδελμσφθ", ("alpha", "beta", "gamma", "delta", "epsilon", "lambda", "mu", "sigma", "varphi",
                                "theta")))
HALO = (withStroke(linewidth=2.5, foreground="white"),)


def tex(text: str) -> str:
    """The text as matplotlib's mathtext reads it.

    >>> print(tex("schedule $c α_k$"))
    schedule $c \\alpha _k$
    """
    parts = text.split("$")
    for i in range(1, len(parts), 2):
        parts[i] = "".join(f"\\{GREEK[c]} " if c in GREEK else c for c in parts[i]).replace("-", "−")
    return "$".join(parts)
