"""`selgrad pages`."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from selgrad.cli.command import OK, Cannot, shown


class Pages:
    """`selgrad pages`: the applications as HTML files that need neither network nor Python."""

    name = "pages"
    help = "save the applications as live pages: single HTML files to open without Python and without network"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder for them (default: selgrad-course/pages)")

    def run(self, args: argparse.Namespace) -> int:
        if find_spec("anywidget") is None:
            raise Cannot('anywidget is not installed here; install it with: pip install "selgrad[lab]"')
        from selgrad.notebook.working_copy import course_folder
        from selgrad.plotting import write_atomically
        from selgrad.widgets import APPS

        for make in APPS:
            page = make().page()
            if page is None:
                raise Cannot(f"There is no page of {make.title}.")
            path = (args.out or course_folder() / "pages") / f"{make.name}.html"
            write_atomically(path, page.encode())
            print(f"{shown(path)}  {path.stat().st_size / 1000:.0f} kB", flush=True)
        return OK
