"""How many spellings of NumPy (tests/forms) are right, refused by name, raw errors, or wrong.

    python benchmarks/numpy_forms.py [--list raw] [--json FILE]
    python benchmarks/numpy_forms.py --functions

The second form calls every public function of NumPy and of np.linalg on a traced value, and shows the refusals whose
advice many functions share, which is none.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
from forms import CLASSES, all_forms, judge

import selgrad as sg

CALLS = (lambda f, x: f(x), lambda f, x: f(x, x), lambda f, x: f(x, 1), lambda f, x: f(x, [0], [0]),
         lambda f, x: f([x]), lambda f, x: f(1, x), lambda f, x: f("ij->ji", x), lambda f, x: f(x, x, x))
NO_NUMBERS = ("save", "load", "from", "gen", "set", "show", "test", "print", "info")  # files, settings, texts
POINT = np.array([[0.6, 0.2], [0.3, 0.7]])
SHARED = 20  # advice that so many functions share is no advice


def refusals():
    """{function: what selgrad says} of every public function of NumPy that refuses a traced matrix."""
    said = {}
    for module in (np, np.linalg):
        for name in sorted(n for n in module.__all__ if n[0].islower()):
            function = getattr(module, name)
            if isinstance(function, type) or not callable(function) or name.startswith(NO_NUMBERS):
                continue
            for call in CALLS:
                try:
                    sg.trace(lambda x, f=function, call=call: (call(f, x), x)[1], POINT)
                except sg.NotElementary as problem:
                    if f".{function.__name__} " in str(problem):  # not a sentence about how it was called
                        said[f"{module.__name__}.{name}"] = str(problem)
                        break
                except Exception:
                    continue
                else:
                    break
    return said


def show_refusals():
    advice = {name: text.rpartition("): ")[2] for name, text in refusals().items()}
    shared = {text for text, count in Counter(advice.values()).items() if count >= SHARED}
    bare = [name for name, text in advice.items() if text in shared]
    print(f"{len(advice)} functions refuse; {len(bare)} of them name no spelling:\n" + ", ".join(bare))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--list", action="append", default=[], choices=CLASSES, help="show the forms of a class")
    options.add_argument("--json", type=Path, help="write {form: [class, reason]}")
    options.add_argument("--functions", action="store_true", help="the refusals of all of NumPy's functions")
    asked = options.parse_args()
    if asked.functions:
        return show_refusals()
    found = {form.name: judge(form) for form in all_forms()}
    counts = Counter(kind for kind, _ in found.values())
    print(f"{len(found)} forms: " + ", ".join(f"{counts[c]} {c}" for c in CLASSES))
    for name, (kind, reason) in found.items():
        if kind in asked.list:
            print(f"{kind}: {name}\n    {reason[:300]}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
