"""What a user's type checker sees of selgrad; checked by test_types.py and run by nobody."""

from typing import assert_type

import numpy as np

import selgrad as sg


def f(x: np.ndarray) -> np.ndarray:
    return np.maximum(x[0], x[1])


x = np.zeros(2)
P = sg.trace(f, x)
assert_type(P, sg.Program)
assert_type(P.instructions, tuple[sg.Instruction, ...])
assert_type(P.evaluate(x), sg.Evaluation)
assert_type(sg.differentiate(P), sg.Program)
assert_type(sg.classify(f, x), sg.Verdict)
assert_type(sg.classify(f, x).kind, str)
assert_type(sg.classify(P, x).kind, str)  # error: a batch gives an array of verdicts, so this may be anything
assert_type(sg.clarke(f, x), sg.ClarkeBounds)
assert_type(sg.clarke(P, x).inner, sg.JacobianSet)
assert_type(sg.conservative(f, x), sg.JacobianSet)
assert_type(sg.selection(P), sg.Selection)
assert_type(sg.selection(P).field(x), sg.JacobianSet)
assert_type(sg.scalar_view(P), sg.ScalarProgram)
assert_type(sg.sgd(f, x[None], steps=1, alpha=[1.0]), sg.Trajectories)
assert_type(sg.sgd(f, x[None], steps=1, alpha=[1.0]).x, np.ndarray)
assert_type(sg.verify(sg.classify(f, x)), bool)
assert_type(sg.verify(sg.clarke(f, x)), bool)
sg.grad(f, convention={"maximum": "=", "otherwise": "torch"})(x)
sg.to_tensorflow(P)

sg.clasify(f, x)  # error
sg.classify(f)  # error
print(sg.classify(f, x).knd)  # error
print(sg.clarke(f, x).iner)  # error
sg.grad(f, convention=3)(x)  # error
sg.sgd(f, x, steps="60", alpha=[1.0])  # error
sg.sgd(f, x, steps=60)  # error
sg.find_traps(f, [1.0], 60, at=x, hits="2")  # error
sg.verify(3.0)  # error
print(P.instrutions)  # error
