"""The command `selgrad`. A subcommand is one class in a file of its own: name, help, arguments and what it runs.

Only the subcommand that is asked for imports what it needs, so `selgrad --help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from selgrad.cli.audit import Audit
from selgrad.cli.command import CANNOT, Command
from selgrad.cli.editions import Editions
from selgrad.cli.figures import Figures
from selgrad.cli.html import Html
from selgrad.cli.lab import Lab
from selgrad.cli.pages import Pages
from selgrad.cli.site import Site
from selgrad.cli.statements import Statements
from selgrad.cli.sweep import Sweep
from selgrad.errors import SelgradError

COMMANDS: tuple[Command, ...] = (
    Audit(), Editions(), Figures(), Html(), Lab(), Pages(), Site(), Statements(), Sweep(),
)


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
