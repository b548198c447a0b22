"""Build the site: `python -m selgrad.site [--out DIR]`, which `make site` and `selgrad site` run.

Offline once MathJax was fetched (`selgrad.site.npm`). Warnings of Sphinx are errors.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from selgrad.site import npm
from selgrad.site.npm import ROOT, SiteError

SITE = ROOT / "build" / "site"
MISSING = 'Sphinx is not installed here; install it with: pip install -c constraints.txt -e ".[site]"'


def build(out: Path = SITE) -> None:
    """Build the site into `out`, which is replaced when all went well. Raises SiteError."""
    from selgrad.site.pages import assemble

    try:
        import sphinx  # noqa: F401
    except ImportError as error:
        raise SiteError(MISSING) from error
    source, new = out.parent / f"{out.name}-source", out.parent / f"{out.name}-new"
    assemble(source)
    shutil.rmtree(new, ignore_errors=True)
    trees = out.parent / f"{out.name}-doctrees"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-j", "auto", "-b", "html",
               "-d", str(trees), str(source), str(new)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}
    if subprocess.run(command, env=env).returncode:
        raise SiteError("Sphinx found what is said above; the site that was there is kept.")
    for name in (".doctrees", ".buildinfo", "objects.inv"):
        (new / name).unlink(missing_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)


def main(arguments: list[str] | None = None) -> int:
    """The command: 0, or 2 when the site cannot be built."""
    parser = argparse.ArgumentParser(prog="python -m selgrad.site", description="Build the site of the course.")
    parser.add_argument("--out", type=Path, default=SITE, metavar="DIR", help="folder (default: build/site)")
    out = parser.parse_args(arguments).out.resolve()
    began = time.monotonic()
    try:
        if not npm.fetched():
            print("Fetching MathJax and axe with npm, into build/npm ...", flush=True)
            npm.fetch()
        build(out)
    except SiteError as error:
        print(f"selgrad: {error}", file=sys.stderr)
        return 2
    print(f"The site is in {out} ({time.monotonic() - began:.0f} s); open {out / 'index.html'} in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
