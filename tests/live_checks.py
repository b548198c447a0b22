"""What the tests of from_jax and from_torch share: derivatives beside a framework's, and examples of docstrings."""

import doctest

import numpy as np

import selgrad as sg


def apart(P, xs, value, grads, cotangent):
    """The largest distance between our value and derivatives and a framework's, in units of what is compared."""
    ours, back = sg.vjp(P, *xs)
    found = back(cotangent if cotangent.ndim else cotangent[()])
    pairs = [(ours, value), *zip(found if len(xs) > 1 else [found], grads, strict=True)]
    assert all(np.shape(a) == np.shape(b) for a, b in pairs)
    return max(float(np.max(np.abs(a - b) / (1 + np.abs(b)), initial=0.0)) for a, b in pairs)


def example_failures(f, **names):
    """(failed, tried) of the example in a docstring, whose lines are skipped where the framework is missing."""
    test = doctest.DocTestParser().get_doctest(f.__doc__.replace("# doctest: +SKIP", ""), names, f.__name__, None, 0)
    return tuple(doctest.DocTestRunner().run(test))[:2]


def arrays(points, dtype):
    return [np.asarray(p, dtype=dtype) for p in points]
