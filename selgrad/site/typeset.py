"""From parts of chapters to HTML without script and network: Markdown, formulas as pictures, coloured code."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from selgrad.site import formulas
from selgrad.site.chosen import Part


class Typeset:
    """All formulas of `texts` are drawn at once, by one start of Node.js; raises SiteError where that fails."""

    def __init__(self, texts: Iterable[str]) -> None:
        from markdown_it import MarkdownIt

        wanted = list(dict.fromkeys(formula for text in texts for formula in formulas.formulas_in(text)))
        self._drawn = dict(zip(wanted, formulas.drawn(wanted)))
        self._markdown = MarkdownIt("commonmark", {"html": True}).enable("table")

    def text(self, markdown: str) -> str:
        """Paragraphs, lists and tables."""
        return self._markdown.render(self._with_formulas(markdown))

    def line(self, markdown: str) -> str:
        """One line: a title."""
        return self._markdown.renderInline(self._with_formulas(markdown))

    def part(self, part: Part) -> str:
        """A part of a slide or of the sheet."""
        if part.kind in ("text", "question"):
            return f'<div class="{part.kind}">{self.text(part.content)}</div>'
        if part.kind == "picture":
            return f'<div class="picture"><img src="{part.content}" alt="{escape(part.alt)}"></div>'
        inner = coloured(part.content) if part.kind == "code" else escape(part.content)
        lines = part.content.split("\n")
        size = f"--lines: {len(lines)}; --columns: {max(map(len, lines))}"  # the style sheet makes letters to fit
        return f'<pre class="{part.kind}" style="{size}">{inner}</pre>'

    def _with_formulas(self, markdown: str) -> str:
        return formulas.replaced(markdown, lambda *formula: self._drawn[formula])


def coloured(code: str) -> str:
    """Python source as HTML, in colours that can be told apart on white."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    style = HtmlFormatter(nowrap=True, noclasses=True, style="a11y-high-contrast-light")
    return highlight(code, PythonLexer(), style).rstrip("\n")


def texts(parts: Iterable[Part]) -> Iterable[str]:
    """What of the parts may hold formulas."""
    return (part.content for part in parts if part.kind in ("text", "question"))
