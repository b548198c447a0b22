"""A reader's first minute, in a real JupyterLab and a real browser: Run All, move a kink, Reset."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_programs_are_not_functions.ipynb"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]
PATIENCE = 90_000  # ms; the first Run All imports TensorFlow


def _reason() -> str | None:
    """Why this cannot run here, or None."""
    if BROWSER is None:
        return "no Chromium or Chrome on this machine (Debian: apt-get install chromium)"
    try:
        import jupyterlab  # noqa: F401
        import playwright.sync_api  # noqa: F401
    except ImportError as problem:
        return f"{problem.name} is not installed"
    return None


REASON = _reason()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def unexecuted(path: Path) -> dict[str, Any]:
    """The notebook without outputs, and with a last cell that says on disk when all cells have run.

    With its outputs, what is seen first would be the stored application, not the one of this kernel.
    """
    nb = json.loads(path.read_text(encoding="utf-8"))
    nb["metadata"].pop("widgets", None)
    last = "import pathlib\nwritten = pathlib.Path('done').write_text('all cells ran')"
    nb["cells"].append({"cell_type": "code", "id": "done", "metadata": {}, "source": last})
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return nb


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab that shows a copy of the notebook and shares no setting with the user's."""
    if REASON:
        pytest.skip(REASON)
    work = tmp_path / "work"
    work.mkdir()
    (work / "trial.ipynb").write_text(json.dumps(unexecuted(NOTEBOOK)), encoding="utf-8")
    port = _free_port()
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    root = str(Path(__file__).parents[1])
    env = {**os.environ, **folders, "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
           "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"), "IPYTHONDIR": str(tmp_path / "ipython"),
           "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))}
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={work}",
         "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
        env=env, stdout=log, stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "lab.log").read_text()[-3000:]
                time.sleep(0.25)
        else:
            pytest.fail("JupyterLab did not answer within a minute: " + (tmp_path / "lab.log").read_text()[-3000:])
        yield f"{address}/lab/tree/trial.ipynb?reset"
    finally:
        server.terminate()  # it ends its kernels
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def _wait(read: Any, wanted: Any, what: str) -> Any:
    """Poll until wanted(read()) holds."""
    end, got = time.monotonic() + PATIENCE / 1000, None
    while time.monotonic() < end:
        got = read()
        if wanted(got):
            return got
        time.sleep(0.1)
    pytest.fail(f"{what}; last seen: {str(got)[:300]}")


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_keyboard_moves_a_kink(lab: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    shots = Path(os.environ.get("SELGRAD_SCREENSHOTS", tmp_path))
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=BROWSER, headless=True, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1600})
            page.set_default_timeout(PATIENCE)
            page.goto(lab)
            page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
            page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for()
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            _wait((tmp_path / "work" / "done").exists, bool, "Run All did not reach the last cell")
            # The kink explorer is the application with a slider for the place of kink 1.
            app = page.locator(".widget-vbox, .jupyter-widgets.widget-box").filter(
                has_text="Kink 1 at a₁", has=page.get_by_role("status")
            ).first
            app.wait_for()
            row = app.locator(".widget-slider").filter(has_text="Kink 1 at a₁").first
            slider = row.get_by_role("slider").first
            slider.scroll_into_view_if_needed()
            status, picture = app.get_by_role("status").first, app.locator("svg[role=img]").first

            def seen() -> tuple[str, str]:
                return status.inner_text(), picture.inner_html()

            # the notebook's own cells may have moved it
            app.get_by_role("button", name="Reset").click()
            _wait(app.get_by_role("combobox").first.input_value, lambda v: v == "start", "Reset did not arrive")
            time.sleep(1)  # the menu is back before the picture; where nothing had moved, no change announces it
            before = _wait(seen, lambda s: "AD returns" in s[0], "the application did not appear")
            start = float(slider.get_attribute("aria-valuenow") or "nan")
            page.screenshot(path=str(shots / "before.png"))
            slider.focus()
            for _ in range(3):
                slider.press("ArrowRight")
            place = f"At {start + 3 / 16:g} "
            after = _wait(seen, lambda s: place in s[0], "three steps to the right did not reach the status")
            page.screenshot(path=str(shots / "after.png"))
            assert after[0] != before[0] and after[1] != before[1]
            app.get_by_role("button", name="Reset").click()
            restored = _wait(seen, lambda s: s[0] == before[0], "Reset did not restore the status")
            assert restored[1] == before[1], "Reset did not restore the picture"
            assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0
        finally:
            browser.close()


def test_the_notebook_tried_has_the_application() -> None:
    """Otherwise the test above would look for something the notebook no longer shows."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert any("KinkExplorer(" in "".join(cell["source"]) for cell in cells)
