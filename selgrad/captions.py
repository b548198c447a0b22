"""Captions: written once, formulas between dollar signs, and exported as plain text, LaTeX and Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_WORDS = {r"\leq": "<=", r"\geq": ">=", r"\max": "max", r"\cdot": "*", r"\partial": "d", r"\gamma": "gamma",
          r"\,": " ", r"\{": "{", r"\}": "}", r"\tfrac12": "1/2", r"\mathrm": "", r"\mathcal": "", r"\mid": "|"}
_ESCAPED = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
            "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
            ">": r"\textgreater{}", "|": r"\textbar{}"}


def parts(caption: str) -> Iterator[tuple[bool, str]]:
    """(is it a formula, the text) for each part of a caption. Raises ValueError when a $ has no partner."""
    pieces = caption.split("$")
    if len(pieces) % 2 == 0:
        raise ValueError(f"A $ has no partner in the caption {caption!r}: formulas stand between two.")
    for number, piece in enumerate(pieces):
        if piece:
            yield bool(number % 2), piece


def plain(caption: str) -> str:
    r"""The caption as plain text, its simple formulas spelled out.

    >>> plain(r"Runs from $x_0$ with $\mathrm{relu}'(0) = \tfrac12$")
    "Runs from x0 with relu'(0) = 1/2"
    """
    said = ""
    for formula, text in parts(caption):
        if formula:
            for word, spelled in _WORDS.items():
                text = text.replace(word, spelled)
            text = re.sub(r"[_{}]", "", text).strip()
        said += text
    return said


def tex(caption: str) -> str:
    r"""The caption as LaTeX: formulas as they are, everything special outside them escaped.

    >>> tex("100% of $x_1$ & more")
    '100\\% of $x_1$ \\& more'
    """
    return "".join(f"${text}$" if formula else "".join(_ESCAPED.get(c, c) for c in text)
                   for formula, text in parts(caption))


def as_tex(id: str, caption: str) -> bytes:
    """What goes into a LaTeX figure beside \\includegraphics: the caption and a label."""
    return f"\\caption{{{tex(caption)}}}\n\\label{{fig:{id}}}\n".encode()


def as_markdown(id: str, caption: str) -> bytes:
    """The caption as a paragraph of Markdown."""
    return f"{caption}\n".encode()


CAPTIONS: dict[str, Callable[[str, str], bytes]] = {"tex": as_tex, "md": as_markdown}
"""How a caption is exported, by the ending of the file."""
