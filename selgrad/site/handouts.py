"""Slides for a lecture of 45 minutes, and a cheat sheet of one page: `python -m selgrad.site.handouts [--out DIR]`.

Both are made of the executed chapters (`selgrad.site.chosen` says how a cell is tagged), as HTML that needs neither
network nor server and, where there is a browser to print it, as PDF.
"""

from __future__ import annotations

import argparse
import json
import sys
from html import escape
from pathlib import Path

from selgrad.errors import SelgradError
from selgrad.site import printing
from selgrad.site.chapters import chapter_files
from selgrad.site.chosen import Group, chosen
from selgrad.site.npm import ROOT
from selgrad.site.typeset import Typeset, texts

HERE = Path(__file__).parent
TITLE = "Automatic differentiation at the kinks"
PAPER = ("J. Bolte and E. Pauwels, “A mathematical model for automatic differentiation in machine learning” "
         "(NeurIPS 2020, arXiv:2006.02080)")
LICENCE = "selgrad, CC BY 4.0"
MINUTES = 45
PAGES = {"a4": ("A4", "210mm", "297mm"), "letter": ("letter", "215.9mm", "279.4mm")}
SLIDES = "slides"


def sheet_name(page: str) -> str:
    """The file of the cheat sheet on a page of this format, without its ending."""
    return f"cheat-sheet-{page}"


def groups(kind: str, notebooks: Path = ROOT / "notebooks") -> list[Group]:
    """Every slide, or every paragraph of the sheet, in the order of the chapters."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in chapter_files(notebooks)]
    return [group for notebook in found for group in chosen(notebook, kind)]


def slides(given: list[Group]) -> str:
    """The page of the slides: a title, one section for each group, and what is left to be read."""
    title = f"{TITLE}: {MINUTES} minutes"
    draw = Typeset([*(group.title for group in given), *texts(part for group in given for part in group.parts)])
    count = len(given) + 1
    sections = [f'<section class="slide title" id="slide-1" aria-label="Title"><h1>{TITLE}</h1>'
                f"<p>After {PAPER}</p><p>Arrow keys or the space bar go on; F fills the screen.</p>"
                f'<p class="foot"><span>{LICENCE}</span><span>1 / {count}</span></p></section>']
    for number, group in enumerate(given, 2):
        body = "".join(map(draw.part, group.parts))
        sections.append(
            f'<section class="slide" id="slide-{number}" aria-labelledby="title-{number}">'
            f'<h2 id="title-{number}">{draw.line(group.title)}</h2><div class="body">{body}</div>'
            f'<p class="foot"><span>{escape(group.chapter)}</span><span>{number} / {count}</span></p></section>')
    script = f"<script>{(HERE / 'slides.js').read_text(encoding='utf-8')}</script>"
    return _page(title, (HERE / "slides.css").read_text(encoding="utf-8"), f"<main>{''.join(sections)}</main>{script}")


def sheet(given: list[Group], page: str) -> str:
    """The cheat sheet on one page of the format `page`, a4 or letter."""
    size, width, height = PAGES[page]
    draw = Typeset([*(group.title for group in given), *texts(part for group in given for part in group.parts)])
    blocks = [f'<section><h2>{draw.line(group.title)} <small>{escape(group.chapter[:1])}</small></h2>'
              f'{"".join(map(draw.part, group.parts))}</section>' for group in given]
    style = (HERE / "sheet.css").read_text(encoding="utf-8")
    for word, value in {"SIZE": size, "WIDTH": width, "HEIGHT": height}.items():
        style = style.replace(f"@{word}@", value)
    head = f"<h1>{TITLE}</h1><p>After {PAPER}. {LICENCE}. The number behind a title is the chapter.</p>"
    body = f'<main class="sheet"><header>{head}</header><div class="columns">{"".join(blocks)}</div></main>'
    return _page(f"{TITLE}: cheat sheet", style, body)


def _page(title: str, style: str, body: str) -> str:
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
            f"<body>{body}</body></html>\n")


def write(folder: Path) -> list[Path]:
    """Write slides and sheets into `folder`, as HTML and, where there is a browser, as PDF. Raises SiteError."""
    folder.mkdir(parents=True, exist_ok=True)
    lent = groups("sheet")
    pages = {SLIDES: slides(groups("slide")), **{sheet_name(page): sheet(lent, page) for page in PAGES}}
    files = []
    for name, html in pages.items():
        page = folder / f"{name}.html"
        page.write_text(html, encoding="utf-8")
        files.append(page)
        if printing.browser():
            files.append(printing.to_pdf(page, folder / f"{name}.pdf"))
    return files


def main(argv: list[str] | None = None) -> int:
    """The command: 0 when all was written, 2 with a sentence when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m selgrad.site.handouts", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "handouts", metavar="DIR",
                        help="the folder to write to (default: build/handouts)")
    try:
        for path in write(parser.parse_args(argv).out):
            print(path, flush=True)
    except (SelgradError, OSError) as problem:
        print(f"selgrad: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
