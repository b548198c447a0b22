"""`selgrad audit`."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selgrad.cli.command import DIFFERS, OK, Cannot
from selgrad.errors import SelgradError


class Audit:
    """`selgrad audit`: what a function chose at its kinks at an input from a file, and what AD's gradient is worth."""

    name = "audit"
    help = "say which kinks an input sits on, whether the choices there matter, and where NaN is born"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("function", metavar="MODULE:FUNCTION", help="a function of NumPy arrays, or a Program; the module, which "
            "may lie in this folder, is imported, so it must be one you trust")
        add("--input", type=Path, required=True, metavar="FILE.npz", help="the arguments: arrays named as the "
            "parameters are, or in order")
        add("--wrt", type=int, nargs="+", metavar="N", help="the arguments differentiated by, from 0 (default: all)")
        add("--convention", default="paper", help="whose tie rules: paper, tensorflow, torch, jax, autograd")
        form = parser.add_mutually_exclusive_group().add_argument
        form("--json", action="store_true", help="print the report as JSON, with the verdict's proof")
        form("--check", action="store_true", help="exit 1 unless AD's gradient is certified, finite, and not stopped")

    def run(self, args: argparse.Namespace) -> int:
        from selgrad.audits.one_input import audit
        from selgrad.sweeps.tasks import imported

        f = imported(args.function, "function", Path.cwd())
        given = arrays(args.input, f)
        try:
            report = audit(f, *given, wrt=args.wrt, convention=args.convention)
        except SelgradError:
            raise
        except Exception as error:  # what a user's function may raise is not for us to say
            raise Cannot(f"{args.function} cannot be run on {args.input}: {type(error).__name__}: {error}.") from error
        print(report.to_json() if args.json else report)
        return DIFFERS if args.check and not report.ok else OK


def arrays(file: Path, f: Callable) -> list[Any]:
    """The arguments of f from an .npz file: by name where all parameters stand there, else in the file's order."""
    import zipfile

    import numpy as np

    try:
        held = np.load(file, allow_pickle=False)
        every = {name: held[name][()] for name in held.files}
    except (ValueError, EOFError, AttributeError, zipfile.BadZipFile):  # AttributeError: of an .npy file
        raise Cannot(f"{file} is no .npz file of arrays of numbers: save the arguments with np.savez.") from None
    if not every:
        raise Cannot(f"{file} holds no arrays.")
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        names = []
    return [every[name] for name in names] if set(names) == set(every) else list(every.values())
