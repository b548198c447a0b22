"""`selgrad site`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from selgrad.cli.command import OK, shown


class Site:
    """`selgrad site`: build the site of the course."""

    name = "site"
    help = "build the site of the course, which needs no network afterwards"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the site (default: build/site)")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.site import npm, printing
        from selgrad.site.build import SITE, build, current

        out, began = args.out or SITE, time.monotonic()
        if not npm.fetched():
            print("Fetching MathJax and axe with npm, into build/npm ...", flush=True)
            npm.fetch()
        if current(out):
            print(f"{shown(out / 'index.html')}  up to date")
            return OK
        build(out)
        if printing.browser() is None:
            print(f"No {printing.PDF}: there is no Chromium or Chrome here to print it.")
        print(f"{shown(out / 'index.html')}  {time.monotonic() - began:.0f} s")
        return OK
