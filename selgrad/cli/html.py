"""`selgrad html`."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from selgrad.cli.command import OK, Cannot, shown


class Html:
    """`selgrad html`: notebooks as HTML files to read without network and without kernel."""

    name = "html"
    help = "save notebooks as HTML to read without network: formulas drawn, widgets as pictures"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="which notebooks (default: the course)")
        add("--out", type=Path, metavar="DIR", help="folder for the files (default: selgrad-course/html)")

    def run(self, args: argparse.Namespace) -> int:
        if find_spec("nbconvert") is None:
            raise Cannot('nbconvert is not installed here; install it with: pip install "selgrad[lab]"')
        from selgrad.figures import project_folder
        from selgrad.notebook.working_copy import course_folder
        from selgrad.plotting import write_atomically
        from selgrad.site.offline import to_html

        notebooks = args.notebooks or sorted(project_folder("notebooks").glob("*.ipynb"))
        for notebook in notebooks:
            path = (args.out or course_folder() / "html") / f"{notebook.stem}.html"
            write_atomically(path, to_html(notebook).encode())
            print(f"{shown(path)}  {path.stat().st_size / 1000:.0f} kB", flush=True)
        return OK
