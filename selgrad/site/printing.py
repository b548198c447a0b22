"""The course as one PDF: the chapters of a built site on one page, printed by a browser without a window."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from selgrad.site.npm import SiteError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PDF = "selgrad-course.pdf"
FRAME = re.compile(r"<iframe srcdoc=[^>]*>(<img [^>]*>)</iframe>")  # on paper the picture of a widget stands for it
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
           "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
           "--allow-file-access-from-files", "--run-all-compositor-stages-before-draw")
TITLE = (
    '<div class="printed-title"><h1>Automatic differentiation at the kinks</h1>'
    "<p>The course of selgrad, after Bolte and Pauwels, “A mathematical model for automatic differentiation in machine "
    "learning” (NeurIPS 2020)</p></div>"
)
PATIENCE = 120_000  # ms of the page's own clock; it stops as soon as nothing is left to do


def browser() -> str | None:
    """The path of a browser that can print, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def course(site: Path) -> Path:
    """Print the chapters of the site into one PDF beside its front page. Raises SiteError when the browser fails."""
    page, pdf = site / "notebooks" / "course.html", site / PDF
    page.write_text(one_page(sorted(site.glob("notebooks/[0-9]*.html"))), encoding="utf-8")
    to_pdf(page, pdf)
    page.unlink()
    return pdf


def to_pdf(page: Path, pdf: Path) -> Path:
    """Print a page, as it lays itself out for paper; raises SiteError when the browser fails."""
    command = [str(browser()), *OPTIONS, f"--virtual-time-budget={PATIENCE}", f"--print-to-pdf={pdf}", page.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    except subprocess.TimeoutExpired as error:
        raise SiteError(f"The browser did not print {page.name} within three minutes.") from error
    if not pdf.exists():
        raise SiteError(f"The browser did not print {page.name}: {done.stderr[-500:]}")
    return pdf


def one_page(chapters: list[Path]) -> str:
    """The articles of the chapters, one after the other, in the head of the first."""
    names = {path.name: f"c{path.name[:2]}" for path in chapters}
    texts = {path.name: path.read_text(encoding="utf-8") for path in chapters}
    head = texts[chapters[0].name].partition("</head>")[0]
    head = re.sub(r"<title>.*?</title>", "<title>selgrad: the course</title>", head, flags=re.DOTALL)
    head = re.sub(r'<script(?![^>]*mathjax)[^>]*src="[^"]*"[^>]*></script>', "", head)
    articles = [_article(texts[name], prefix, names) for name, prefix in names.items()]
    return f'{head}</head><body class="printed">{TITLE}{"".join(articles)}</body></html>'


def _article(text: str, prefix: str, names: dict[str, str]) -> str:
    """A chapter's article, its anchors renamed so that no two chapters share one."""
    found = re.search(r'<article class="bd-article"[^>]*>(.*?)</article>', text, re.DOTALL)
    if found is None:
        raise SiteError("A page of the site has no article to print: the theme has changed.")
    body = FRAME.sub(r"\1", found.group(1))
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r'href="([^"#]*)#([^"]+)"', lambda m: _anchor(m, prefix, names), body)
    return f'<article class="bd-article">{body}</article>'


def _anchor(m: re.Match[str], prefix: str, names: dict[str, str]) -> str:
    """A link to a place in this chapter or in another one, on the one page."""
    page, place = m.groups()
    target = prefix if not page else names.get(page)
    return f'href="#{target}-{place}"' if target else m.group()
