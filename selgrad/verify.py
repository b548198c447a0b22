"""python -m selgrad.verify FILE ...: check the records that `verdict.to_json()` wrote, from nothing but what they hold.

A command only (in Python: `sg.verify`). It ends with 0 if every record proves its claims, and says why one does not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from selgrad.errors import SelgradError
from selgrad.sets import certificates
from selgrad.sets.verification import Refused, check


def main(files: list[str]) -> int:
    """Check files; returns how many do not hold (2 where none was given)."""
    if not files:
        print("Give one or more files that hold what verdict.to_json() returns.", file=sys.stderr)
        return 2
    wrong = 0
    for name in files:
        try:
            record = json.loads(Path(name).read_text(encoding="utf-8"))
            check(record)
            print(f"{name}: proved: {record['claims'].get('kind', 'bounds')}, exact: {record['claims']['exact']}")
        except (Refused, SelgradError, ArithmeticError, AttributeError, LookupError, OSError, TypeError,
                ValueError) as why:
            wrong += 1
            print(f"{name}: not proved: {why or type(why).__name__}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
sys.modules[__name__] = certificates.verify  # type: ignore[assignment]  # Python binds it as selgrad.verify, where it stood
