"""A JupyterLab of its own, and what a reader does in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from browser.chromium import PATIENCE, ROOT

COMMANDS = "window.jupyterapp.commands.execute"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab; `folder` is what it shows, `state` where its settings and signatures are."""

    address: str
    folder: Path
    state: Path

    def open(self, page: Any, name: str) -> None:
        """Show a notebook, and wait until its kernel is idle."""
        page.set_default_timeout(PATIENCE)
        page.goto(f"{self.address}/lab/tree/{name}?reset")
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for()

    def run_all(self, page: Any) -> None:
        """Run All Cells from the menu, and wait until the last has run."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.settled(page)

    def settled(self, page: Any) -> None:
        """Wait until no cell waits or runs and the kernel is idle."""
        page.wait_for_function(
            """() => {
              const cells = window.jupyterapp.shell.currentWidget.content.widgets;
              return cells.every(c => c.model.type !== 'code' || c.model.executionState === undefined
                                      || c.model.executionState === 'idle')
            }""")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")

    def theme(self, page: Any, name: str) -> None:
        """"JupyterLab Light" or "JupyterLab Dark"."""
        page.evaluate(f"name => {COMMANDS}('apputils:change-theme', {{theme: name}})", name)
        page.wait_for_function(
            "dark => document.body.dataset.jpThemeLight === (dark ? 'false' : 'true')", arg="Dark" in name)

    def save(self, page: Any) -> None:
        """Save the notebook that is shown."""
        page.evaluate(f"() => {COMMANDS}('docmanager:save')")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(state: Path) -> dict[str, str]:
    """The variables that keep everything Jupyter writes below `state`, and let kernels find selgrad."""
    folders = {f"JUPYTER_{name}_DIR": str(state / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own = {
        **folders,
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
    }
    return {**os.environ, **own}


@contextmanager
def jupyterlab(folder: Path, state: Path) -> Iterator[Lab]:
    """A JupyterLab on `folder` that shares no setting with the user's."""
    state.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), state / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
             "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
             "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
             "--LabApp.expose_app_in_browser=True"],
            env=environment(state), stdout=output, stderr=subprocess.STDOUT,
        )
        try:
            yield Lab(_answering(server, port, log), folder, state)
        finally:
            server.terminate()  # it ends its kernels
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _answering(server: subprocess.Popen, port: int, log: Path) -> str:
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
            return address
        except OSError:
            assert server.poll() is None, log.read_text()[-3000:]
            time.sleep(0.25)
    pytest.fail("JupyterLab did not answer within a minute: " + log.read_text()[-3000:])
