"""The applications in a real JupyterLab: by keyboard, by mouse, in both themes; then without their kernel."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from browser.chromium import SIZES, axe, shot, wait
from browser.lab import Lab
from selgrad.notebook.build import KERNEL
from selgrad.widgets import APPS

NAMES = [make.__name__ for make in APPS]
FITS = """app => [...app.querySelectorAll('.sg-picture text, .sg-row label')].filter(t => {
  const inner = t.getBoundingClientRect(), outer = app.getBoundingClientRect();
  return inner.left < outer.left - 1 || inner.right > outer.right + 1}).map(t => t.textContent)"""
OVERPRINTED = """app => {
  const texts = [...app.querySelectorAll('.sg-picture svg[role=img] text')].map(
    t => [t.textContent, t.getBoundingClientRect()]);
  const over = ([, a], [, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  return texts.flatMap((a, i) => texts.slice(i + 1).filter(b => over(a, b)).map(b => `${a[0]} / ${b[0]}`));
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    cells = [f"from selgrad.widgets import {', '.join(NAMES)}", *(f"{name}()" for name in NAMES)]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nb.metadata["kernelspec"] = KERNEL
    nbformat.write(nb, folder / "widgets.ipynb")
    return folder


def shown(app: Any) -> tuple[str, str]:
    return app.get_by_role("status").inner_text(), app.locator("svg[role=img]").inner_html()


def test_every_application_by_keyboard_and_mouse(lab: Lab, page: Any) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    lab.open(page, "widgets.ipynb")
    lab.run_all(page)
    apps = page.locator(".selgrad-app")
    wait(apps.count, lambda n: n == len(NAMES), "not every application appeared")
    for name, app in zip(NAMES, map(apps.nth, range(len(NAMES)))):
        app.scroll_into_view_if_needed()
        start = wait(lambda app=app: shown(app), lambda s: s[0] and "<" in s[1], f"{name} shows nothing")
        assert app.bounding_box()["height"] <= 680, f"{name} does not fit"
        every_control_moves(app, name)
        handles_move(app, name)
        app.get_by_role("button", name="Reset").click()
        wait(lambda app=app: shown(app), lambda s, start=start: s == start, f"Reset of {name} did not restore it")
        shot(app, f"widget-{name}")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.theme(page, theme)
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        assert axe(page, ".selgrad-app") == []
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)
            for name, app in zip(NAMES, map(apps.nth, range(len(NAMES)))):
                app.scroll_into_view_if_needed()
                shot(app, f"widget-{name}-{width}-{theme.split()[1].lower()}")
                assert app.evaluate(FITS) == [] and app.evaluate(OVERPRINTED) == [], name


def every_control_moves(app: Any, name: str) -> None:
    """Each slider in sight by an arrow key, each menu by the next of its options: the words or the picture change."""
    for slider in app.locator(".sg-row:visible input[type=range]:enabled").all():
        before = shown(app)
        label = slider.evaluate("s => s.labels[0].textContent")
        value = slider.input_value()
        slider.focus()
        slider.press("ArrowLeft" if value == slider.get_attribute("max") else "ArrowRight")
        wait(lambda: shown(app), lambda s, b=before: s != b, f"{label} of {name} moved nothing")
        assert slider.input_value() != value and re.search(r"= .*\d", slider.get_attribute("aria-valuetext"))
    for i in range(app.locator(".sg-row select").count()):
        select = app.locator(".sg-row select").nth(i)
        options = select.evaluate("s => [...s.options].map(o => o.value).filter(v => v !== s.value)")[:-1]
        if options:
            select.select_option(options[-1])
            wait(select.input_value, lambda v, o=options: v == o[-1], f"a menu of {name} does not choose")


def handles_move(app: Any, name: str) -> None:
    """Each handle by the keyboard and by the mouse."""
    app.get_by_role("button", name="Reset").click()
    for handle in app.locator(".sg-handle").all():
        handle.scroll_into_view_if_needed()
        for act in ("key", "mouse"):
            before = handle.get_attribute("aria-valuetext")
            if act == "key":
                handle.focus()
                handle.press("ArrowLeft")
                handle.press("ArrowDown")
            else:
                box = handle.locator(".grip").bounding_box()
                x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
                page = handle.page
                page.mouse.move(x, y)
                page.mouse.down()
                page.mouse.move(x + 30, y - 30, steps=3)
                page.mouse.up()
            wait(lambda h=handle: h.get_attribute("aria-valuetext"), lambda v, b=before: v != b,
                 f"a handle of {name} does not move by {act}")


def test_saved_without_a_kernel_it_shows_what_was_saved(lab: Lab, page: Any, folder: Path) -> None:
    lab.open(page, "widgets.ipynb")
    lab.run_all(page)
    page.locator(".selgrad-app").last.wait_for()
    lab.save(page)
    path = folder / "widgets.ipynb"
    wait(lambda: "image/png" in path.read_text(encoding="utf-8"), bool, "the notebook was not saved")
    outputs = [o["data"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"][1:] for o in cell["outputs"]]
    assert all({"image/png", "image/svg+xml", "text/html"} <= data.keys() for data in outputs)
