"""An application on a page or in a notebook: what is read off it, and what a reader does to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
import pytest

from browser.chromium import wait
from selgrad.notebook.build import KERNEL
from selgrad.widgets import APPS, App
from selgrad.widgets.controls import Choice, Control, Menu, Number

HIGHEST = {"1280": 680, "1920": 900}
"""Pixels that an application may be high, by the size of the screen in `SIZES`."""


def notebook() -> nbformat.NotebookNode:
    """A notebook, not yet executed, with a cell for each application."""
    cells = [f"from selgrad.widgets import {make.__name__}\n{make.__name__}()" for make in APPS]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nb.metadata["kernelspec"] = KERNEL
    return nb


# Rows are in the order of `app.controls`, after the menu of examples.
READ = """root => ({
  values: [...root.querySelectorAll('.sg-row')].map(row => {
    const [box, select, radio] = ['input[type=number]', 'select', 'input:checked'].map(s => row.querySelector(s));
    return box ? Number(box.value) : (select || radio).value;
  }),
  status: root.querySelector('.sg-status').textContent,
  handles: [...root.querySelectorAll('.sg-handle')].map(h => h.getAttribute('aria-valuetext')),
})"""

# What one would not show to a lecture hall: words over words, words cut off, a control pushed out of its column.
FAULTS = """root => {
  const found = [], card = root.querySelector('.sg-card').getBoundingClientRect();
  const box = e => e.getBoundingClientRect(), seen = e => box(e).width > 0;
  const over = (a, b, by = 2) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > by
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;
  const texts = [...root.querySelectorAll('.sg-picture svg text')].filter(seen);
  texts.forEach((t, i) => {
    const b = box(t);
    if (b.left < card.left || b.right > card.right || b.top < card.top || b.bottom > card.bottom)
      found.push(`cut off: ${t.textContent}`);
    for (const u of texts.slice(i + 1))
      if (over(b, box(u))) found.push(`one over the other: ${t.textContent} | ${u.textContent}`);
  });
  const columns = [...root.querySelectorAll('.sg-row:not([hidden]) > *, .sg-buttons button')].filter(seen);
  columns.forEach((e, i) => {
    for (const u of columns.slice(i + 1)) if (!e.contains(u) && over(box(e), box(u)))
      found.push(`controls collide: ${e.textContent || e.type} | ${u.textContent || u.type}`);
  });
  for (const e of root.querySelectorAll('.sg-row:not([hidden]) input[type=number]'))
    if (e.scrollWidth > e.clientWidth) found.push(`too narrow: ${e.value}`);
  const controls = box(root.querySelector('.sg-controls'));
  for (const e of columns) if (box(e).right > controls.right + 1) found.push(`sticks out: ${e.textContent || e.type}`);
  return found;
}"""


def words(text: str) -> str:
    """A text without the marks of mathematics, as one reads it on a page."""
    return re.sub(r"[$_^{}]", "", text).replace("−", "-")


@dataclass
class Driven:
    """The application `root` of a tab, and beside it `mirror`, the same in Python, set to the same values."""

    page: Any
    root: Any
    mirror: App
    patience: float = 20_000  # ms until something must have changed
    statuses: dict[Any, str] = field(default_factory=dict)

    def read(self) -> dict[str, Any]:
        """What is shown: `values` by control, `status`, `handles`."""
        found = self.root.evaluate(READ)
        preset, *values = found["values"]
        return {**found, "preset": preset, "values": dict(zip(self.mirror.controls, values, strict=True))}

    def expected(self, values: dict[str, Any]) -> str:
        """The status that the engine has for these values."""
        key = tuple(values.values())
        if key not in self.statuses:
            self.mirror.set(**values)
            self.statuses[key] = words(self.mirror.view.status)
        return self.statuses[key]

    def settled(self, what: str) -> dict[str, Any]:
        """Wait until the words are those that the engine has for the values shown."""
        return wait(self.read, lambda seen: words(seen["status"]) == self.expected(seen["values"]),
                    f"{self.mirror.name}, {what}: the words are not the engine's", patience=self.patience)

    def row(self, name: str) -> Any:
        return self.root.locator(".sg-row").nth(1 + list(self.mirror.controls).index(name))

    def visible(self) -> Iterator[Control]:
        """The controls that are in sight, as they come."""
        for name, control in self.mirror.controls.items():
            if self.row(name).is_visible() and self.row(name).locator("input, select").first.is_enabled():
                yield control

    def changes(self, what: str, act: Any) -> None:
        """Do something and see that it changes what is shown, to what the engine says."""
        before = self.settled(f"before {what}")
        act()
        wait(self.read, lambda seen: seen["values"] != before["values"] or seen["preset"] != before["preset"],
             f"{self.mirror.name}: {what} changes nothing", patience=self.patience)
        self.settled(what)

    # By the keyboard alone.

    def by_keyboard(self) -> None:
        """Every control, handle and button."""
        for control in list(self.visible()):
            self.key(control)
        for i in range(self.root.locator(".sg-handle").count()):
            self.key_on_handle(i)
        for action in self.mirror.actions.values():
            self.press(action, lambda button: (button.focus(), self.page.keyboard.press("Enter")))
        preset = self.root.locator("select").first
        self.changes("the menu of examples", lambda: (preset.focus(), self.page.keyboard.press("Home"),
                                                      self.page.keyboard.press("ArrowDown")))
        reset = self.root.get_by_role("button", name="Reset")
        self.changes("Reset", lambda: (reset.focus(), self.page.keyboard.press("Space")))

    def key(self, control: Control) -> None:
        row, keyboard, name = self.row(control.name), self.page.keyboard, control.name
        if isinstance(control, Choice):
            radio = row.locator("input:checked")
            self.changes(name, lambda: (radio.focus(), keyboard.press("ArrowRight")))
        elif isinstance(control, Menu):
            menu = row.locator("select")
            last = self.read()["values"][name] == control.options[-1]
            self.changes(name, lambda: (menu.focus(), keyboard.press("ArrowUp" if last else "ArrowDown")))
        else:
            slider, box = row.locator("input[type=range]"), row.locator("input[type=number]")
            up = self.read()["values"][name] < float(slider.get_attribute("max") or 0)
            self.changes(name, lambda: (slider.focus(), keyboard.press("ArrowRight" if up else "ArrowLeft")))
            if isinstance(control, Number):
                typed = "0.3" if control.min <= 0.3 <= control.max else str(control.min + 0.01)
                self.changes(f"the box of {name}", lambda: (
                    box.focus(), keyboard.press("Control+a"), keyboard.type(typed), keyboard.press("Tab")))

    def key_on_handle(self, i: int) -> None:
        handle, before = self.root.locator(".sg-handle").nth(i), self.settled(f"before handle {i}")["handles"]
        # It moves along one axis at least. No key undoes the one before it, whose answer may still be on its way.
        for keys in (("ArrowRight", "ArrowUp"), ("ArrowLeft", "ArrowDown")):
            for key in keys:
                handle.focus()
                self.page.keyboard.press(key)
            for _ in range(60):
                if self.read()["handles"] != before:
                    self.settled(f"handle {i} and {' or '.join(keys)}")
                    return
                self.page.wait_for_timeout(50)
        pytest.fail(f"{self.mirror.name}: handle {i} does not move; last seen: {before}")

    def press(self, label: str, act: Any) -> None:
        button = self.root.get_by_role("button", name=label, exact=True)
        if button.get_attribute("aria-disabled") == "true":
            before = self.read()
            act(button)
            self.page.wait_for_timeout(100)
            assert self.read() == before, f"{label} is greyed and acts"
        else:
            self.changes(label, lambda: act(button))

    # By the mouse alone.

    def by_mouse(self) -> None:
        """Every control, handle, panel and button."""
        for control in list(self.visible()):
            self.click(control)
        for i in range(self.root.locator(".sg-handle").count()):
            self.drag(i)
        self.click_panels()
        for action in self.mirror.actions.values():
            self.press(action, lambda button: button.click())
        self.changes("Reset", self.root.get_by_role("button", name="Reset").click)

    def click(self, control: Control) -> None:
        row, name, value = self.row(control.name), control.name, self.read()["values"][control.name]
        if isinstance(control, Menu):
            other = next(option for option in reversed(control.options) if option != value)
            if isinstance(control, Choice):
                radio = row.locator("label").filter(has=self.page.locator(f'input[value="{other}"]'))
                self.changes(name, radio.click)
            else:  # the list that opens is the browser's own
                self.changes(name, lambda: row.locator("select").select_option(other))
        else:
            slider = row.locator("input[type=range]")
            low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
            share = 0.25 if value > (low + high) / 2 else 0.75
            box = slider.bounding_box()
            self.changes(name, lambda: slider.click(
                position={"x": share * box["width"], "y": box["height"] / 2}))

    def drag(self, i: int) -> None:
        """By 40 pixels towards the middle of the picture."""
        handle, mouse = self.root.locator(".sg-handle").nth(i), self.page.mouse
        handle.scroll_into_view_if_needed()
        at, picture = handle.bounding_box(), self.root.locator(".sg-picture").bounding_box()
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        dx = 40 if x < picture["x"] + picture["width"] / 2 else -40
        dy = 40 if y < picture["y"] + picture["height"] / 2 else -40

        def act() -> None:
            mouse.move(x, y)
            mouse.down()
            for step in range(1, 6):
                mouse.move(x + dx * step / 5, y + dy * step / 5)
            mouse.up()

        self.changes(f"dragging handle {i}", act)

    def click_panels(self) -> None:
        """Where a panel takes clicks."""
        over = self.root.locator(".sg-over.clicks")
        if over.count() and any(panel.get("click") for panel in self.mirror.shown["panels"]):
            over.scroll_into_view_if_needed()
            box = over.bounding_box()
            # elsewhere first: what was dragged may stand just where the click goes
            self.page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 0.6 * box["height"])
            self.changes("a click into the picture", lambda: self.page.mouse.click(
                box["x"] + 0.3 * box["width"], box["y"] + 0.37 * box["height"]))
