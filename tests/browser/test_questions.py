"""A question to commit to, in JupyterLab: answered by the keyboard alone, graded, and then the application shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from browser.chromium import axe, shot
from browser.lab import Lab
from selgrad.notebook.build import KERNEL

CELLS = ("from selgrad.notebook import predict\nfrom selgrad.widgets import KinkExplorer",
         'predict("01-a", reveal=lambda: KinkExplorer())', 'predict("07-b")')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    nb.metadata["kernelspec"] = KERNEL
    nbformat.write(nb, folder / "questions.ipynb")
    return folder


def test_one_commits_by_keyboard_and_then_sees(lab: Lab, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 1500})
    lab.open(page, "questions.ipynb")
    lab.run_all(page)
    first, second = (page.locator(".selgrad-question").nth(i) for i in range(2))
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.theme(page, theme)
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        shot(page, f"question-{theme.split()[1].lower()}")
        assert axe(page, ".selgrad-question") == []
    radios = first.get_by_role("radio")
    assert radios.count() == 4 and first.locator("svg[role=img]").count() == 0
    radios.first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the third, which is right
    first.get_by_role("button", name="Commit").focus()
    page.keyboard.press("Enter")
    first.get_by_text("Right.").wait_for()
    first.locator("svg[role=img]").first.wait_for()
    assert first.get_by_role("radio", checked=True).is_disabled()
    box = second.get_by_label("Your answer")
    box.focus()
    page.keyboard.type("one")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    second.get_by_text("“one” is no number").wait_for()
    box.fill("1")
    second.get_by_role("button", name="Commit").click()
    second.get_by_text("Not so.").wait_for()
    assert "each hands on a derivative of its own" in second.inner_text()
    shot(page, "question-answered")
    assert axe(page, ".jp-Notebook-cell:last-of-type .selgrad-question") == []
