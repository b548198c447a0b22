"""python -m selgrad.experiments NAME [--store DIR]: run an experiment and write its file.

With --store, what is a sweep is kept in DIR as it goes on, and an interrupted run resumes there.
"""

from __future__ import annotations

import argparse
import sys
import time

from selgrad.experiments import NAMES, experiment, write


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m selgrad.experiments", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--store", metavar="DIR", help="folder that keeps the chunks of a sweep")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    path = write(options.name, experiment(options.name).compute(options.store))
    print(f"{path}  {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
