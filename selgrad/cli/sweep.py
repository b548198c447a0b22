"""`selgrad sweep`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from pathlib import Path

from selgrad.cli.command import OK, STOPPED, Cannot, shown


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
