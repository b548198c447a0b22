"""How many spellings of NumPy (tests/forms) are right, refused by name, raw errors, or wrong.

    python benchmarks/numpy_forms.py [--list raw] [--json FILE]
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from forms import CLASSES, all_forms, judge


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--list", action="append", default=[], choices=CLASSES, help="show the forms of a class")
    options.add_argument("--json", type=Path, help="write {form: [class, reason]}")
    asked = options.parse_args()
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
