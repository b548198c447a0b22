"""`selgrad lab`."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from selgrad.cli.command import Cannot


class Lab:
    """`selgrad lab`: open the notebooks in JupyterLab."""

    name = "lab"
    help = "open the notebooks in JupyterLab"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--dir", type=Path, metavar="DIR", help="open copies, made in this folder")
        parser.add_argument("jupyter", nargs="*", metavar="...", help="after --: options of JupyterLab")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.figures import project_folder

        notebooks = project_folder("notebooks")
        if not notebooks.is_dir():
            raise Cannot(f"There is no folder {notebooks}.")
        if args.dir is None and notebooks.name == "_notebooks":
            raise Cannot("Name a folder with --dir DIR: the notebooks selgrad came with are copied there.")
        if find_spec("jupyterlab") is None:
            raise Cannot('JupyterLab is not installed here; install it with: pip install "selgrad[lab]"')
        folder = notebooks if args.dir is None else copy_missing(notebooks, args.dir)
        return subprocess.call([sys.executable, "-m", "jupyterlab", *args.jupyter, str(folder)])


def copy_missing(source: Path, target: Path) -> Path:
    """Copy the files of `source` that `target` lacks: a student's work is never overwritten."""
    for file in sorted(source.rglob("*")):
        copy = target / file.relative_to(source)
        if any(part.startswith((".", "__")) for part in file.relative_to(source).parts) or file.is_dir():
            continue
        if copy.exists():
            print(f"{copy} is kept as it is")
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    return target
