"""The experiments behind the figures `theorem4`, `precision` and `digits`: minutes of computing, kept as small files.

    python -m selgrad.experiments NAME        writes figures/data/NAME.json

Each module has a docstring that says what is counted and compute(store), which returns what the file
holds; the figure reads the file, and a test computes a part of it again. Numbers in the files are
ours; published ones are quoted in the figures, as their authors'.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from selgrad.errors import InputError

NAMES = ("theorem4", "bifurcation", "escape", "digits")


def experiment(name: str) -> ModuleType:
    """The module of an experiment. Raises InputError for a name that is none."""
    if name not in NAMES:
        raise InputError(f"There is no experiment {name!r}; there is {', '.join(NAMES)}.")
    return import_module(f"selgrad.experiments.{name}")


def folder() -> Path:
    """Where the files are: figures/data beside the package, or inside it once it is installed."""
    package = Path(__file__).parents[1]
    return (package / "_figures" if (package / "_figures").is_dir() else package.parent / "figures") / "data"


def read(name: str) -> dict[str, Any]:
    """What the file of an experiment holds."""
    return json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))


def write(name: str, result: dict[str, Any]) -> Path:
    """Write the file of an experiment, one line for each entry."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in result.items()]
    path = folder() / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return path
