"""From a docstring, which is plain text, to what Sphinx reads.

Names between backticks become links where they are ours, the paper's symbols (x_k, D_f^s(x), R^p) are
typeset, and every other character means itself: no docstring can break the build.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
from collections.abc import Callable
from typing import Any

import selgrad

_SUB = r"_(?:\{[^{}]*\}|\([^()]*\)|(?:pr\([a-z]\))|[A-Za-z0-9](?![A-Za-z0-9]))"
_SUP = r"\^(?:\{[^{}]*\}|-?[A-Za-z0-9](?![A-Za-z0-9]))"
_ARGUMENT = r"(?:\([A-Za-z0-9_'+\-]*\))?"
SYMBOL = re.compile(rf"(?<![\w^'`$\\.])(?:alpha|gamma|sum|dx|AD|[A-Za-z∂])'?(?:{_SUB}|{_SUP})+{_ARGUMENT}(?!\w)")
TEX = re.compile(r"\$([^$\s][^$]*?)\$")
WORDS = {"alpha": r"\alpha", "gamma": r"\gamma", "sum": r"\sum", "R": r"\mathbb{R}", "∂": r"\partial"}
ARROWS = {"->": "→", "<=": "≤", ">=": "≥"}
MATHS = re.compile(rf"{TEX.pattern}|{SYMBOL.pattern}")
SPAN = re.compile(r"``([^`]+)``|`([^`]+)`")


def connect(app: Any) -> None:
    """Let Sphinx read the docstrings of selgrad through this module."""
    app.connect("autodoc-process-docstring", lambda app, what, name, obj, options, lines: _replace(lines))
    app.connect("autodoc-process-signature", _signature)
    app.connect("viewcode-follow-imported", _defined_in)


def _replace(lines: list[str]) -> None:
    lines[:] = converted(lines)


def _defined_in(app: Any, module: str, attribute: str) -> str | None:
    """The module of ours in which a name is defined; of a cached property Python would say `functools`."""
    value: Any = importlib.import_module(module)
    for part in attribute.split("."):
        owner, value = value, getattr(value, part, None)
        found = getattr(value, "__module__", None) or ""
        if not found.startswith("selgrad"):
            value = owner
            break
    return getattr(value, "__module__", None) or getattr(value, "__name__", None)


def _signature(app: Any, what: str, name: str, obj: Any, options: Any, signature: str, answer: str) -> Any:
    """A record that selgrad returns is not made by hand: its fields stand in its docstring, not in a signature."""
    if what == "class" and dataclasses.is_dataclass(obj) and len(dataclasses.fields(obj)) > 5:
        return "", None
    return None


def converted(lines: list[str]) -> list[str]:
    """The lines of a docstring as reStructuredText.

    >>> print("\\n".join(converted(["The field D_f^s(x) of `grad`, for *args."])).strip())
    The field :math:`D_{f}^{s}(x)` of :py:obj:`grad <selgrad.grad>`, for \\*args.
    """
    result: list[str] = []
    for block in _blocks(lines):
        if block[0].lstrip().startswith(">>>"):
            result += block
        elif all(line.startswith("    ") for line in block):
            result += [".. code-block:: text", "", *block]
        else:
            result += _paragraph(block)
        result.append("")
    return result


def _blocks(lines: list[str]) -> list[list[str]]:
    """The lines between blank ones."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line.rstrip())
        else:
            blocks.append([])
    return [block for block in blocks if block]


def _paragraph(block: list[str]) -> list[str]:
    """A paragraph or a list; a line that begins an item begins it here too."""
    result: list[str] = []
    for text in re.split(r"\n(?=\s*- )", "\n".join(block)):
        item = text.lstrip().startswith("- ")
        flat = " ".join(part.strip() for part in text.split("\n"))
        result += ["", "- " + inline(flat[2:]), ""] if item else [inline(flat)]
    return result


def inline(text: str) -> str:
    """One paragraph: code, links, mathematics, and everything else escaped."""
    return _joined(text, SPAN, lambda m: _code(m.group(1) or m.group(2)), _prose)


def _joined(text: str, marked: re.Pattern[str], mark: Callable, plain: Callable) -> str:
    """`mark` of every match and `plain` of what is between; markup that touches a letter is set apart."""
    result, last = "", 0
    for m in marked.finditer(text):
        before, after = text[: m.start()], text[m.end() :]
        result += plain(text[last : m.start()]) + ("" if re.search(r"(^|[\s(\[])$", before) else "\\ ")
        result += mark(m) + ("" if re.match(r"$|[\s.,:;!?)\]]", after) else "\\ ")
        last = m.end()
    return result + plain(text[last:])


def _code(text: str) -> str:
    name = re.match(r"(?:sg\.|selgrad\.)?([A-Za-z_]\w*)((?:\.\w+)?)$", text)
    if name and name.group(1) in selgrad.__all__:
        return f":py:obj:`{text} <selgrad.{name.group(1)}{name.group(2)}>`"
    return f"``{text}``"


def _prose(text: str) -> str:
    """Text between two pieces of code."""
    return _joined(text, MATHS, lambda m: f":math:`{m.group(1) or tex(m.group())}`", _escaped)


def tex(symbol: str) -> str:
    """The TeX of a symbol as docstrings write it.

    >>> print(tex("x_(k+1)"), tex("R^p"), tex("alpha_k"), tex("x_pr(k)"), tex("f_{s(x)}(x)"))
    x_{k+1} \\mathbb{R}^{p} \\alpha_{k} x_{\\mathrm{pr}(k)} f_{s(x)}(x)
    """
    head = re.match(r"[A-Za-z∂]+", symbol)
    assert head is not None
    rest = symbol[head.end() :]
    rest = re.sub(r"([_^])\(([^()]*)\)", r"\1{\2}", rest)
    rest = re.sub(r"([_^])(-?[A-Za-z0-9])(?![A-Za-z0-9(])", r"\1{\2}", rest)
    rest = re.sub(r"([_^])([A-Za-z0-9])(?=\()", r"\1{\2}", rest.replace("_pr(k)", r"_{\mathrm{pr}(k)}"))
    return WORDS.get(head.group(), rf"\mathrm{{{head.group()}}}" if len(head.group()) > 2 else head.group()) + rest


def _escaped(text: str) -> str:
    for ascii, sign in ARROWS.items():
        text = text.replace(ascii, sign)
    return re.sub(r"([\\*|_<>`])", r"\\\1", text)
