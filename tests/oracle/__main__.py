"""python -m tests.oracle [programs] [first seed] [family ...]: random programs judged, family by family."""

import sys
import time

from .families import FAMILIES, draw
from .judge import judge


def run(programs, first=0, families=tuple(FAMILIES), show=True):
    """{family: (judged, undecided, wrong cases)}; a case is (seed, what is wrong)."""
    found = {}
    for family in families:
        start, known, undecided, wrong = time.time(), 0, 0, []
        for seed in range(first, first + programs // len(families)):
            judged = judge(draw(family, seed))
            known += judged.kind is not None
            undecided += judged.undecided
            if judged.wrong:
                wrong.append((seed, judged.wrong))
        found[family] = (known, undecided, wrong)
        if show:
            print(f"{family}: {known} judged, {len(wrong)} wrong, {100 * undecided / max(known, 1):.1f}% undecided "
                  f"({time.time() - start:.0f} s)", flush=True)
            for seed, words in wrong:
                print(f"    seed {seed}: {'; '.join(words)}")
    return found


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    names = [a for a in sys.argv[1:] if not a.isdigit()] or list(FAMILIES)
    run(*(numbers or [3000]), families=tuple(names))
