"""How long an application takes to redraw after one move of a control: the median, with and without TensorFlow.

Run it with nothing else running: python benchmarks/widgets.py
"""

import statistics
import time

from selgrad.compilation import available
from selgrad.frameworks import tensorflow_available
from selgrad.widgets import (
    AlgorithmStepper,
    App,
    CurveExplorer,
    FieldExplorer,
    KinkExplorer,
    SelectionExplorer,
    TrapExplorer,
    kinks,
)

BUDGET = 50.0  # ms
SWEEP = 150.0  # ms, where 100,000 trajectories of 200 steps run before the picture


def median(app: App, name: str, values: list) -> float:
    """Milliseconds from assigning a control to the new picture and status, once warm."""
    control, times = app.controls[name], []
    for value in values:
        start = time.perf_counter()
        control.value = value
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[3:])


def main() -> None:
    slide = [i / 16 for i in range(1, 41)]
    rows = [("selection explorer", median(SelectionExplorer(), "x", slide))]
    stepper = AlgorithmStepper()
    stepper.choose("artificial critical point")
    rows += [("algorithm stepper, next instruction", median(stepper, "step", [1, 2, 3, 4, 5, 6, 0] * 6))]
    rows += [("algorithm stepper, other input", median(stepper, "x0", slide))]
    explorer = KinkExplorer()
    explorer.choose("sine, three derivatives")
    live = "with live TensorFlow" if tensorflow_available() else "TensorFlow not installed"
    rows += [(f"kink explorer, three kinks, {live}", median(explorer, "a_2", slide))]
    kinks.in_tensorflow = lambda P, places: None
    rows += [("kink explorer, three kinks, without TensorFlow", median(explorer, "a_2", slide[::-1]))]
    rows += [("field explorer, three kinks at the start", median(FieldExplorer(), "x1", slide))]
    curve = CurveExplorer()
    rows += [("curve explorer, two kinks", median(curve, "b1", slide))]
    curve.choose("kinks inside kinks, Clarke")
    rows += [("curve explorer, three kinks, Clarke's set", median(curve, "b1", slide))]
    traps = TrapExplorer()
    starts = traps.view.data["heat"].size
    rows += [("trap explorer, other start", median(traps, "x0", [-x for x in slide[:30]]))]
    heavy = f"trap explorer, {starts:,} starts, {'Numba' if available() else 'no Numba'}"
    rows += [(f"{heavy}, one trap", median(traps, "a_1", [-x for x in slide[:30]]))]
    traps.choose("two traps")
    rows += [(f"{heavy}, two traps", median(traps, "a_1", [-x for x in slide[:30]]))]
    for name, ms in rows:
        budget = SWEEP if name.startswith(heavy) else BUDGET
        print(f"{name:<56} {ms:6.1f} ms  {'within' if ms < budget else 'OVER'} the budget of {budget:.0f} ms")


if __name__ == "__main__":
    main()
