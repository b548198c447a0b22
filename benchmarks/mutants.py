"""Random mutants of the modules behind verdicts, and the share that fast tests kill.

    python benchmarks/mutants.py [mutants] [seed] [--jobs N]

A mutant is a copy of the package in which one comparison, sign, constant, truth value or condition of one of `MODULES`
is another; it is killed when one of the fast tests of that module fails, or takes far longer than it should. Printed:
every survivor, with its place and what was changed, and the share killed by module.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
PATIENCE = 300  # seconds for the tests of a mutant

# Modules, with their fast tests: a few seconds each.
SETS = ("tests/test_verdicts.py", "tests/test_scales.py", "tests/test_verification.py", "tests/test_clarke.py")
FAST = ("not two_thousand and not random and not smooth_programs and not long_programs and not limit and not command "
        "and not stays_one and not forged")
CHECKER = ("not random and not command and not stays_one", ("tests/test_verification.py",))
MODULES = {
    "selgrad/sets/verification.py": CHECKER, "selgrad/sets/rederived.py": CHECKER,
    "selgrad/sets/proof.py": (FAST, SETS), "selgrad/sets/curves.py": (FAST, SETS),
    "selgrad/sets/certificates.py": (FAST, SETS), "selgrad/sets/clarke.py": (FAST, SETS),
    "selgrad/sets/verdicts.py": (FAST, SETS),
    "selgrad/sets/conservative.py": (FAST, (*SETS, "tests/test_conservative.py")),
    "selgrad/kinks/form.py": (FAST, SETS), "selgrad/kinks/cells.py": (FAST, SETS),
    "selgrad/kinks/steps.py": (FAST, SETS), "selgrad/kinks/ladder.py": (FAST, SETS),
    "selgrad/kinks/sectors.py": (FAST, SETS),
    "selgrad/geometry/germs.py": ("not sixty and not oracle and not touch", ("tests/test_germs.py",)),
    "selgrad/geometry/cones.py": (FAST, ("tests/test_cones.py", *SETS)),
    "selgrad/sets/theorem3.py": ("not random", ("tests/test_conservativity.py",)),
}

OTHERS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add,), ast.Div: (ast.Mult,),
    ast.And: (ast.Or,), ast.Or: (ast.And,), ast.UAdd: (ast.USub,),
}


def mutations(tree: ast.AST) -> list[tuple[ast.AST, str, object]]:
    """(node, field, new value): everything that may be changed; docstrings, messages and annotations are left alone."""
    found: list[tuple[ast.AST, str, object]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            found += [(node, "ops", [other()]) for other in OTHERS.get(type(node.ops[0]), ())]
        elif isinstance(node, (ast.BinOp, ast.BoolOp)):
            if not any(isinstance(a, (ast.JoinedStr, ast.Constant)) and isinstance(getattr(a, "value", ""), str)
                       for a in ast.iter_child_nodes(node)):
                found += [(node, "op", other()) for other in OTHERS.get(type(node.op), ())]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
            found.append((node, "drop", None))
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.append((node, "value", node.value + 1 if node.value in (0, 1, -1) else -node.value))
            if isinstance(node.value, float):
                found.append((node, "value", node.value * 1e6))
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            found.append((node, "value", not node.value))
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
            found += [(node, "test", ast.Constant(value)) for value in (True, False)]
    return found


class Drop(ast.NodeTransformer):
    """Takes a sign or a `not` away from one node."""

    def __init__(self, node: ast.AST):
        self.node = node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return node.operand if node is self.node else self.generic_visit(node)


def mutant(source: str, rng: np.random.Generator) -> tuple[str, str]:
    """(the source of a mutant, what was changed): the source is printed from its syntax tree."""
    tree = ast.parse(source)
    every = [m for m in mutations(tree) if getattr(m[0], "lineno", 0)]
    node, name, new = every[rng.integers(len(every))]
    before = ast.unparse(node)
    if name == "drop":
        tree, after = Drop(node).visit(tree), ast.unparse(node.operand)  # type: ignore[attr-defined]
    else:
        setattr(node, name, new)
        after = ast.unparse(node)
    return ast.unparse(ast.fix_missing_locations(tree)), f"line {node.lineno}: {before[:90]}  ->  {after[:90]}"


def killed(module: str, source: str) -> bool:
    """Whether a fast test of the module fails in a copy of the package that holds this source."""
    marks, tests = MODULES[module]
    with tempfile.TemporaryDirectory() as place:
        for name in ("selgrad", "tests"):
            shutil.copytree(ROOT / name, Path(place) / name, ignore=shutil.ignore_patterns("__pycache__", "browser"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, place)
        (Path(place) / module).write_text(source, encoding="utf-8")
        try:
            run = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", marks, *tests], cwd=place,
                env={**os.environ, "PYTHONPATH": place, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=PATIENCE,
                capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            return True
        return run.returncode != 0


def main() -> None:
    """Draw mutants, run their tests, print what survives."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("mutants", type=int, nargs="?", default=120)
    asked.add_argument("seed", type=int, nargs="?", default=0)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--only", default="", help="part of a module's name")
    options = asked.parse_args()
    rng = np.random.default_rng(options.seed)
    modules = [m for m in MODULES if options.only in m and (ROOT / m).exists()]
    sources = {m: (ROOT / m).read_text(encoding="utf-8") for m in modules}
    for m in modules:  # the control: the tests pass on the source as it is
        assert not killed(m, ast.unparse(ast.parse(sources[m]))), f"the tests of {m} fail without a mutation"
    size = np.array([len(mutations(ast.parse(sources[m]))) for m in modules], dtype=float)
    drawn = [modules[i] for i in rng.choice(len(modules), options.mutants, p=size / size.sum())]
    every = [(m, *mutant(sources[m], rng)) for m in drawn]
    count = {m: [0, 0] for m in modules}

    def one(case: tuple[str, str, str]) -> tuple[str, str, bool]:
        return case[0], case[2], killed(case[0], case[1])

    with ThreadPoolExecutor(options.jobs) as pool:
        for m, words, dead in pool.map(one, every):
            count[m][0] += dead
            count[m][1] += 1
            if not dead:
                print(f"survived: {m}, {words}", flush=True)
    for m, (dead, all_of_them) in count.items():
        if all_of_them:
            print(f"{m}: {dead} of {all_of_them} killed")
    total = sum(dead for dead, _ in count.values())
    print(f"killed: {total} of {options.mutants} ({100 * total / options.mutants:.0f}%)")


if __name__ == "__main__":
    main()
