"""The whole course as a reader has it: a fresh clone, its working copy in JupyterLab, Run All, and what is seen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from browser.apps import FAULTS, HIGHEST, Driven
from browser.chromium import ROOT, SIZES, axe, shot, wait
from browser.lab import Lab, jupyterlab, working_copy
from selgrad.widgets import APPS

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PICTURES = ("image/png", "image/svg+xml")
each_notebook = pytest.mark.parametrize("name", NOTEBOOKS, ids=[name[:2] for name in NOTEBOOKS])

# Of every output that holds a picture: is a picture seen in it, and of which kind?
SEEN = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(cell => {
  if (cell.model.type !== 'code') return [];
  return cell.model.outputs.toJSON().flatMap((output, n) => {
    if (!output.data || !['image/png', 'image/svg+xml'].some(kind => kind in output.data)) return [];
    const area = cell.outputArea.node.querySelectorAll(':scope > .jp-OutputArea-child')[n];
    const seen = [...area.querySelectorAll('img, svg, iframe, .selgrad-question')].filter(e => {
      const box = e.getBoundingClientRect();
      return box.width > 100 && box.height > 60 && (e.localName !== 'img' || e.naturalWidth > 0);
    });
    return [seen.length ? seen[0].localName : 'nothing'];
  });
})"""


@dataclass(frozen=True)
class Course:
    """A clone of the repository, its working copy, and a JupyterLab on it."""

    clone: Path
    lab: Lab

    def changed(self) -> str:
        """What git sees changed in the clone."""
        command = ["git", "status", "--porcelain"]
        return subprocess.run(command, cwd=self.clone, capture_output=True, text=True, check=True).stdout


def cloned(target: Path) -> Path:
    """A clone of what is committed here, with the notebooks as they are."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    subprocess.run(["git", "clone", "--quiet", ROOT, target], check=True)
    return target


@pytest.fixture(scope="module")
def course(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """As `make lab` opens it in a fresh clone: a signed working copy inside the checkout."""
    clone, state = cloned(tmp_path_factory.mktemp("fresh") / "clone"), tmp_path_factory.mktemp("state")
    folder = working_copy(clone / "notebooks", clone / "selgrad-course", state)
    with jupyterlab(folder, state, clone) as lab:
        yield Course(clone, lab)


@pytest.fixture(scope="module")
def unsigned(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Somebody opens the clone's notebooks in a JupyterLab that has never seen them, and trusts nothing."""
    clone, state = cloned(tmp_path_factory.mktemp("strange") / "clone"), tmp_path_factory.mktemp("state")
    with jupyterlab(clone / "notebooks", state, clone) as lab:
        yield Course(clone, lab)


def pictures(path: Path) -> int:
    """How many outputs of a notebook hold a picture."""
    outputs = [o for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] for o in cell.get("outputs", [])]
    return sum(any(kind in output.get("data", {}) for kind in PICTURES) for output in outputs)


def seen(page: Any, wanted: int) -> list[str]:
    """What is seen in the outputs that hold pictures, once they are there."""
    return wait(lambda: page.evaluate(SEEN), lambda s: len(s) == wanted and "nothing" not in s,
                f"{wanted} pictures were to be seen", patience=20_000)


def every_picture_is_seen(page: Any, opened: Course, name: str) -> None:
    wanted = pictures(opened.lab.folder / name)
    assert wanted > 0
    opened.lab.open(page, name)
    seen(page, wanted)
    opened.lab.end(page)


def test_pictures_of_a_notebook_that_is_trusted_by_nobody(page: Any, unsigned: Course) -> None:
    every_picture_is_seen(page, unsigned, NOTEBOOKS[0])


def test_a_picture_that_is_missing_is_missed(page: Any, unsigned: Course) -> None:
    unsigned.lab.open(page, NOTEBOOKS[0])
    wanted = pictures(unsigned.lab.folder / NOTEBOOKS[0])
    seen(page, wanted)
    page.add_style_tag(content=".jp-OutputArea-output :is(img, svg, iframe) { display: none }")
    assert page.evaluate(SEEN) == ["nothing"] * wanted


@pytest.mark.course
@each_notebook
def test_pictures_of_every_notebook_that_is_trusted_by_nobody(page: Any, unsigned: Course, name: str) -> None:
    every_picture_is_seen(page, unsigned, name)


def applications(page: Any) -> list[Driven]:
    """The applications of the notebook that is shown, each beside one of its kind in Python."""
    kinds = {make.title: make for make in APPS}
    found = []
    for i in range(page.locator(".selgrad-app").count()):
        root = page.locator(".selgrad-app").nth(i)
        title, _, _ = root.locator(".sg-controls").get_attribute("aria-label").partition(":")
        found.append(Driven(page, root, kinds[title]()))
    return found


def looked_at(app: Driven, name: str, size: str) -> list[str]:
    """Keep a picture of an application as it stands, and say what one would not show."""
    app.root.evaluate("root => root.scrollIntoView({block: 'center'})")
    app.page.wait_for_timeout(200)
    shot(app.page, f"lab-{name}")
    box = app.root.bounding_box()
    high = [f"{box['height']:.0f} pixels high"] if box["height"] > HIGHEST[size] else []
    return [f"{name}: {fault}" for fault in [*app.root.evaluate(FAULTS), *high]]


@pytest.mark.course
@each_notebook
def test_a_chapter_is_run_and_every_control_moved(page: Any, course: Course, name: str) -> None:
    """Run All, no Reset; then each application by keyboard and by mouse, in both themes and on both screens."""
    lab, faults = course.lab, []
    lab.open(page, name)
    lab.sidebar(page)
    seen(page, pictures(lab.folder / name))  # what is stored, signed: seen before anything is run
    lab.run_all(page)
    assert lab.failed(page) == []
    lab.commit(page)
    apps = applications(page)
    assert len(apps) == page.evaluate(ASKED_FOR)
    for size, theme in product(SIZES, ("Light", "Dark")):
        page.set_viewport_size(dict(zip(("width", "height"), SIZES[size])))
        lab.theme(page, f"JupyterLab {theme}")
        for app in apps:
            title = f"{name[:2]}-{app.mirror.name}-{size}-{theme.lower()}"
            faults += looked_at(app, title, size)
            app.by_keyboard()
            app.by_mouse()
        if apps:
            faults += axe(page, ".selgrad-app")
        if page.locator(".selgrad-question").count():
            faults += axe(page, ".selgrad-question")
        whole(page, f"lab-{name[:2]}-{size}-{theme.lower()}", SIZES[size])
    lab.save(page)
    lab.settled(page)
    assert faults == [] and lab.failed(page) == []
    lab.end(page)
    assert course.changed() == "", "the working copy is apart from the clone"


# How many applications the cells that are shown make.
ASKED_FOR = r"""() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell =>
  cell.model.type === 'code' && /= \w+(Explorer|Stepper)\(/.test(cell.model.sharedModel.getSource())).length"""


def whole(page: Any, name: str, size: tuple[int, int]) -> None:
    """Keep pictures of the whole notebook, as many as it takes."""
    width, height = size
    page.set_viewport_size({"width": width, "height": TALL})
    page.wait_for_timeout(500)  # for the new size to be laid out
    pages = page.evaluate(SCROLLED, 0)
    for n in range(pages):
        page.evaluate(SCROLLED, n)
        page.wait_for_timeout(200)
        shot(page, f"{name}-{n}")
    page.set_viewport_size({"width": width, "height": height})


TALL = 4000
# Scroll to the n-th window of the notebook; returns how many there are.
SCROLLED = """n => {
  const outer = document.querySelector('.jp-WindowedPanel-outer'), by = outer.clientHeight;
  outer.scrollTop = n * by;
  return Math.ceil(outer.scrollHeight / by);
}"""
