"""Notebooks saved as HTML by nbconvert, read in Chromium without network: formulas and pictures, no dead box."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from browser.chromium import ROOT, Watch, shot
from selgrad.site.npm import fetched

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SEEN = """() => {
  const visible = e => { const box = e.getBoundingClientRect(); return box.width > 2 && box.height > 2 };
  const count = selector => [...document.querySelectorAll(selector)].filter(visible).length;
  const raw = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!parent.closest('code, pre, script, style, title, desc') && /\\$|\\\\[a-z]{2}/.test(text.data))
      raw.push(text.data.trim().slice(0, 60));
  }
  return {raw, formulas: count('.formula svg'), all: document.querySelectorAll('.formula svg').length,
          pictures: [...document.querySelectorAll('.jp-OutputArea-output')].filter(output =>
            [...output.querySelectorAll('svg:not(.formula svg), img, iframe')].some(visible)).length,
          dead: document.querySelectorAll('.jupyter-widgets, script[type*=widget]').length}
}"""


def converted(notebooks: list[Path], folder: Path, config: Path | None) -> Path:
    """The folder, with what `jupyter nbconvert --to html` makes with this configuration, or with none at all."""
    # selgrad installs its configuration in the environment, so without one all of it is switched off
    chosen = {"JUPYTER_NO_CONFIG": "1"} if config is None else {"JUPYTER_CONFIG_PATH": str(config)}
    env = {**os.environ, **chosen, "JUPYTER_CONFIG_DIR": str(folder / "none"),
           "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", folder, *notebooks]
    subprocess.run(command, check=True, capture_output=True, env=env)
    return folder


def pictures(notebook: Path) -> int:
    """How many outputs of the notebook hold a picture."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return sum("image/svg+xml" in output.get("data", {}) for cell in cells for output in cell.get("outputs", []))


@pytest.mark.skipif(not fetched(), reason="MathJax is not in build/npm: python -m selgrad.site.npm")
def test_every_chapter_reads_without_network(page: Any, tmp_path: Path) -> None:
    converted(NOTEBOOKS, tmp_path, ROOT / "selgrad" / "site")
    for notebook in NOTEBOOKS:
        page.goto((tmp_path / f"{notebook.stem}.html").as_uri())
        seen = page.evaluate(SEEN)
        assert seen["raw"] == [] and seen["dead"] == 0, notebook.name
        assert seen["formulas"] == seen["all"] > 20 and seen["pictures"] >= pictures(notebook) > 0, notebook.name
        shot(page, f"html-{notebook.stem[:2]}")


def test_without_the_configuration_it_does_not(page: Any, watch: Watch, tmp_path: Path) -> None:
    """The probe above sees raw formulas and dead boxes where there are some."""
    converted(NOTEBOOKS[:1], tmp_path, None)
    page.goto((tmp_path / f"{NOTEBOOKS[0].stem}.html").as_uri())
    seen = page.evaluate(SEEN)
    assert len(seen["raw"]) > 10 and seen["formulas"] == 0 and seen["dead"] > 0
    assert any("mathjax" in url for url in watch.requests)
    watch.requests.clear(), watch.errors.clear()
