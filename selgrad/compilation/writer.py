"""Lines of source with their indentation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Writer:
    """Source as it is written: lines, and blocks whose lines stand further in.

    >>> w = Writer()
    >>> with w.block("for i in range(n):"):
    ...     w("g = g + i", "n = n - 1")
    >>> w("return g")
    >>> print(w.text, end="")
    for i in range(n):
        g = g + i
        n = n - 1
    return g
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def __call__(self, *lines: str) -> None:
        self.lines += [" " * 4 * self.depth + line if line else "" for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A line that ends in a colon, and what stands under it."""
        self(head)
        self.depth += 1
        yield
        self.depth -= 1

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(f"{line}\n" for line in self.lines)
