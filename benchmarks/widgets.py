"""How long an application takes to redraw after one move of a control: the median, with and without TensorFlow.

Run it with nothing else running: python benchmarks/widgets.py
"""

import statistics
import time

from selgrad.frameworks import tensorflow_available
from selgrad.widgets import AlgorithmStepper, App, CurveExplorer, FieldExplorer, KinkExplorer, SelectionExplorer, kinks

BUDGET = 50.0  # ms


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
    for name, ms in rows:
        print(f"{name:<56} {ms:6.1f} ms  {'within' if ms < BUDGET else 'OVER'} the budget of {BUDGET:.0f} ms")


if __name__ == "__main__":
    main()
