"""Chromium: where it is, how it is started, what is watched in a tab, axe-core."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
NPM = ROOT / "build" / "npm" / "node_modules"
SHOTS = Path(os.environ.get("SELGRAD_SCREENSHOTS", ROOT / "build" / "screenshots"))
EXECUTABLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the network is blocked for every page
]
PATIENCE = 90_000  # ms; a first Run All imports TensorFlow
HERE = ("127.0.0.1", "localhost")
SIZES = {"1280": (1280, 800), "1920": (1920, 1080)}


def reason() -> str | None:
    """Why nothing can be driven here, or None."""
    if EXECUTABLE is None:
        return "no Chromium or Chrome on this machine (Debian: apt-get install chromium)"
    return None if find_spec("playwright") else "playwright is not installed (pip install playwright)"


def leaves(url: str) -> bool:
    """Would this request leave the machine?

    >>> leaves("https://cdn.jsdelivr.net/x.js"), leaves("file:///tmp/a.html"), leaves("data:,"), leaves("//a.org/x")
    (True, False, False, True)
    """
    parts = urlsplit(url)
    return bool(parts.netloc) and parts.scheme not in ("file", "data", "blob") and parts.hostname not in HERE


@dataclass
class Watch:
    """What went wrong in a tab so far; a test that provokes something clears the list it is in."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def on(self, page: Any) -> None:
        """Watch this tab and the frames in it."""
        page.on("pageerror", lambda error: self.errors.append(f"{error}"))
        page.on("console", lambda m: self.errors.append(f"{m.text} ({m.location.get('url', '')})")
                if m.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url) if leaves(request.url) else None)

    def problems(self) -> list[str]:
        return [f"error in the console: {text}" for text in self.errors] + [
            f"request that leaves the machine: {url}" for url in self.requests]


def wait(read: Callable[[], Any], wanted: Callable[[Any], Any], what: str, patience: float = PATIENCE) -> Any:
    """Poll until wanted(read()) holds, and return what was read; fail with `what` after `patience` ms."""
    end, got = time.monotonic() + patience / 1000, None
    while time.monotonic() < end:
        got = read()
        if wanted(got):
            return got
        time.sleep(0.05)
    pytest.fail(f"{what}; last seen: {str(got)[:300]}")


def shot(page: Any, name: str) -> Path:
    """Keep a picture of the tab (or of a locator) as build/screenshots/NAME.png."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=str(path))
    return path


def axe(page: Any, *selectors: str, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """What axe-core finds of these impacts inside the selectors (default: the whole page), one line each.

    `page` may be a frame. Skips, and says so, where axe-core has not been fetched.
    """
    script = NPM / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip(f"axe-core is not in {NPM}: python -m selgrad.site.npm")
    page.evaluate(script.read_text(encoding="utf-8") + "; undefined")
    context = {"include": [[s] for s in selectors]} if selectors else "document"
    found = page.evaluate(
        # preload would ask for the style sheets, which browsers refuse to pages opened from the file system
        "context => axe.run(context === 'document' ? document : context, "
        "{resultTypes: ['violations'], preload: false})", context)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {' | '.join(node['html'][:150] for node in rule['nodes'])}"
        for rule in found["violations"] if rule["impact"] in impacts
    ]
