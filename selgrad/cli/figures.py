"""`selgrad figures`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from selgrad.cli.command import DIFFERS, OK, Cannot, shown


class Figures:
    """`selgrad figures`: draw the figures, or check that they are as recorded."""

    name = "figures"
    help = "draw the figures of the paper, or check that they are as recorded"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        from selgrad import figures

        add = parser.add_argument
        add("ids", nargs="*", metavar="ID", help="which figures, such as fig1 (default: all)")
        add("--out", type=Path, metavar="DIR", help="folder for the files (default: figures/out)")
        formats = figures.FORMATS
        add("--format", nargs="+", choices=formats, default=formats, help="which files (default: all three)")
        add("--ad", choices=("selgrad", "tensorflow"), default="selgrad", help="who differentiates")
        add("--source", type=Path, metavar="DIR", help="folder of scripts and manifest (default: figures)")
        add("--width", type=float, default=5.5, metavar="INCHES", help="lay out anew for this width, 3.25 to 7")
        add("--dpi", type=float, default=200, metavar="N", help="dots per inch of the PNG")
        add("--palette", choices=figures.PALETTES, default="screen", help="print: told apart in grey, too")
        add("--caption", action="store_true", help="also write each caption as .tex and .md")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--check", action="store_true", help="write nothing; exit 1 when anything differs")
        mode.add_argument("--update", action="store_true", help="write and record the files in the manifest")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad import figures

        source = args.source or figures.project_folder("figures")
        ids = args.ids or list(figures.scripts(source))
        if not ids:
            raise Cannot(f"There are no figure scripts (fig_*.py) in {source}.")
        if args.out is None and source.name == "_figures" and not args.check:
            raise Cannot("An installed selgrad does not write into itself: name a folder with --out DIR.")
        look = figures.Look(args.width, args.dpi, args.palette)
        recorded = look == figures.Look()
        # what is laid out otherwise does not take the place of the figures that are recorded
        out = args.out or (source / "out" if recorded else source.parent / "build" / "figures" / look.name)

        if (args.check or args.update) and not recorded:
            raise Cannot("Figures are recorded in one look: leave out --width, --dpi and --palette.")
        if args.check:
            return self.check(ids, out, args, source)
        if args.update:
            if args.ad != "selgrad" or tuple(args.format) != figures.FORMATS:
                raise Cannot("--update records every format, from selgrad: leave out --ad and --format.")
            paths = figures.update(ids, out, source)
        else:
            paths = figures.regenerate(ids, out, args.format, args.ad, source, look, args.caption)
        for path in paths:
            print(f"{shown(path)}  {path.stat().st_size / 1000:.0f} kB", flush=True)
        return OK

    def check(self, ids: Sequence[str], out: Path, args: argparse.Namespace, source: Path) -> int:
        from selgrad import figures

        outcomes = [figures.check(id, out, args.format, args.ad, source) for id in ids]
        for outcome in outcomes:
            print(outcome.text)
        return OK if all(outcome.ok for outcome in outcomes) else DIFFERS
