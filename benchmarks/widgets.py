"""How long an application takes after one move of a control: in the kernel, and seen in a browser.

    python benchmarks/widgets.py [--browser]

In the kernel: from the front's message to the new description of what is shown. With --browser, in a real JupyterLab
in Chromium: from the key to the frame that shows the new picture. Medians; run it with nothing else running.
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from selgrad.compilation import available
from selgrad.frameworks import tensorflow_available
from selgrad.widgets import APPS, App, TrapExplorer

ROOT = Path(__file__).resolve().parents[1]
KERNEL, SWEEP = 50.0, 150.0  # ms; the second where 16,000 trajectories run before the picture
SEEN, SEEN_SWEEP = 150.0, 250.0
MOVES = 40
# by application: preset, control that moves; the trap explorer computes its map anew when a trap moves
MOVED = {
    "kink-explorer": ("sine, three derivatives", "a_2"),
    "selection-explorer": ("start", "x"),
    "algorithm-stepper": ("artificial critical point", "x0"),
    "field-explorer": ("start", "x1"),
    "curve-explorer": ("kinks inside kinks, Clarke", "b1"),
    "trap-explorer": ("two traps", "a_1"),
}
WATCH = """(() => {
  window.times = [];
  let pressed = 0;
  window.addEventListener('keydown', (e) => { pressed = e.timeStamp; }, true);
  const seen = () => { if (pressed) times.push(performance.now() - pressed); pressed = 0; };
  new MutationObserver(() => requestAnimationFrame(seen)).observe(
    document.querySelector('.sg-picture'), {childList: true, subtree: true});
})()"""


def moves(app: App, name: str) -> list[float]:
    """Values that the slider of a control takes one after the other, there and back."""
    control = app.controls[name]
    n = round((control.max - control.min) / control.step)
    there = [control.min + i * control.step for i in range(n)]
    return ([*there, *reversed(there)] * MOVES)[: MOVES]


def kernel(app: App, name: str) -> float:
    """Milliseconds in the kernel, once warm."""
    times = []
    for value in moves(app, name):
        start = time.perf_counter()
        app._asked({"set": {name: value}})
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[3:])


def in_kernel() -> None:
    for make in APPS:
        preset, name = MOVED[make.name]
        app = make()
        app.choose(preset)
        row(f"{make.name}, {name}", kernel(app, name), SWEEP if make is TrapExplorer else KERNEL)
        if make is TrapExplorer:
            row(f"{make.name}, x0", kernel(app, "x0"), KERNEL)


def in_browser() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    import nbformat
    from browser.chromium import ARGUMENTS, EXECUTABLE
    from browser.lab import jupyterlab
    from playwright.sync_api import sync_playwright

    from selgrad.notebook.build import KERNEL as SPEC

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "work").mkdir()
        for make in APPS:
            source = f"from selgrad.widgets import *\napp = {make.__name__}()\napp.choose({MOVED[make.name][0]!r})\napp"
            nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": SPEC})
            nbformat.write(nb, folder / "work" / f"{make.name}.ipynb")
        lab = stack.enter_context(jupyterlab(folder / "work", folder / "state", ROOT))
        chromium = stack.enter_context(sync_playwright()).chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        for make in APPS:
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            lab.open(page, f"{make.name}.ipynb")
            lab.run_all(page)
            page.locator(".sg-picture svg").first.wait_for()
            page.evaluate(WATCH)
            names = [MOVED[make.name][1], *(["x0"] if make is TrapExplorer else [])]
            for name in names:
                place = 1 + list(make().controls).index(name)
                slider = page.locator(".sg-row").nth(place).locator("input[type=range]")
                slider.focus()
                slider.press("Home")
                page.wait_for_timeout(1000)
                page.evaluate("times.length = 0")
                for n in range(1, 21):
                    slider.press("ArrowRight")
                    page.wait_for_function("n => times.length >= n", arg=n)
                times = json.loads(page.evaluate("JSON.stringify(times)"))
                heavy = make is TrapExplorer and name != "x0"
                row(f"{make.name}, {name}", statistics.median(times[2:]), SEEN_SWEEP if heavy else SEEN)
            page.close()
        chromium.close()


def row(name: str, ms: float, budget: float) -> None:
    print(f"  {name:<40} {ms:6.1f} ms  {'within' if ms < budget else 'OVER'} the budget of {budget:.0f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="How long an application takes after one move of a control.")
    parser.add_argument("--browser", action="store_true", help="also in a JupyterLab in Chromium")
    options = parser.parse_args()
    live = "live" if tensorflow_available() else "not installed"
    print(f"In the kernel (TensorFlow {live}, {'Numba' if available() else 'no Numba'}):")
    in_kernel()
    if options.browser:
        print("Seen in JupyterLab, from the key to the picture:")
        in_browser()


if __name__ == "__main__":
    main()
