"""What the subcommands of `selgrad` share: exit codes, the error a user reads, paths as they are shown."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from selgrad.errors import SelgradError

OK, DIFFERS, CANNOT, STOPPED = 0, 1, 2, 130
"""Exit codes: done; a check found a difference; the request cannot be carried out; stopped by Ctrl-C."""


class Cannot(SelgradError):
    """A request that cannot be carried out; its text is shown to the user."""


class Command(Protocol):
    """What a subcommand has. To add one, write a class of this form and list it in COMMANDS of selgrad/cli."""

    name: str
    help: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def shown(path: Path) -> Path:
    """`path` as it reads from the current folder, if it is below it."""
    return path.resolve().relative_to(Path.cwd()) if path.resolve().is_relative_to(Path.cwd()) else path
