"""The graph of statements as SVG and as a page: click a statement, follow it to its cells, tests and examples."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import quote

from selgrad.statements import STATEMENTS
from selgrad.statements.coverage import Covered, coverage
from selgrad.statements.graph import ancestors, layout, short

Link = Callable[[str, str], str]
"""link(kind, name) -> an address: kind is "cell" ("02_elementary_selections [7]"), "test", "file" or "example"."""

WIDTH, BOX, TALL, STEP = 104, 66, 24, 33

STYLE = """
.statements { --ink: #1a1a1a; --line: #b5b5b5; --page: #ffffff; --paper: #dcebf7; --ours: #fbe3c8; --hot: #b34700;
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { html:not([data-theme="light"]) .statements {
  --ink: #ececec; --line: #6a6a6a; --page: #16181c; --paper: #1f3d57; --ours: #5a3d17; --hot: #ffb27a; } }
html[data-theme="dark"] .statements {
  --ink: #ececec; --line: #6a6a6a; --page: #16181c; --paper: #1f3d57; --ours: #5a3d17; --hot: #ffb27a; }
.statements svg { width: 100%; height: auto; }
.statements .graph { overflow-x: auto; }
.statements .graph svg { min-width: 720px; }
.statements .edge { fill: none; stroke: var(--line); stroke-width: 1.1; }
.statements .box { stroke: var(--ink); stroke-width: .8; fill: var(--paper); }
.statements .ours .box { fill: var(--ours); stroke-dasharray: 3 2; }
.statements text { fill: var(--ink); font-size: 11.5px; text-anchor: middle; }
.statements a:focus-visible .box, .statements a:hover .box { stroke: var(--hot); stroke-width: 2.4; }
.statements .dim { opacity: .22; }
.statements .edge.hot { stroke: var(--hot); stroke-width: 2; }
.statements article { border-top: 1px solid var(--line); padding: .3em 0 .6em; }
.statements article:target { outline: 2px solid var(--hot); outline-offset: 4px; }
.statements h3 { font-size: 1.05em; margin: .5em 0 .2em; }
.statements dl { display: grid; grid-template-columns: 7em 1fr; gap: .1em 1em; margin: 0; }
.statements dt { opacity: .8; } .statements dd { margin: 0; overflow-wrap: anywhere; }
"""

SCRIPT = """
for (const root of document.querySelectorAll(".statements")) {
  const nodes = [...root.querySelectorAll("a[data-below]")];
  const edges = [...root.querySelectorAll(".edge")];
  const show = (node) => {
    const below = new Set(node ? node.dataset.below.split("|").concat(node.dataset.id) : []);
    for (const other of nodes) other.classList.toggle("dim", Boolean(node) && !below.has(other.dataset.id));
    for (const edge of edges) {
      const on = Boolean(node) && below.has(edge.dataset.from) && below.has(edge.dataset.to);
      edge.classList.toggle("hot", on);
      edge.classList.toggle("dim", Boolean(node) && !on);
    }
  };
  for (const node of nodes) {
    node.addEventListener("mouseenter", () => show(node));
    node.addEventListener("focus", () => show(node));
    node.addEventListener("mouseleave", () => show(null));
    node.addEventListener("blur", () => show(null));
  }
}
"""


def anchor(id: str) -> str:
    """The id of a statement's entry on the page.

    >>> anchor("Remark (a)"), anchor("Clarke's subdifferential")
    ('statement-remark-a', 'statement-clarkes-subdifferential')
    """
    kept = "".join(c for c in id.lower().replace(" ", "-") if c.isalnum() or c == "-")
    return f"statement-{kept}"


def nowhere(kind: str, name: str) -> str:
    """No address: names are printed without a link."""
    return ""


def beside(out: Path, root: Path) -> Link:
    """Links relative to the page `out` to the files of a checkout: notebooks, tests and sources."""
    from selgrad.counterexamples import COUNTEREXAMPLES

    def link(kind: str, name: str) -> str:
        if kind == "cell":
            path = root / "notebooks" / f"{name.partition(' ')[0]}.ipynb"
        elif kind == "test":
            path = root / "tests" / name.partition("::")[0]
        elif kind == "example":
            path = root / f"{COUNTEREXAMPLES[name].compute.__module__.replace('.', '/')}.py"
        else:
            path = next(p for p in (root / name, root / "selgrad" / name) if p.exists())
        return quote(Path(os.path.relpath(path, out.resolve().parent)).as_posix())

    return link


def svg() -> str:
    """The graph: an arrow leads from a statement to those that rest on it; each box leads to its entry."""
    found, below = layout(STATEMENTS), ancestors(STATEMENTS)
    high = found.rows * STEP + TALL + 12
    at = lambda p: (BOX / 2 + 6 + p[0] * WIDTH, TALL / 2 + 6 + p[1] * STEP)
    lines = []
    for (start, end), points in found.edges.items():
        bends = [at(p) for p in points]
        (x, y), path = bends[0], ""
        path = f"M{x + BOX / 2:.1f} {y:.1f}"
        for n, (u, v) in enumerate(bends[1:], 1):
            left = u - BOX / 2 - (5 if n == len(bends) - 1 else 0)
            right = bends[n - 1][0] + BOX / 2
            middle = (left + right) / 2
            path += f" C{middle:.1f} {bends[n - 1][1]:.1f} {middle:.1f} {v:.1f} {left:.1f} {v:.1f}"
            if n < len(bends) - 1:
                path += f" L{u + BOX / 2:.1f} {v:.1f}"
        lines.append(f'<path class="edge" data-from="{escape(start)}" data-to="{escape(end)}" d="{path}" '
                     'marker-end="url(#statement-arrow)"/>')
    for id, place in found.places.items():
        s, (x, y) = STATEMENTS[id], at(place)
        corner = 9 if s.kind in ("Theorem", "Proposition", "Lemma") else 2
        rests = escape("|".join(sorted(below[id])))
        lines.append(
            f'<a href="#{anchor(id)}" class="{s.whose}" data-id="{escape(id)}" data-below="{rests}">'
            f"<title>{escape(f'{id}: {s.name}')}</title><rect "
            f'class="box" x="{x - BOX / 2:.1f}" y="{y - TALL / 2:.1f}" width="{BOX}" height="{TALL}" rx="{corner}"/>'
            f'<text x="{x:.1f}" y="{y + 4:.1f}">{_subscript(short(id))}</text></a>')
    wide = BOX + 12 + (found.ranks - 1) * WIDTH
    said = f"What rests on what: {len(STATEMENTS)} statements"
    return (f'<svg viewBox="0 0 {wide} {high:.0f}" role="group" aria-label="{said}">'
            '<defs><marker id="statement-arrow" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" '
            'orient="auto"><path d="M0 0 L6 3 L0 6 z" fill="#8a8a8a"/></marker></defs>' + "".join(lines) + "</svg>")


def _subscript(text: str) -> str:
    """D_P with its P as a subscript."""
    name, _, below = text.partition("_")
    return escape(name) + (f'<tspan dy="3" font-size="8.5">{escape(below)}</tspan>' if below else "")


def entry(one: Covered, link: Link) -> str:
    """One statement in words, with its links."""
    s = one.statement
    whose = {"paper": "the paper's", "later": "a later paper's", "ours": "ours"}[s.whose]

    def linked(kind: str, name: str, said: str = "") -> str:
        address, text = link(kind, name), f"<code>{escape(said or name)}</code>"
        return f'<a href="{escape(address)}">{text}</a>' if address else text

    inner = lambda id: f'<a href="#{anchor(id)}">{escape(id)}</a>'
    above = [t.id for t in STATEMENTS.values() if s.id in t.rests_on]
    rows = [
        ("says", escape(s.says)),
        ("object", ", ".join(f"<code>{escape(name)}</code>" for name in s.objects)),
        ("file", ", ".join(linked("file", name) for name in s.files)),
        ("cell", ", ".join(linked("cell", f"{c.chapter} [{c.number}]", str(c)) for c in one.cells)),
        ("test", ", ".join(linked("test", name) for name in one.tests)),
        ("rests on", ", ".join(map(inner, s.rests_on)) or "nothing here"),
        ("used by", ", ".join(map(inner, above)) or "nothing here"),
        *(("without", f"“{escape(h)}”: " + ", ".join(linked("example", n) for n in found))
          for h, found in one.examples.items()),
        *([("note", escape(s.note))] if s.note else []),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return (f'<article id="{anchor(s.id)}"><h3>{escape(s.id)}: {escape(s.name)} '
            f"<small>({escape(s.place)}, {whose})</small></h3><dl>{terms}</dl></article>")


def fragment(root: Path, link: Link = nowhere) -> str:
    """Graph and list as HTML to be put into any page; it needs nothing from elsewhere.

    root holds notebooks/source and tests; link(kind, name) gives addresses of cells, tests, files and examples.
    """
    entries = "".join(entry(one, link) for one in coverage(root))
    return (f'<div class="statements"><style>{STYLE}</style><p>An arrow leads from a statement to those that rest on '
            "it. Dashed boxes are ours, the others the paper's. Point at a box, or reach it with Tab, to see what it "
            f'rests on; Enter leads to its entry.</p><div class="graph">{svg()}</div>{entries}'
            f"<script>{SCRIPT}</script></div>")


def page(root: Path, link: Link = nowhere) -> str:
    """The fragment as a page of its own."""
    style = ("body { max-width: 1180px; margin: 1.5rem auto; padding: 0 1rem; font-family: system-ui, sans-serif; } "
             "a { color: inherit; } "
             "@media (prefers-color-scheme: dark) { body { background: #16181c; color: #ececec; } }")
    title = "The statements, and what rests on what"
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{style}</style></head>'
            f"<body><h1>{title}</h1>{fragment(root, link)}</body></html>\n")
