"""Make the notebooks from their sources: `python -m selgrad.notebook.build [--check] [--out DIR] [names]`.

A chapter is written in notebooks/source, as MyST Markdown, and executed into a notebook. Two runs write
the same bytes. What changes from run to run is taken out: timings, the random ids of widgets and cells,
the version of Python. `--check` runs them without writing and fails, naming the notebook and the first
cell that would change.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from selgrad.figures import project_folder
from selgrad.notebook.exercises import of_chapter
from selgrad.notebook.repository import installing, repository
from selgrad.plotting.save import write_atomically

WIDGETS = "application/vnd.jupyter.widget-state+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMEOUT = 120
MARKER = "<!-- exercises -->"


def execute(notebook: Any, folder: Path) -> Any:
    """The notebook, executed from its sources in a fresh kernel; raises CellExecutionError."""
    from nbclient import NotebookClient

    fresh = copy.deepcopy(notebook)
    fresh.metadata = type(notebook.metadata)(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in fresh.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    root = str(Path(__file__).resolve().parents[2])
    env = {
        **os.environ,
        # ipykernel captures what C code prints unless this is set, and under nbval it is
        "PYTEST_CURRENT_TEST": "ref",
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")])),
        "PYTHONHASHSEED": "0",
    }
    client = NotebookClient(
        fresh,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # how a cell's prints are cut into messages depends on the clock
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # its warnings about the transport
    )
    client.execute(env=env)
    return stable(fresh)


def stable(notebook: Any) -> Any:
    """The notebook without what differs from run to run."""
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return relabelled(notebook)


def relabelled(notebook: Any) -> Any:
    """Widget ids replaced by their order of appearance.

    Before serialising, which sorts by id: afterwards the order would still be a random one.
    """
    import nbformat

    state = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    if not state:
        notebook.metadata.pop("widgets", None)
        return notebook
    names = {old: f"{number:032x}" for number, old in enumerate(state, 1)}
    text = re.sub(r"[0-9a-f]{32}", lambda m: names.get(m.group(), m.group()), json.dumps(notebook))
    return nbformat.from_dict(json.loads(text))


def serialised(notebook: Any) -> bytes:
    """The bytes of the notebook's file; raises ValidationError when it is not a valid notebook."""
    import nbformat

    nbformat.validate(notebook)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def read(source: Path) -> Any:
    """The notebook that a MyST source describes, not executed, with the exercises of its chapter.

    Its first code cell begins with what installs selgrad where it is missing.
    """
    import jupytext

    notebook = jupytext.read(source, fmt="md:myst")
    if first := next((cell for cell in notebook.cells if cell.cell_type == "code"), None):
        first.source = installing(repository()) + first.source
    notebook.cells = [new for cell in notebook.cells for new in with_exercises(cell, source.name[:2])]
    return notebook


def with_exercises(cell: Any, chapter: str) -> list[Any]:
    """The cell; where it is Markdown with the line MARKER, with the chapter's exercises in the place of that line."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    before, marker, after = cell.source.partition(MARKER)
    if cell.cell_type != "markdown" or not marker:
        return [cell]
    new = [new_markdown_cell(before.strip(), metadata=cell.metadata)] if before.strip() else []
    for exercise in of_chapter(chapter):
        new.append(new_markdown_cell(exercise.markdown))
        new.append(new_code_cell(f'answer = None\ncheck("{exercise.number}", answer)'))
    return new + ([new_markdown_cell(after.strip())] if after.strip() else [])


def first_difference(old: Any, new: Any) -> str:
    """Where two notebooks differ, in words."""
    if old is None:
        return "new"
    if len(old.cells) != len(new.cells):
        return f"{len(old.cells)} cells became {len(new.cells)}"
    for number, (a, b) in enumerate(zip(old.cells, new.cells)):
        if a != b:
            parts = [key for key in ("source", "execution_count", "outputs") if a.get(key) != b.get(key)]
            begins = a.source.strip().partition("\n")[0][:60]
            return f"cell {number} ({', '.join(parts) or 'metadata'}): {begins}"
    return "the notebook's metadata (saved widgets, kernel)"


def build(source: Path, folder: Path, check: bool = False) -> str | None:
    """Make the notebook of one source in `folder`; None when it was up to date, else what changed.

    `check` writes nothing.
    """
    import nbformat

    path = folder / f"{source.stem}.ipynb"
    before = path.read_bytes() if path.exists() else None
    new = execute(read(source), source.parents[1])
    after = serialised(new)
    if after == before:
        return None
    if not check:
        write_atomically(path, after)
    return first_difference(before and nbformat.reads(before.decode(), as_version=4), new)


def select(names: list[str], folder: Path) -> list[Path]:
    """The sources whose names begin with one of `names` (all for none), in order."""
    every = sorted(folder.glob("[0-9]*.md"))
    chosen = [path for path in every if not names or any(path.name.startswith(name) for name in names)]
    missing = [name for name in names if not any(path.name.startswith(name) for path in every)]
    if missing or not every:
        raise SystemExit(f"There is no source {missing[0] if missing else ''} of a notebook in {folder}.")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when all is well, 1 when a notebook fails or, with --check, has drifted."""
    what = "Make the notebooks from their sources, executed; two runs write the same bytes."
    parser = argparse.ArgumentParser(prog="python -m selgrad.notebook.build", description=what)
    parser.add_argument("names", nargs="*", help="beginnings of notebook names, as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a notebook would change")
    parser.add_argument("--folder", type=Path, default=None, help="where the folder `source` is (default: notebooks)")
    parser.add_argument("--out", type=Path, default=None, help="where the notebooks go (default: the same folder)")
    options = parser.parse_args(arguments)
    from nbclient.exceptions import CellExecutionError

    failed = False
    folder = options.folder or project_folder("notebooks")
    out = options.out or folder
    out.mkdir(parents=True, exist_ok=True)
    for source in select(options.names, folder / "source"):
        name = f"{source.stem}.ipynb"
        try:
            difference = build(source, out, options.check)
        except CellExecutionError as problem:
            print(f"{name}: a cell failed\n{problem}", file=sys.stderr)
            failed = True
            continue
        if difference is None:
            print(f"{name}: up to date", flush=True)
        else:
            print(f"{name}: {'drifted' if options.check else 'rebuilt'}: {difference}", flush=True)
        failed |= options.check and difference is not None
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
