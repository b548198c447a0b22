"""`python -m selgrad.frameworks.record` asks live TensorFlow and writes recorded.json.

It records the programs in `recorded.RECORDED`, those that a module of selgrad.widgets names in a
function `tensorflow_programs()` yielding (f, arguments), and every notebook cell that starts with
%%tensorflow. The cells of one notebook share a namespace of their own, so they must not use the
names of its ordinary cells.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from selgrad.errors import SelgradError
from selgrad.frameworks import require_tensorflow
from selgrad.frameworks.magic import MAGIC, run_live
from selgrad.frameworks.recorded import PATH, RECORDED, cell_key, encode, program_key, program_to_json
from selgrad.frameworks.tensorflow import tensorflow_value_and_derivative
from selgrad.tracing import trace

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"


def programs() -> Iterator[tuple[Callable, tuple[Any, ...]]]:
    """(f, arguments) for every program to record."""
    yield from RECORDED
    # widgets stand to the right of frameworks, so they are looked up by name and not imported above
    widgets = importlib.import_module("selgrad.widgets")
    for module in pkgutil.iter_modules(widgets.__path__, "selgrad.widgets."):
        named = getattr(importlib.import_module(module.name), "tensorflow_programs", None)
        if named is not None:
            yield from named()


def cells(notebook: Path) -> list[str]:
    """The code of the %%tensorflow cells of a notebook's source, in order, without the magic's own line."""
    import jupytext

    found = []
    for cell in jupytext.read(notebook, fmt="md:myst").cells:
        if cell.cell_type == "code" and cell.source.lstrip().startswith(MAGIC):
            found.append(cell.source.lstrip().partition("\n")[2])
    return found


def record_program(f: Callable, args: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    """The key and the entry of one program, from live TensorFlow."""
    P = trace(f, *args)
    value, derivative = tensorflow_value_and_derivative(P, *args)
    entry = {"name": P.name, "program": program_to_json(P), "arguments": encode(tuple(args)),
             "value": encode(value), "derivative": encode(derivative)}
    return program_key(P, *args), entry


def record_cells(notebooks: list[Path]) -> dict[str, dict[str, str]]:
    """Key -> entry of every %%tensorflow cell of these notebooks, from live TensorFlow.

    Raises SelgradError when a cell fails, or when one code has two outputs.
    """
    entries: dict[str, dict[str, str]] = {}
    for notebook in notebooks:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for source in cells(notebook):
            try:
                output = run_live(source, namespace)
            except Exception as problem:
                raise SelgradError(
                    f"A {MAGIC} cell of {notebook.name} fails ({problem!r}); it may use tf, np, sg and what "
                    f"earlier {MAGIC} cells of the notebook define, and nothing else:\n{source}"
                ) from problem
            entry = {"notebook": f"{notebook.stem}.ipynb", "output": output}
            if entries.setdefault(cell_key(source), entry)["output"] != output:
                raise SelgradError(f"One {MAGIC} cell prints two different things (see {notebook.name}):\n{source}")
    return entries


def as_text(data: dict[str, Any]) -> str:
    """JSON with one line an entry, so that a change shows as one line."""
    blocks = [f'"tensorflow": {json.dumps(data["tensorflow"])}']
    for kind in ("programs", "cells"):
        lines = [f"{json.dumps(key)}: {json.dumps(data[kind][key], ensure_ascii=False)}" for key in data[kind]]
        blocks.append(f'"{kind}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> int:
    """Write recorded.json; one line for each thing recorded."""
    version = require_tensorflow().__version__
    entries = dict(record_program(f, args) for f, args in programs())
    shown = record_cells(sorted(SOURCES.glob("[0-9]*.md")))
    PATH.write_text(as_text({"tensorflow": version, "programs": entries, "cells": shown}), encoding="utf-8")
    for entry in entries.values():
        print(f"program {entry['name']} at {entry['arguments']['tuple']}: derivative {entry['derivative']}")
    print(f"TensorFlow {version}: recorded {len(entries)} programs and {len(shown)} cells in {PATH.name}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SelgradError as problem:
        sys.exit(str(problem))
