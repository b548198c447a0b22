"""Audits of programs that were read from JAX: the line where NaN is born, and JAX's own choices, beside live JAX."""

import numpy as np
import pytest
from test_non_finite import LABEL, SICK

import selgrad as sg
from selgrad.audits.non_finite import births

jax = pytest.importorskip("jax", reason="needs JAX")
jnp, nn = jax.numpy, jax.nn
pytestmark = pytest.mark.frameworks

SPELLED = {
    "norm at 0": jnp.linalg.norm,
    "sqrt(x @ x)": lambda x: jnp.sqrt(x @ x),
    "root of a square": lambda t: jnp.sqrt(t * t),
    "where and sqrt": lambda x: jnp.sum(jnp.where(x > 0, jnp.sqrt(x), 0.0)),
    "where and log": lambda x: jnp.sum(jnp.where(x > 0, jnp.log(x), 0.0)),
    "relu of a log": lambda t: nn.relu(jnp.log(t)),
    "log of softmax": lambda x: -jnp.log(nn.softmax(x))[LABEL],
    "entropy": lambda x: -jnp.sum(x * jnp.log(x)),
    "x ** 0.5": lambda t: t**0.5,
    "1/x under where": lambda t: jnp.where(t != 0, 1.0 / t, 0.0),
    "arccos at 1": jnp.arccos,
    "arcsin at -1": jnp.arcsin,
    "sinc": lambda t: jnp.where(t != 0, jnp.sin(t) / t, 1.0),
    "overflow under where": lambda t: jnp.where(t < 0, jnp.exp(t), t + 1),
    "sigmoid by hand": lambda t: 1.0 / (1.0 + jnp.exp(-t)),
    "softplus by hand": lambda t: jnp.log(1.0 + jnp.exp(t)),
    "logsumexp by hand": lambda x: jnp.log(jnp.sum(jnp.exp(x))),
    "std of constants": jnp.std,
    "1/sqrt under where": lambda t: jnp.where(t > 0, 1.0 / jnp.sqrt(t), 0.0),
    "x ** x under where": lambda t: jnp.where(t > 0, jnp.exp(t * jnp.log(t)), 1.0),
    "distances of points": lambda X: jnp.sum(jnp.sqrt(jnp.sum((X[:, None] - X[None]) ** 2, axis=-1))),
    "cosine with 0": lambda x: x @ jnp.ones(2) / jnp.linalg.norm(x),
    "a row that is masked": lambda x: jnp.sum(nn.softmax(jnp.where(x > 0, x, -jnp.inf))),
    "a constant": lambda x: jnp.sum(x * jnp.array([1.0, jnp.inf])),
}


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("name", SPELLED)
def test_the_line_that_spoils_what_jax_returns_is_named(name):
    f, x, op = SPELLED[name], SICK[name][1], SICK[name][2]
    P = sg.from_jax(f, x)
    found = [b for b in births(P, (x,)) if b.reaches]
    assert [P.line(b.node).op for b in found] == [op]
    value, gradient = jax.value_and_grad(f)(jnp.asarray(x))
    for finite, word in ((np.isfinite(value), "output"), (np.isfinite(gradient).all(), "derivative")):
        assert any(word in r for r in found[0].reaches) == (not finite)
    assert bool(found[0].guard) == (SICK[name][3] is not None)


def test_the_choices_are_jaxs_own():
    def loss(params, x):
        W, b = params
        return jnp.sum(nn.relu(x @ W + b)) + jnp.max(jnp.abs(b)) + jnp.clip(x[0], -1.0, 1.0)

    args = (np.ones((2, 3)), np.zeros(3)), np.array([1.0, -1.0])
    report = sg.audit(sg.from_jax(loss, *args), *args, wrt=0)
    W, b = jax.grad(loss)(*args)
    assert np.allclose(np.ravel(report.verdict.ad[0]), np.ravel(W)) and np.allclose(report.verdict.ad[1], b)
    assert sg.verify(report.verdict) and "rules: its own" in repr(report)
    assert report.trivial == 1  # of the clip at its upper bound, which only the input moves
