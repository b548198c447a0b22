"""The live pages in a browser, opened from the file system: every control by keyboard and mouse, numbers, looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import ROUNDING, differences, planted

from browser.apps import FAULTS, HIGHEST, Driven
from browser.chromium import SIZES, axe, shot
from selgrad.widgets import APPS, App

each = pytest.mark.parametrize("make", APPS, ids=lambda make: make.name)


def opened(page: Any, folder: Path, app: App, fragment: str = "") -> Driven:
    """The page of an application, as a reader opens a file."""
    path = folder / f"{app.name}.html"
    path.write_text(app.page() or "", encoding="utf-8")
    page.goto("about:blank")
    page.goto(path.as_uri() + fragment)
    page.locator(".sg-status").wait_for()
    return Driven(page, page.locator(".selgrad-app"), type(app)())


def told_apart(page: Any, app: App) -> list[str]:
    """Where the page shows other things than the application."""
    python, javascript = json.loads(json.dumps(app.shown)), page.evaluate("() => selgrad.shown()")
    for part in ("turn", "remark"):
        python.pop(part), javascript.pop(part)
    return differences(python, javascript, ROUNDING)


@each
def test_presets_reset_and_links(page: Any, tmp_path: Path, make: type[App]) -> None:
    app = make()
    opened(page, tmp_path, app)
    for preset in [*app.presets, "start"]:
        app.choose(preset)
        page.evaluate("preset => selgrad.choose(preset)", preset)
        assert told_apart(page, app) == [], preset
    app.choose(list(app.presets)[-1])
    there = opened(page, tmp_path, app, "#" + app.link().split("#")[1])
    assert there.settled("a link")["values"] == {name: control.value for name, control in app.controls.items()}
    page.get_by_role("button", name="Reset").click()
    app.reset()
    there.settled("Reset")
    assert told_apart(page, app) == []
    page.evaluate("() => { location.hash = '#state=nonsense' }")
    page.get_by_text("The link is not understood").wait_for()


@each
def test_every_control_by_keyboard(page: Any, tmp_path: Path, make: type[App]) -> None:
    there = opened(page, tmp_path, make())
    there.by_keyboard()
    there.mirror.reset()
    assert told_apart(page, there.mirror) == []


@each
def test_every_control_by_mouse(page: Any, tmp_path: Path, make: type[App]) -> None:
    there = opened(page, tmp_path, make())
    there.by_mouse()
    there.mirror.reset()
    assert told_apart(page, there.mirror) == []


@each
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_shown_to_a_lecture_hall(
    page: Any, tmp_path: Path, make: type[App], size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    app, faults = make(), []
    there = opened(page, tmp_path, app)
    for n, preset in enumerate(["start", *app.presets]):
        page.evaluate("preset => selgrad.choose(preset)", preset)
        box = there.root.bounding_box()
        faults += [f"{preset}: {fault}" for fault in there.root.evaluate(FAULTS)]
        if box["height"] > HIGHEST[size] or page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{preset}: {box['width']:.0f} x {box['height']:.0f} pixels")
        shot(page, f"page-{app.name}-{size}-{scheme}-{n}")
    assert faults + axe(page) == []
    assert there.root.bounding_box()["width"] > 0.75 * width


@each
@pytest.mark.parametrize("width", [390, 800], ids=["telephone", "half a screen"])
def test_where_there_is_little_room_panels_stand_below_each_other(
    page: Any, tmp_path: Path, make: type[App], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    app, faults = make(), []
    there = opened(page, tmp_path, app)
    for preset in ["start", *app.presets]:
        page.evaluate("preset => selgrad.choose(preset)", preset)
        faults += [f"{preset}: {fault}" for fault in there.root.evaluate(FAULTS)]
    shot(page, f"page-{app.name}-{width}")
    assert faults == [] and page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_faults_are_found(page: Any, tmp_path: Path) -> None:
    """Words over words, words cut off, controls that collide or stick out of their column."""
    there = opened(page, tmp_path, APPS[0]())
    assert there.root.evaluate(FAULTS) == []
    page.evaluate("""() => {
      const [a, b, c] = document.querySelectorAll('.sg-picture text');
      for (const name of ['x', 'y']) a.setAttribute(name, b.getAttribute(name));
      c.setAttribute('x', -400);
      document.querySelector('.sg-row select').style.cssText = 'position: relative; top: 30px; left: 20px';
      document.querySelector('input[type=number]').value = 0.12345678912345;
    }""")
    found = {fault.split(":")[0] for fault in there.root.evaluate(FAULTS)}
    assert found == {"one over the other", "cut off", "controls collide", "sticks out", "too narrow"}


def test_a_dead_control_is_found(page: Any, tmp_path: Path) -> None:
    there = opened(page, tmp_path, APPS[0]())
    there.patience = 400
    page.evaluate("""() => {
      window.deaf = event => event.stopImmediatePropagation();
      window.addEventListener('keydown', window.deaf, true);
    }""")
    with pytest.raises(pytest.fail.Exception, match="handle 0 does not move"):
        there.key_on_handle(0)
    page.evaluate("() => window.removeEventListener('keydown', window.deaf, true)")
    there.key_on_handle(0)
    there.click(there.mirror.controls["f"])
    with pytest.raises(pytest.fail.Exception, match="a look changes nothing"):
        there.changes("a look", there.read)
    page.evaluate("""() => {
      const menu = document.querySelectorAll('.sg-row select')[1], dead = menu.cloneNode(true);
      dead.value = menu.value;
      menu.replaceWith(dead);
    }""")
    with pytest.raises(pytest.fail.Exception, match="f: the words are not the engine's"):
        there.click(there.mirror.controls["f"])


@each
def test_a_planted_wrong_derivative_is_seen(
    page: Any, tmp_path: Path, make: type[App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "programs", planted(make))
    there = opened(page, tmp_path, make())
    there.mirror.choose(list(make.presets)[-1])
    page.evaluate("preset => selgrad.choose(preset)", there.mirror.preset)
    assert told_apart(page, there.mirror) != []
