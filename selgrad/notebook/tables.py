"""A small table of numbers, as a notebook prints it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def table(rows: Mapping[str, Iterable[Any]], columns: Iterable[Any] = (), corner: str = "") -> None:
    """Print rows of numbers and words in columns: numbers with six digits, and no minus in front of zero.

    >>> table({"relu": [0.0, 1.0], "sine": [-0.0, 0.540302306]}, columns=["at 0", "at 1"], corner="AD")
    AD    at 0      at 1
    relu     0         1
    sine     0  0.540302
    """
    head = [corner, *map(said, columns)]
    lines = [[name, *map(said, entries)] for name, entries in rows.items()]
    every = [head, *lines] if any(head) else lines
    widths = [max(len(line[k]) for line in every if k < len(line)) for k in range(max(map(len, every)))]
    for line in every:
        print("  ".join([line[0].ljust(widths[0]), *(e.rjust(w) for e, w in zip(line[1:], widths[1:]))]).rstrip())


def said(entry: Any) -> str:
    """A number with six digits, a vector of them in parentheses, anything else as it prints."""
    try:
        return f"{round(float(entry), 12) + 0.0:.6g}"
    except (TypeError, ValueError):
        pass
    if isinstance(entry, str) or not hasattr(entry, "__iter__"):
        return str(entry)
    return f"({', '.join(said(e) for e in entry)})"
