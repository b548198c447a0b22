"""The command `selgrad`. A subcommand is one class below: its name, its help, its arguments and what it runs.

Only the subcommand that is asked for imports what it needs, so `selgrad --help` answers at once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from selgrad.errors import SelgradError

OK, DIFFERS, CANNOT, STOPPED = 0, 1, 2, 130
"""Exit codes: done; a check found a difference; the request cannot be carried out; stopped by Ctrl-C."""


class Cannot(SelgradError):
    """A request that cannot be carried out; its text is shown to the user."""


class Command(Protocol):
    """What a subcommand has. To add one, write a class of this form and list it in COMMANDS."""

    name: str
    help: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


class Figures:
    """`selgrad figures`: draw the figures, or check that they are as recorded."""

    name = "figures"
    help = "draw the figures of the paper, or check that they are as recorded"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        from selgrad.figures import FORMATS

        add = parser.add_argument
        add("ids", nargs="*", metavar="ID", help="which figures, such as fig1 (default: all)")
        add("--out", type=Path, metavar="DIR", help="folder for the files (default: figures/out)")
        add("--format", nargs="+", choices=FORMATS, default=FORMATS, help="which files (default: all three)")
        add("--ad", choices=("selgrad", "tensorflow"), default="selgrad", help="who differentiates")
        add("--source", type=Path, metavar="DIR", help="folder of scripts and manifest (default: figures)")
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
        out = args.out or source / "out"

        if args.check:
            return self.check(ids, out, args, source)
        if args.update:
            if args.ad != "selgrad" or tuple(args.format) != figures.FORMATS:
                raise Cannot("--update records every format, from selgrad: leave out --ad and --format.")
            paths = figures.update(ids, out, source)
        else:
            paths = figures.regenerate(ids, out, args.format, args.ad, source)
        for path in paths:
            print(f"{shown(path)}  {path.stat().st_size / 1000:.0f} kB", flush=True)
        return OK

    def check(self, ids: Sequence[str], out: Path, args: argparse.Namespace, source: Path) -> int:
        from selgrad import figures

        outcomes = [figures.check(id, out, args.format, args.ad, source) for id in ids]
        for outcome in outcomes:
            print(outcome.text)
        return OK if all(outcome.ok for outcome in outcomes) else DIFFERS


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


class Sweep:
    """`selgrad sweep`: compute the sweep that a file describes, or go on with it."""

    name = "sweep"
    help = "run a task over a grid of points, in chunks that survive an interruption"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("config", type=Path, metavar="CONFIG.toml", help="task, grid, chunk, seed, workers and store of the sweep")
        add("--quiet", action="store_true", help="no progress bar")
        where = parser.add_mutually_exclusive_group().add_argument
        where("--workers", type=int, metavar="N", help="processes on this machine, instead of the number in the file")
        where("--dask", metavar="ADDRESS", help="run on the Dask cluster of this scheduler, such as tcp://host:8786")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.sweeps import sweep
        from selgrad.sweeps.config import Config

        config = Config.read(args.config)
        workers = config.workers if args.workers is None else args.workers
        with cluster(args.dask) if args.dask else nullcontext(workers if workers != 1 else None) as executor:
            try:
                results = sweep(
                    config.task, config.grid, executor, config.store, options=config.options, chunk=config.chunk,
                    seed=config.seed, progress=not args.quiet,
                )
            except KeyboardInterrupt as stopped:
                print(f"selgrad: {str(stopped) or 'Stopped at once; the same command goes on.'}", file=sys.stderr)
                return STOPPED
        for name, array in results.items():
            print(f"{shown(config.store)}  {name}  {array.dtype}  {'x'.join(map(str, array.shape))}")
        return OK


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of the Dask cluster at `address`."""
    try:
        from distributed import Client
    except ImportError as error:
        raise Cannot('Dask is not installed here; install it with: pip install "selgrad[cluster]"') from error
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise Cannot(f"There is no Dask scheduler at {address}: {error}") from error
    with client:
        yield client.get_executor()


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


def shown(path: Path) -> Path:
    """`path` as it reads from the current folder, if it is below it."""
    return path.resolve().relative_to(Path.cwd()) if path.resolve().is_relative_to(Path.cwd()) else path


COMMANDS: tuple[Command, ...] = (Figures(), Lab(), Sweep())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's own) and return the exit code."""
    import selgrad

    parser = argparse.ArgumentParser(prog="selgrad", description=selgrad.__doc__)
    parser.add_argument("--version", action="version", version=f"selgrad {selgrad.__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = subparsers.add_parser(command.name, help=command.help, description=command.help)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except (SelgradError, OSError) as error:
        print(f"selgrad: {error}", file=sys.stderr)
        return CANNOT
