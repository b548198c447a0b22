"""Build the site: Sphinx, where every warning is an error, the course as one PDF, slides and a cheat sheet.

Offline once npm has fetched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from selgrad.site import handouts, printing
from selgrad.site.npm import ROOT, SiteError
from selgrad.site.pages import assemble

SITE = ROOT / "build" / "site"
MARK = ".made-from"
MISSING = 'Sphinx is not installed here; install it with: pip install -c constraints.txt -e ".[site]"'


def fingerprint() -> str:
    """The hash of everything that a site is made of, and of whether there is a browser to print it."""
    folders = {"tests": "*.py", "docs": "*", "notebooks": "*.*", "figures": "*.*", "selgrad": "*.*"}
    files = [path for name, what in folders.items() for path in (ROOT / name).rglob(what)]
    digest = hashlib.sha256(str(printing.browser() is not None).encode())
    for path in sorted([*files, ROOT / "pyproject.toml"]):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def current(out: Path = SITE) -> bool:
    """Whether `out` holds the site of the sources as they are now."""
    mark = out / MARK
    return mark.exists() and mark.read_text() == fingerprint()


def build(out: Path = SITE) -> None:
    """Build the site into `out`, which is replaced when all went well. Raises SiteError."""
    if find_spec("sphinx") is None or find_spec("myst_nb") is None:
        raise SiteError(MISSING)
    out = out.resolve()
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise SiteError(f"{out} holds something that is not a site of ours, and it is not overwritten.")
    out.parent.mkdir(parents=True, exist_ok=True)
    source, new, trees = (out.with_name(f"{out.name}-{what}") for what in ("source", "new", "doctrees"))
    made_from = fingerprint()
    assemble(source)
    for folder in (new, trees):
        shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-b", "html"]
    paths = filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    if subprocess.run([*command, "-d", str(trees), str(source), str(new)], env=env).returncode:
        raise SiteError("Sphinx found what is said above; a site that was there before is kept.")
    for name in (".buildinfo", "objects.inv"):
        (new / name).unlink(missing_ok=True)
    if printing.browser():
        printing.course(new)
    handouts.write(new / "handouts")
    (new / MARK).write_text(made_from)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    shutil.rmtree(trees)
    shutil.rmtree(source)
