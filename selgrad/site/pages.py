"""The folder that Sphinx reads: docs/, and beside it what is written here from the chapters, figures and docstrings."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from selgrad.site import chapters, handouts, printing, reference, settings, syllabi, theory
from selgrad.site.npm import ROOT, SiteError, asset

WIDGETS = """# Widgets

Each of these is alive here: no Python runs and nothing is asked of the network. The programs are those of the paper,
written out as JavaScript by the emitter of `sg.compile`, and the tests hold the pages to what the engine computes. Move
the sliders, drag the ringed points, click into planes, or use the keyboard: Tab, then the arrow keys. `selgrad pages`
saves them as files.

{rows}

{toc}
"""
MATHJAX = ("tex-svg-full.js", "a11y", "sre", "ui")


def assemble(folder: Path) -> None:
    """Write into `folder`, which is emptied first, everything that Sphinx reads. Raises SiteError."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("package*.json", "handouts", "__pycache__"))
    mathjax = folder / "_static" / "mathjax"
    mathjax.mkdir(parents=True)
    for name in MATHJAX:
        source = asset(f"mathjax/es5/{name}")
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, mathjax / name)
    for page in folder.glob("*.md"):
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    write_chapters(ROOT / "notebooks", folder / "notebooks")
    write_figures(folder / "figures")
    write_widgets(folder)
    write_reference(folder / "reference")
    (folder / "statements.rst").write_text(theory.statements(), encoding="utf-8")
    (folder / "counterexamples.rst").write_text(theory.counterexamples(), encoding="utf-8")


def filled(text: str) -> str:
    """A page of docs/ with what only the build knows in the place of its @words@."""
    pdf = f'<a href="{printing.PDF}">PDF of the whole course</a>'
    pdf = pdf if printing.browser() else "PDF of the whole course, where the site is built with a browser at hand"
    notebooks = ROOT / "notebooks"
    words = {"repository": settings.repository() or "ADDRESS", "pdf": pdf, "path": learning_path(notebooks),
             "slides": links(handouts.SLIDES), "lecture": str(handouts.MINUTES), "timing": syllabi.timing(notebooks),
             "day": syllabi.plan(syllabi.DAY, notebooks), "week": syllabi.plan(syllabi.WEEK, notebooks),
             **{f"sheet_{page}": links(handouts.sheet_name(page)) for page in handouts.PAGES}}
    return re.sub(r"@(\w+)@", lambda m: words[m.group(1)], text)


def links(name: str) -> str:
    """A link to a handout and, where there is a browser to print it, to its PDF."""
    kinds = ("html", "pdf") if printing.browser() else ("html",)
    return ", ".join(f'<a href="handouts/{name}.{kind}">{kind.upper()}</a>' for kind in kinds)


def learning_path(notebooks: Path) -> str:
    """The chapters as a table: what each needs and how long it takes, as it says itself."""
    rows = ["| chapter | you need | time |", "|---|---|---|"]
    for path in chapters.chapter_files(notebooks):
        about = chapters.about(json.loads(path.read_text(encoding="utf-8")))
        cells = [f"[{about.title}](notebooks/{path.name})", about.needs, about.time]
        rows.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(rows)


def write_chapters(notebooks: Path, folder: Path) -> None:
    """Every executed notebook, adapted; raises SiteError when there is none or one was never executed."""
    folder.mkdir()
    cited = chapters.citations(ROOT / "docs" / "references.bib")
    for path in chapters.chapter_files(notebooks):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if not any(cell.get("outputs") for cell in notebook["cells"]):
            raise SiteError(f"{path.name} was never executed; run `python -m selgrad.notebook.build {path.stem[:2]}`.")
        text = json.dumps(chapters.adapted(notebook, cited), ensure_ascii=False)
        (folder / path.name).write_text(text, encoding="utf-8")


def write_figures(folder: Path) -> None:
    """A page with every figure: picture, caption, where it comes from, its files and its script."""
    from selgrad import figures

    folder.mkdir(exist_ok=True)
    out = ROOT / "figures" / "out"
    lines = [(folder / "index.md").read_text(encoding="utf-8")]
    for id in figures.scripts():
        script = figures.load(id)
        for kind in figures.FORMATS:
            source = out / f"{id}.{kind}"
            if not source.exists():
                raise SiteError(f"{source} is missing; draw the figures with `make figures`.")
            shutil.copyfile(source, folder / source.name)
        alt = re.search(r"<desc[^>]*>([^<]*)</desc>", (out / f"{id}.svg").read_text(encoding="utf-8"))
        files = ", ".join(f"{{download}}`{kind.upper()} <{id}.{kind}>`" for kind in figures.FORMATS)
        source = script.module.SOURCE
        lines += [
            f"## {heading(id)}\n",
            f"```{{figure}} {id}.svg\n:name: {id}\n:class: dark-light\n:alt: {alt.group(1) if alt else script.title}\n",
            f"{script.module.CAPTION}\n```\n",
            f"*{source[:1].upper()}{source[1:]}.* Files: {files}. Drawn by `selgrad figures {id}`, from "
            f"`figures/{script_name(id)}`.\n",
        ]
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")


def write_widgets(folder: Path) -> None:
    """A page for each application, alive, and the file of it that can be taken away."""
    from selgrad.widgets import APPS

    index, live = folder / "widgets", folder / "_static" / "widgets"
    index.mkdir()
    live.mkdir()
    rows = []
    for make in APPS:
        app, said = make(), reference.first_line(f"selgrad.widgets.{make.__name__}")
        page, frame = app.page(), app.frame()
        (live / f"{app.name}.html").write_text(str(page), encoding="utf-8")
        text = (f"# {app.title}\n\n{said} In a notebook: `selgrad.widgets.{make.__name__}()`. "
                f"[Alone in the window](../_static/widgets/{app.name}.html)\n\n```{{raw}} html\n{frame}\n```\n")
        (index / f"{app.name}.md").write_text(text, encoding="utf-8")
        rows.append(f"- [{app.title}]({app.name}.md): {said[:1].lower()}{said[1:]}")
    toc = "\n".join(["```{toctree}", ":hidden:", "", *(make.name for make in APPS), "```"])
    (index / "index.md").write_text(WIDGETS.format(rows="\n".join(rows), toc=toc), encoding="utf-8")


def heading(id: str) -> str:
    """The heading of a figure: its id, as one reads it.

    >>> heading("fig1"), heading("theorem4"), heading("digits")
    ('Figure 1', 'Theorem 4', 'Digits')
    """
    spaced = re.sub(r"(\D)(\d)", r"\1 \2", re.sub(r"^fig(?=\d)", "figure", id))
    return spaced[:1].upper() + spaced[1:]


def script_name(id: str) -> str:
    """The name of the script of a figure."""
    from selgrad import figures

    return figures.scripts()[id].name


def write_reference(folder: Path) -> None:
    """The pages of the public names."""
    folder.mkdir()
    topics = reference.topics()
    (folder / "index.rst").write_text(reference.index(topics), encoding="utf-8")
    for topic in topics:
        (folder / f"{topic.folder}.rst").write_text(reference.page(topic), encoding="utf-8")
