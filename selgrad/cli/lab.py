"""`selgrad lab`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from selgrad.cli.command import Cannot


class Lab:
    """`selgrad lab`: open a working copy of the course in JupyterLab."""

    name = "lab"
    help = "open a working copy of the course in JupyterLab"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        where = "folder of the copy (default: selgrad-course, in the checkout or else the current folder)"
        parser.add_argument("--dir", type=Path, metavar="DIR", help=where)
        parser.add_argument("jupyter", nargs="*", metavar="...", help="after --: options of JupyterLab")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.figures import project_folder
        from selgrad.notebook import working_copy

        notebooks = project_folder("notebooks")
        if not notebooks.is_dir():
            raise Cannot(f"There is no folder {notebooks}.")
        if find_spec("jupyterlab") is None:
            raise Cannot('JupyterLab is not installed here; install it with: pip install "selgrad[lab]"')
        folder = (args.dir or working_copy.course_folder()).resolve()
        for line in working_copy.bring(notebooks, folder):
            print(line)
        try:
            working_copy.sign(notebooks, folder)
        except OSError as problem:
            print(f"The notebooks could not be signed ({problem}): they show pictures, widgets when they are run.")
        print(f"Opening {folder} in JupyterLab; Ctrl-C ends it ...", flush=True)
        return waited_for(command(folder, args.jupyter))


def command(folder: Path, options: Sequence[str]) -> list[str]:
    """What starts JupyterLab on the first notebook of `folder`."""
    first = sorted(folder.glob("*.ipynb"))[:1]
    root = ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # Jupyter refuses root unless told
    saved_as_html = "--HTMLExporter.preprocessors=selgrad.site.offline.Offline"  # by the menu File
    here = [f"--ServerApp.root_dir={folder}", saved_as_html]
    return [sys.executable, "-m", "jupyterlab", *root, *here, *options, *map(str, first)]


def waited_for(command: Sequence[str]) -> int:
    """Run a command that Ctrl-C speaks to as well: it, not we, says when it ends. Returns its exit code."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass
