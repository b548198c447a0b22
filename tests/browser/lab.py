"""A JupyterLab of its own, and what a reader does in it."""

from __future__ import annotations

import json
import os
import re
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
from selgrad.cli.lab import command

SETTINGS: dict[str, dict[str, Any]] = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # all cells are there, those out of sight too
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}
RUNS = 300_000  # ms that a notebook may run
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
        page.goto(f"{self.address}/lab/tree/{name}?reset", wait_until="commit")
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
            }""", timeout=RUNS)
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")

    def failed(self, page: Any) -> list[str]:
        """What went wrong in the notebook that is shown: an error, words on stderr, a cell that has not run."""
        return page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap((c, n) => {
              if (c.model.type !== 'code') return [];
              const said = c.model.outputs.toJSON().filter(o => o.output_type === 'error' || o.name === 'stderr')
                .map(o => `cell ${n}: ${o.output_type === 'error' ? `${o.ename}: ${o.evalue}` : o.text}`);
              const asleep = c.model.sharedModel.getSource().trim() && !c.model.executionCount;
              return asleep ? [...said, `cell ${n} has not run`] : said;
            })""")

    def theme(self, page: Any, name: str) -> None:
        """"JupyterLab Light" or "JupyterLab Dark"."""
        page.evaluate(f"name => {COMMANDS}('apputils:change-theme', {{theme: name}})", name)
        page.wait_for_function(
            "dark => document.body.dataset.jpThemeLight === (dark ? 'false' : 'true')", arg="Dark" in name)
        page.locator("#jupyterlab-splash").wait_for(state="detached")

    def save(self, page: Any) -> None:
        """Save the notebook that is shown, and wait until that is done (the command's own promise may stay open)."""
        page.evaluate(f"() => {{ {COMMANDS}('docmanager:save') }}")
        page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")

    def end(self, page: Any) -> None:
        """Leave the notebook, and end all kernels: one with TensorFlow is half a gigabyte."""
        said = {"X-XSRFToken": next(c["value"] for c in page.context.cookies(self.address) if c["name"] == "_xsrf")}
        page.goto("about:blank")
        for kernel in page.request.get(f"{self.address}/api/kernels").json():
            assert page.request.delete(f"{self.address}/api/kernels/{kernel['id']}", headers=said).ok

    def sidebar(self, page: Any) -> None:
        """Put the list of files away, as one does to see a picture at its width."""
        if page.locator("#jp-left-stack").is_visible():
            page.evaluate(f"() => {COMMANDS}('application:toggle-left-area')")

    def commit(self, page: Any) -> int:
        """Answer every question of the notebook, by mouse, with its first answer; returns how many there are."""
        questions = page.locator(".selgrad-question")
        for i in range(questions.count()):
            question = questions.nth(i)
            if question.get_by_role("radio").count():
                question.get_by_role("radio").first.check()
            else:
                question.get_by_role("textbox").fill("1")
                question.get_by_role("textbox").press("Tab")
            question.get_by_role("button", name="Commit").click()
            question.get_by_text(re.compile(r"Right\.|Not so\.")).first.wait_for()
        self.settled(page)
        return questions.count()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(state: Path, root: Path = ROOT) -> dict[str, str]:
    """The variables that keep everything Jupyter writes below `state`, and let kernels find the selgrad in `root`."""
    folders = {f"JUPYTER_{name}_DIR": str(state / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own = {
        **folders,
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")])),
    }
    return {**os.environ, **own}


def working_copy(source: Path, folder: Path, state: Path) -> Path:
    """What `selgrad lab --dir folder` opens: a copy, signed."""
    code = "import sys, pathlib; from selgrad.notebook.working_copy import bring, sign\n" \
           "source, folder = map(pathlib.Path, sys.argv[1:]); print(*bring(source, folder)); sign(source, folder)"
    command = [sys.executable, "-c", code, source, folder]
    subprocess.run(command, check=True, capture_output=True, env=environment(state))
    return folder


@contextmanager
def jupyterlab(folder: Path, state: Path, root: Path = ROOT) -> Iterator[Lab]:
    """A JupyterLab on `folder`, started as `selgrad lab` does, that shares no setting with the user's.

    Kernels import the selgrad in `root`. All cells are attached to the page, those out of sight too.
    """
    for plugin, settings in SETTINGS.items():
        path = state / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    port, log = free_port(), state / "lab.log"
    options = [
        "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",
    ]
    with log.open("w") as output:
        server = subprocess.Popen(
            command(folder, options), env=environment(state, root), stdout=output, stderr=subprocess.STDOUT)
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
