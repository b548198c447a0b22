"""The course as a reader opens it: a copy to write into, signed, so that the originals stay as they are.

JupyterLab shows no SVG, no widget and no script of a notebook that is not signed on this machine. A record inside the
copy says what was put there: what a reader has changed is kept for good, the rest follows the course.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selgrad.figures import project_folder, sha256
from selgrad.plotting.save import write_atomically

FOLDER = "selgrad-course"
RECORD = ".selgrad.json"
LEFT_OUT = ("source", "build")  # folders of those who write the course


def course_folder() -> Path:
    """Where the copy is: at the top of a checkout; for an installed selgrad, in the current folder."""
    notebooks = project_folder("notebooks")
    return (Path.cwd() if notebooks.name.startswith("_") else notebooks.parent) / FOLDER


def bring(source: Path, target: Path) -> Iterator[str]:
    """Copy the course into `target`, or bring the copy up to date; an iterator that says what is done, a line each.

    A notebook is changed when a cell is: one that was only run is replaced by a newer one.
    """
    record = _read(target / RECORD)
    given: dict[str, dict[str, str]] = {}
    added = []
    for file in course_files(source):
        name = file.relative_to(source).as_posix()
        copy, now, before = target / name, sha256(file.read_bytes()), record.get(name, {})
        given[name] = {"file": now, "cells": cells(file)}
        if not copy.exists():
            write_atomically(copy, file.read_bytes())
            added.append(name)
        elif before.get("file") == now or sha256(copy.read_bytes()) == now:
            pass
        elif before.get("cells") == cells(copy):
            write_atomically(copy, file.read_bytes())
            yield f"{name}: brought up to date"
        else:
            given[name] = before or {"file": "", "cells": ""}
            yield f"{name}: kept with your changes; move it away and start again for the newer one"
    if added:
        yield f"{len(added)} {'files' if len(added) > 1 else 'file'} copied to {target}"
    write_atomically(target / RECORD, (json.dumps({**record, **given}, indent=1) + "\n").encode())


def course_files(source: Path) -> list[Path]:
    """What a reader gets of the folder `source`: no hidden file, no litter, no source of a notebook."""
    files = []
    for file in sorted(source.rglob("*")):
        parts = file.relative_to(source).parts
        if file.is_file() and parts[0] not in LEFT_OUT and not any(part.startswith((".", "__")) for part in parts):
            files.append(file)
    return files


def cells(file: Path) -> str:
    """A hash of what is written in the cells of a notebook, whatever they showed; of any other file, of its bytes."""
    data = file.read_bytes()
    try:
        written = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError):
        return sha256(data)
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # without a record everything that differs counts as a reader's
        return {}


def sign(source: Path, target: Path) -> None:
    """Sign, for this user, the notebooks of the copy that are to the byte those of the course.

    What a reader has run and saved JupyterLab has signed itself; what somebody else has put there, nobody should.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for file in course_files(source):
        copy = target / file.relative_to(source)
        if copy.suffix == ".ipynb" and copy.read_bytes() == file.read_bytes():
            notary.sign(nbformat.reads(copy.read_text(encoding="utf-8"), as_version=4))
