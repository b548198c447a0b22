"""The engines of sgd: the same bits from NumPy, from the source and from Numba, whatever the chunks."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from conftest import interpreted
from test_primitives import CASES
from test_sgd import BATCHES, CONVENTIONS, harmonic, needs_numba, tied_sum

import selgrad as sg
from selgrad import draws
from selgrad.compilation.kernels import kind_of
from selgrad.descent import engine
from selgrad.differentiation.modes import pull
from selgrad.examples.paper import trap
from selgrad.programs.evaluate import Mask, evaluate
from selgrad.programs.formats import cast


def by_source(J, x, steps, batch, seed, convention, dtype):
    """Last iterates by the generated source, run by Python itself."""
    P = J.program(x[0])
    module = interpreted(sg.compile(P, convention=convention, dtype=dtype, batch=batch).source)
    data = np.concatenate([a.reshape(J.n, -1) for a in J.leaves], axis=1).astype(dtype)
    out, broke = np.empty((len(x), 1, x.shape[1]), dtype), np.empty(len(x), int)
    alpha = np.array([harmonic(k) for k in range(steps)]).astype(dtype)
    with np.errstate(all="ignore"):
        module.trajectories(
            x.astype(dtype), np.ones(len(x), dtype), alpha, np.array([steps]), data,
            batch if isinstance(batch, int) else J.n, np.uint64(seed), np.uint64(0), out, broke,
        )
    return out[:, 0]


@CONVENTIONS
@BATCHES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_engine_is_the_source_bit_for_bit(batch, convention, dtype):
    J, x = tied_sum(11 + len(str(batch)))
    T = sg.sgd(J, x[:6], steps=6, alpha=harmonic, batch=batch, seed=5, convention=convention, dtype=dtype,
               engine="numpy")
    assert T.engine == "numpy" and T.terms.scalar and T.x.dtype == dtype
    assert np.array_equal(T.x, by_source(J, x[:6], 6, batch, 5, convention, dtype))


RULES = {"relu": ">", "abs": "=", "maximum": "<", "otherwise": "jax"}


@BATCHES
def test_rules_of_the_users_own_are_the_source_bit_for_bit(batch):
    J, x = tied_sum(12)
    T = sg.sgd(J, x[:6], steps=6, alpha=harmonic, batch=batch, seed=5, convention=RULES, engine="numpy")
    assert T.convention == RULES and np.array_equal(T.x, by_source(J, x[:6], 6, batch, 5, RULES, np.float64))
    if batch == "full":  # the negative control: the rules matter at these points
        assert not np.array_equal(T.x, by_source(J, x[:6], 6, batch, 5, "jax", np.float64))
    with pytest.raises(sg.InputError, match="no tie rule of relu"):
        sg.sgd(J, x[:6], steps=1, alpha=harmonic, convention={"relu": "first"})


@needs_numba
def test_lines_with_rules_of_their_own_run_on_both_engines():
    """The rules used to be lost where a small program is run scalar by scalar."""
    P = sg.trace(trap, 0.0)
    lines = tuple(replace(i, rule=">") if i.row.kinked else i for i in P.instructions)
    own = sg.Program(P.input_shapes, lines, P.outputs, P.in_tree, P.out_tree)
    run = {"steps": 9, "c": [0.5, 0.501], "alpha": harmonic}
    one, other = (sg.sgd(own, [-1.0, -1.0], engine=engine, **run) for engine in ("numpy", "numba"))
    assert np.array_equal(one.x, other.x) and one.x[0] != 0.0
    assert np.array_equal(one.x, sg.sgd(P, [-1.0, -1.0], convention={"relu": ">"}, **run).x)
    assert sg.sgd(P, [-1.0, -1.0], **run).x[0] == 0.0  # the negative control: the paper's rule is trapped


@needs_numba
@BATCHES
def test_engines_agree_bit_for_bit(batch):
    J, x = tied_sum(3)
    dtype, convention = (np.float32, "tensorflow") if batch == 1 else (np.float64, RULES if batch == 3 else "paper")
    one, other = (
        sg.sgd(J, np.repeat(x, 20, axis=0), steps=60, c=0.75, alpha=harmonic, batch=batch, seed=1, dtype=dtype,
               convention=convention, record=7, engine=engine) for engine in ("numpy", "numba")
    )
    assert (one.engine, other.engine) == ("numpy", "numba")
    assert np.array_equal(one.iterates, other.iterates)


def network(hidden=6, inputs=5, n=40):
    """A ReLU network with (inputs + 2) hidden parameters, and starting points."""
    rng = np.random.default_rng(0)
    a, b = hidden * inputs, hidden * (inputs + 1)

    def f(x, datum):
        u, y = datum
        return np.square(x[b:] @ np.tanh(sg.relu(x[:a].reshape(hidden, inputs) @ u + x[a:b])) - y)

    return (sg.FiniteSum(f, (rng.standard_normal((n, inputs)), rng.standard_normal(n))),
            0.3 * rng.standard_normal((30, hidden * (inputs + 2))))


@needs_numba
def test_engines_agree_on_a_network_to_rounding():
    J, x = network()
    one, other = (sg.sgd(J, x, steps=40, c=0.1, alpha=harmonic, batch=1, engine=e) for e in ("numpy", "numba"))
    assert not one.terms.scalar  # more than 128 scalars: NumPy sums in its own order there
    np.testing.assert_allclose(one.x, other.x, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("make", [lambda: tied_sum(4), network])
@BATCHES
def test_chunks_are_the_whole(make, batch, monkeypatch):
    J, x = make()
    run = {"steps": 8, "c": 0.5, "alpha": harmonic, "batch": batch, "seed": 9, "engine": "numpy"}
    whole = sg.sgd(J, x, **run)
    parts = [sg.sgd(J, x[a:b], first=a, **run) for a, b in ((0, 1), (1, 8), (8, 20), (20, len(x)))]
    assert np.array_equal(whole.x, np.concatenate([part.x for part in parts]))
    assert np.array_equal(whole.indices, np.concatenate([part.indices for part in parts]))
    monkeypatch.setattr(engine, "AT_ONCE", 1)
    assert np.array_equal(whole.x, sg.sgd(J, x, **run).x)
    if batch != "full":  # the negative control: other counters are other trajectories
        assert not np.array_equal(whole.x, sg.sgd(J, x, first=1, **run).x)
        assert not np.array_equal(whole.x, sg.sgd(J, x, **{**run, "seed": 10}).x)


@needs_numba
def test_chunks_and_threads_of_the_compiled_engine():
    import numba

    J, x = tied_sum(4)
    run = {"steps": 20, "alpha": harmonic, "batch": 2, "seed": 9, "engine": "numba"}
    whole = sg.sgd(J, x, **run)
    parts = [sg.sgd(J, x[a:b], first=a, **run) for a, b in ((0, 5), (5, len(x)))]
    assert np.array_equal(whole.x, np.concatenate([part.x for part in parts]))
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        assert np.array_equal(whole.x, sg.sgd(J, x, **run).x)
    finally:
        numba.set_num_threads(threads)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), CASES)
def test_every_primitive_stays_in_the_format(op, params, operands, plain, at_kink, dtype):
    def f(*xs):
        add = sg.tracing.recorder.elementwise if sg.primitives.ROWS[op].elementwise else sg.tracing.recorder.record
        return np.sum(1.5 * add(op, *xs, **params) * np.float64(0.5) + 0.1)

    P = cast(sg.trace(f, *(np.asarray(o, dtype=float) for o in operands)), np.dtype(dtype))
    leaves = [np.stack([o, o]).astype(dtype) for o in operands]
    with np.errstate(all="ignore"):
        ev = evaluate(P, tuple(leaves), "jax", Mask((2,)))
        v = pull(P, ev, {P.outputs[0]: np.ones(1, dtype)})
    assert all(np.asarray(value).dtype == dtype for value in ev.values)
    assert all(a is None or np.asarray(a).dtype == dtype for a in v)


def test_auto_takes_numba_only_where_it_pays_or_matters(monkeypatch):
    monkeypatch.setattr(sys.modules["selgrad.descent.sgd"], "available", lambda: True)
    exact, smooth = sg.trace(trap, 0.0), sg.trace(np.exp, 0.0)
    kernel = sys.modules["selgrad.descent.sgd"]._kernel

    def chosen(P, work, scalar=True, dtype=np.float64):
        terms = engine.Terms(P, (), (), 1, "full", np.dtype(dtype), "paper", scalar)
        return kernel(P, terms, "auto", work) is not None

    assert [chosen(exact, 10), chosen(exact, 10**7), chosen(smooth, 10), chosen(exact, 10, False)] == [
        False, True, True, True,
    ]
    assert not chosen(exact, 10**7, dtype=np.float16)
    monkeypatch.setattr(sys.modules["selgrad.descent.sgd"], "available", lambda: False)
    assert not chosen(smooth, 10**7)


def test_the_way_of_drawing():
    assert [kind_of(b, 2) for b in (1, 2, "subsets", "full")] == ["one", "some", "subsets", "full"]
    assert kind_of(1, 0) == "alone" and draws.WORD == 2**64
