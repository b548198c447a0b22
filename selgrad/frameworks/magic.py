"""The cell magic %%tensorflow: real TensorFlow code, run live or shown as it was recorded.

Such a cell sees tf, np and sg, and what earlier %%tensorflow cells of its notebook defined; it
prints what it has to say. (Later ordinary cells should not use what it defines: without
TensorFlow nothing ran.)
"""

from __future__ import annotations

import io
import linecache
import sys
from contextlib import redirect_stdout
from typing import Any

import numpy as np

import selgrad as sg
from selgrad.frameworks import require_tensorflow, tensorflow_available
from selgrad.frameworks.recorded import NotRecorded, cell_key, recorded_cell, tensorflow_version

MAGIC = "%%tensorflow"


def run_live(source: str, namespace: dict[str, Any]) -> str:
    """Run a cell in this namespace (tf, np and sg are put there) and return what it printed."""
    for name, module in (("tf", require_tensorflow()), ("np", np), ("sg", sg)):
        namespace.setdefault(name, module)
    file = f"<tensorflow cell {cell_key(source)[:8]}>"
    # tracebacks and tf.function read the source from here
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            exec(compile(source, file, "exec", dont_inherit=True), namespace)
    except BaseException:
        sys.stdout.write(printed.getvalue())  # what came before the error helps to find it
        raise
    return printed.getvalue()


def load(ipython: Any) -> None:
    """Register %%tensorflow with an IPython shell.

    Live or recorded, the last line printed is `[TensorFlow <version>]`, so both outputs are equal
    byte for byte. Without TensorFlow, a cell that was not recorded says so in one sentence.
    """

    def tensorflow(line: str, cell: str) -> None:
        if tensorflow_available():
            text = run_live(cell, ipython.user_ns)
        else:
            try:
                text = recorded_cell(cell)
            except NotRecorded as problem:
                print(problem)
                return
        end = "" if text.endswith("\n") or not text else "\n"
        print(f"{text}{end}[TensorFlow {tensorflow_version()}]")

    ipython.register_magic_function(tensorflow, "cell", "tensorflow")


load_ipython_extension = load  # for %load_ext selgrad.frameworks.magic
