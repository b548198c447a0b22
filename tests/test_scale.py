"""A program of 100,000 instructions: no recursion anywhere."""

import numpy as np

import selgrad as sg


def test_a_hundred_thousand_instructions():
    def chain(t):
        for _ in range(50_000):
            t = sg.relu(t) * 1.0001
        return t

    P = sg.trace(chain, 1.0)
    assert len(P.instructions) == 100_000
    expected = 1.0001**50_000
    assert np.isclose(P(2.0), 2 * expected, rtol=1e-9)
    assert np.isclose(sg.backward_mode(P, 2.0), expected, rtol=1e-9)
    assert np.isclose(sg.forward_mode(P, 2.0), expected, rtol=1e-9)
    assert sg.grad(P)(-1.0) == 0.0 and sg.grad(P)(0.0) == 0.0
    assert str(P).count("\n") == 100_002
