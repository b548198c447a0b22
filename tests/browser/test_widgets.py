"""The applications in JupyterLab where they are not alive: in a notebook that is not trusted, and without a kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from browser.apps import notebook
from browser.chromium import shot, wait
from browser.lab import Lab
from selgrad.widgets import APPS

SEEN = """() => [...document.querySelectorAll('.jp-OutputArea-output')].map(o => {
  const image = o.querySelector('img'), frame = o.querySelector('iframe');
  return [o.querySelectorAll('.sg-picture svg[role=img]').length, Boolean(image && image.naturalWidth),
          Boolean(frame && frame.contentDocument.querySelector('.sg-picture svg[role=img]'))];
})"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook that was executed elsewhere, so that this JupyterLab does not trust it."""
    folder = tmp_path / "work"
    folder.mkdir()
    nbformat.write(notebook(), folder / "widgets.ipynb")
    # In a process of its own: the browser's event loop, which runs in this one, keeps a kernel's client from running.
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", folder / "widgets.ipynb"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def test_not_trusted_it_shows_the_picture(lab: Lab, page: Any) -> None:
    lab.open(page, "widgets.ipynb")
    seen = wait(lambda: page.evaluate(SEEN), lambda s: len(s) == len(APPS) and all(i for _, i, _ in s),
                "an application shows no picture")
    shot(page, "widgets-not-trusted")
    assert all(alive == 0 and not framed for alive, _, framed in seen)


def test_trusted_without_its_kernel_it_shows_what_was_saved(lab: Lab, page: Any) -> None:
    lab.open(page, "widgets.ipynb")
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:trust') }")
    page.locator(".jp-Dialog").get_by_role("button", name="Trust").click()
    page.locator(".jp-Dialog").wait_for(state="detached")
    lab.save(page)
    lab.open(page, "widgets.ipynb")
    seen = wait(lambda: page.evaluate(SEEN), lambda s: len(s) == len(APPS) and all(a or f for a, _, f in s),
                "an application shows nothing")
    shot(page, "widgets-saved")
    assert seen
