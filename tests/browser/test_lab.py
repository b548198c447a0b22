"""A reader's first minute, in a real JupyterLab and a real browser: Run All, move a kink, Reset."""

from __future__ import annotations

import json
import time
from typing import Any

from browser.chromium import ROOT, shot, wait
from browser.lab import Lab

NOTEBOOK = "01_programs_are_not_functions.ipynb"


def test_keyboard_moves_a_kink(lab: Lab, page: Any) -> None:
    page.set_viewport_size({"width": 1400, "height": 1600})
    lab.open(page, NOTEBOOK)
    lab.run_all(page)
    # it appears when its reader has committed to an answer
    question = page.locator(".widget-vbox").filter(has_text="Question 01-b").last
    question.get_by_role("radio").nth(1).check()
    question.get_by_role("button", name="Commit").click()
    # The kink explorer is the application with a slider for the place of kink 1.
    app = page.locator(".widget-vbox, .jupyter-widgets.widget-box").filter(
        has_text="Kink 1 at a₁", has=page.get_by_role("status")
    ).first
    app.wait_for()
    row = app.locator(".widget-slider").filter(has_text="Kink 1 at a₁").first
    slider = row.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    status, picture = app.get_by_role("status").last, app.locator("svg[role=img]").first

    def seen() -> tuple[str, str]:
        return status.inner_text(), picture.inner_html()

    # the notebook's own cells may have moved it
    app.get_by_role("button", name="Reset").click()
    wait(app.get_by_role("combobox").first.input_value, lambda v: v == "start", "Reset did not arrive")
    time.sleep(1)  # the menu is back before the picture; where nothing had moved, no change announces it
    before = wait(seen, lambda s: "AD returns" in s[0], "the application did not appear")
    start = float(slider.get_attribute("aria-valuenow") or "nan")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    place = f"At {start + 3 / 16:g} "
    after = wait(seen, lambda s: place in s[0], "three steps to the right did not reach the status")
    shot(page, "kink-moved-by-keyboard")
    assert after[0] != before[0] and after[1] != before[1]
    app.get_by_role("button", name="Reset").click()
    restored = wait(seen, lambda s: s[0] == before[0], "Reset did not restore the status")
    assert restored[1] == before[1], "Reset did not restore the picture"
    assert lab.failed(page) == []


def test_the_notebook_tried_has_the_application() -> None:
    """Otherwise the test above would look for something the notebook no longer shows."""
    cells = json.loads((ROOT / "notebooks" / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    assert any("KinkExplorer(" in "".join(cell["source"]) for cell in cells)
