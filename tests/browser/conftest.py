"""The fixtures of the tests in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from browser.chromium import ARGUMENTS, EXECUTABLE, PATIENCE, ROOT, SIZES, Watch, reason
from browser.lab import Lab, jupyterlab, working_copy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a tab is marked, and skipped with the reason where there is no browser."""
    why = reason()
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if why:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium that reaches no host but this one. By the module: its event loop keeps others from running."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=EXECUTABLE, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def watch() -> Watch:
    """Errors in the console and requests that would leave the machine, of the tab `page`."""
    return Watch()


@pytest.fixture
def page(browser: Any, watch: Watch) -> Iterator[Any]:
    """A tab, 1280 x 800; in the end it must have shown no error and asked for nothing from elsewhere."""
    width, height = SIZES["1280"]
    context = browser.new_context(viewport={"width": width, "height": height})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    watch.on(tab)
    yield tab
    context.close()
    assert watch.problems() == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the JupyterLab of `lab` shows: a working copy of the course, as `selgrad lab` makes it."""
    return working_copy(ROOT / "notebooks", tmp_path / "work", tmp_path / "state")


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A JupyterLab on `folder`, opened as `selgrad lab` does."""
    if find_spec("jupyterlab") is None:
        pytest.skip("jupyterlab is not installed")
    with jupyterlab(request.getfixturevalue("folder"), tmp_path / "state") as server:
        yield server
