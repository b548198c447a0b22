"""vmap: a function over a batch equals the function at each point, derivatives and kinks included."""

import numpy as np
import pytest

import selgrad as sg

X = np.array([[1.0, -2.0, 0.0], [0.5, 0.5, 0.0], [3.0, 1.0, 1.0], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("f", [
    np.max, sg.sort, sg.relu, lambda x: np.cumsum(x)[::2], lambda x: (np.sum(x), x * 2.0), lambda x: x[[0, 0, 1]],
    lambda x: np.outer(x, x) @ x, lambda x: np.concatenate([x, x * x]), lambda x: sg.max_pool(x, 2), lambda x: 1.0,
    lambda x: np.einsum("i,i->", x, x), lambda x: sg.logsumexp(x), lambda x: np.where(x > 0, x, -x),
    lambda x: np.pad(x, 1), lambda x: x.reshape(3, 1).T, sg.median, sg.grad(lambda x: np.max(x) * x[0]),
    sg.jacobian(sg.sort), sg.hessian(lambda x: np.sum(sg.relu(x) ** 3)),
])
def test_it_is_the_function_at_every_point(f):
    found = sg.vmap(f)(X)
    each = [f(x) for x in X]
    if isinstance(found, tuple):
        assert all(np.array_equal(a, np.stack(b)) for a, b in zip(found, zip(*each)))
    else:
        assert np.array_equal(found, np.stack(each)) and found.shape[0] == len(X)


@pytest.mark.parametrize("f", [np.max, lambda x: np.sum(sg.relu(x) ** 2), lambda x: sg.sort(x)[0] * x[1], sg.median])
def test_it_may_be_differentiated(f):
    mapped = sg.grad(lambda x: np.sum(sg.vmap(f)(x)))(X)
    assert np.allclose(mapped, np.stack([sg.grad(f)(x) for x in X]), rtol=1e-14)


def test_axes_in_and_out():
    w = np.array([1.0, 2.0, 3.0])
    f = lambda x, w, scale: scale * (x @ w)
    assert np.array_equal(sg.vmap(f, in_axes=(1, None, None))(X.T, w, 2), 2 * (X @ w))
    assert sg.vmap(sg.relu, out_axes=1)(X).shape == (3, 4)
    nested = sg.vmap(lambda p: p["a"] * p["b"][0])({"a": X, "b": [X]})
    assert np.array_equal(nested, X * X)
    assert np.array_equal(sg.grad(lambda w: np.sum(sg.vmap(lambda x: x @ w)(X)))(w), X.sum(axis=0))


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: sg.vmap(3.0), sg.InputError, "takes a function or a Program"),
    (lambda: sg.vmap(np.max)(1.0), sg.ShapeError, "has no axis 0"),
    (lambda: sg.vmap(np.max, in_axes=5)(X), sg.ShapeError, "has no axis 5"),
    (lambda: sg.vmap(lambda a, b: a + b)(X, X[:2]), sg.ShapeError, "lengths 2, 4"),
    (lambda: sg.vmap(lambda a, b: a + b, in_axes=(0,))(X, X), sg.InputError, "one entry for each of the 2"),
    (lambda: sg.vmap(lambda a: a, in_axes=None)(X), sg.InputError, "None for all"),
    (lambda: sg.vmap(np.max)(X[:0]), sg.ShapeError, "length 0"),
    (lambda: sg.vmap(lambda x: x if x[0] > 0 else -x)(X), sg.BranchChanged, "would flip"),
])
def test_what_does_not_fit_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
