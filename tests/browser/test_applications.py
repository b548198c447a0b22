"""Every application in a real JupyterLab: each control by keyboard and by mouse, in words that are the engine's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from browser.apps import FAULTS, Driven, notebook
from browser.chromium import axe, shot
from browser.lab import Lab
from selgrad.widgets import APPS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    nbformat.write(notebook(), folder / "applications.ipynb")
    return folder


def test_every_control_of_every_application(lab: Lab, page: Any) -> None:
    lab.open(page, "applications.ipynb")
    lab.sidebar(page)
    lab.run_all(page)
    assert lab.failed(page) == []
    found = []
    for i, make in enumerate(APPS):
        app = Driven(page, page.locator(".selgrad-app").nth(i), make())
        app.root.evaluate("root => root.scrollIntoView({block: 'center'})")
        app.by_keyboard()
        app.by_mouse()
        shot(page, f"application-{make.name}")
        found += [f"{make.name}: {fault}" for fault in app.root.evaluate(FAULTS)]
    lab.theme(page, "JupyterLab Dark")
    assert found + axe(page, ".selgrad-app") == []
