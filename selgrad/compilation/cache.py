"""Generated modules on disk: written once under the hash of their text, so that Numba can cache them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

FOLDERS = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}


def folder() -> Path:
    """Where generated modules are kept: $XDG_CACHE_HOME/selgrad, or the platform's own place."""
    variable, place = FOLDERS.get(sys.platform, ("", ".cache"))
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get(variable or "XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / place) / "selgrad"


def load(text: str) -> ModuleType:
    """The module with this text, from this process, from disk, or written now.

    The name is the hash of the text, which holds the versions that made it; a file that does not
    hold the text is replaced. Where the folder cannot be written a private temporary one serves.
    """
    name = f"selgrad_compiled_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    if name in sys.modules:
        return sys.modules[name]
    try:
        path = _written(folder(), name, text)
    except OSError:
        path = _written(Path(tempfile.mkdtemp(prefix="selgrad-")), name, text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Numba looks a cached function's module up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _written(where: Path, name: str, text: str) -> Path:
    """The file, with exactly this text; it appears whole or not at all, whoever else writes it."""
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = where / f"{name}.py"
    if path.is_file() and path.read_bytes() == text.encode():
        return path
    handle, partial = tempfile.mkstemp(prefix=name, suffix=".tmp", dir=where)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    return path
