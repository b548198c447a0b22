"""Straight-line programs against the loops of Algorithms 1 and 2: the same bits, the same errors."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from test_primitives import CASES

import selgrad as sg
from selgrad.differentiation import grad as grad_module
from selgrad.differentiation.modes import edges_from, pull
from selgrad.differentiation.unrolled import LONGEST, Straight
from selgrad.examples.random_programs import random_program
from selgrad.primitives import ROWS
from selgrad.programs.evaluate import evaluate
from selgrad.programs.trees import flatten
from selgrad.tracing import recorder

V = np.array([0.5, -1.25, 2.0])
conventions = pytest.mark.parametrize("convention", sg.CONVENTIONS)


def same(a, b):
    """The same shape, dtype and bits (so -0.0 is not 0.0); None stands for zero."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def agrees(P, args, convention="paper", wanted=None, straight=None):
    """Whether value and accumulators of the straight-line program are those of the loops, to the last bit."""
    wanted = list(range(len(P.input_shapes))) if wanted is None else wanted
    ev = evaluate(P, args, convention)
    out = P.outputs[0]
    seed = np.ones((1,) * len(ev.batch), dtype=np.asarray(ev.values[out]).dtype)
    v = pull(P, ev, {out: seed}, edges_from(P, wanted))
    record, value, found = (straight or Straight(P, wanted, convention))(*args)
    return (
        record.batch == ev.batch
        and same(value, ev.values[out])
        and all(same(a, v[j]) for a, j in zip(found, wanted, strict=True))
    )


@conventions
@pytest.mark.parametrize("kind", ["affine", "smooth"])
def test_random_programs_on_and_off_their_kinks(kind, convention):
    rng = np.random.default_rng(0)
    for seed in range(60):
        f, x = random_program(np.random.default_rng(seed), p=3, length=14, kind=kind)
        P = sg.trace(f, x)
        straight = Straight(P, [0], convention)
        points = (x, x + rng.standard_normal(3), np.stack([x, -x, x + 1.0]), x.astype(np.float32), x[None, None])
        for point in points:
            assert agrees(P, (point,), convention, straight=straight)


def scalar_of(op, params):
    """A function with instruction `op` whose output is a weighted sum, so that every entry is told apart."""

    def f(*xs):
        record = recorder.elementwise if ROWS[op].elementwise else recorder.record
        y = record(op, *xs, **params)
        weights = 1.0 + np.arange(np.size(y)).reshape(np.shape(y)) / 8
        return np.sum(weights * y)

    return f


@conventions
@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), CASES)
def test_every_primitive_on_and_off_its_kinks_alone_and_in_batches(op, params, operands, plain, at_kink, convention):
    for point in (operands, at_kink):
        if not len(point):
            continue
        xs = tuple(np.asarray(x, dtype=float) for x in point)
        P = sg.trace(scalar_of(op, params), *xs)
        assert any(i.op == op for i in P.instructions)
        for wanted in (None, [0], [len(xs) - 1]):
            assert agrees(P, xs, convention, wanted)
        assert agrees(P, tuple(x.astype(np.float32) for x in xs), convention)
        assert agrees(P, tuple(np.stack([x, x]) for x in xs), convention)
        assert agrees(P, (np.stack([xs[0], xs[0]])[:, None], *xs[1:]), convention)


def test_constants_repeated_operands_and_inputs_that_are_not_read():
    for f, args in (
        (lambda a, b: 3.0, (V, 1.0)),
        (lambda a, b: b, (V, 1.0)),
        (lambda a, b: b * b + b - b, (V, 1.5)),
        (lambda a, b: np.sum(np.where(a > 0, 1.0, 2.0)) * b, (V, 1.5)),
        (lambda a, b: np.max(np.stack([b, b, a[0]])), (V, 0.5)),
        (lambda a, b: np.sum(a + np.ones(3)) - np.sum(np.full((2, 3), 0.5) @ a), (V, 0.5)),
    ):
        P = sg.trace(f, *args)
        for wanted in ([0], [1], [0, 1], [1, 0], [0, 0]):
            assert agrees(P, args, wanted=wanted)


def test_broadcasts_that_numpy_is_left_to_do():
    """Where a reader needs the whole array, or there is a batch, they are carried out."""
    programs = (
        lambda x, b: np.sum(x * b + b),
        lambda x, b: np.sum((b + np.zeros((2, 3))) @ np.ones(3)) + np.sum(x),
        lambda x, b: np.sum(np.broadcast_to(b, (2, 3)) + np.broadcast_to(b, (2, 3))),
        lambda x, b: np.sum(np.broadcast_to(b, (2, 3))),
        lambda x, b: np.sum(np.broadcast_to(x[:, :1], (2, 3)) / x + np.broadcast_to(b, (4, 2, 3))[0]),
        lambda x, b: np.sum(sg.relu(x - b) * np.maximum(b, x)),
    )
    x = np.array([[0.5, -1.25, 2.0], [1.0, 3.0, -0.5]])
    for f in programs:
        P = sg.trace(f, x, V)
        for args in ((x, V), (np.stack([x, 2 * x]), V), (x, np.stack([V, -V])), (x[None], np.stack([V, -V])[:, None])):
            assert agrees(P, args)


def branch(x):
    return x[0] * x[1] if x[0] > x[1] else x[1] - x[0]


@pytest.mark.parametrize(
    ("f", "good", "bad"),
    [
        pytest.param(lambda x: np.sum(np.log(x)), np.ones(3), V, id="domain"),
        pytest.param(lambda x: np.sum(np.sqrt(x - 1.0)), 2 * np.ones(3), np.ones(3), id="a later domain"),
        pytest.param(branch, -V, V, id="branch"),
        pytest.param(lambda x: branch(x) * 2.0 if x[2] > 0 else branch(x), V, -V, id="two branches, the first"),
        pytest.param(lambda x: branch(x) * 2.0 if x[2] > 0 else x[0], V, V * [1, 1, -1], id="two branches, one"),
        pytest.param(lambda x: np.sum(sg.relu(x)), V, V * np.nan, id="nan"),
        pytest.param(lambda x: np.sum(sg.relu(x)), V, np.array([1.0, -np.inf, 1.0]), id="inf"),
        pytest.param(lambda x: np.sum(x), V, np.ones(2), id="shape"),
        pytest.param(lambda x: np.sum(x), V, {"x": V}, id="nesting"),
        pytest.param(lambda x: np.sum(x), V, V * 1j, id="complex"),
        pytest.param(lambda x: np.sum(np.exp(x)), V, 1e3 * V, id="value overflows"),
        pytest.param(lambda x: np.sum(np.exp(np.exp(x))), V, np.full(3, 6.56), id="the derivatives overflow together"),
        pytest.param(lambda x: np.sum(np.log(x)), np.ones(3), np.full(3, 1e-320), id="slope overflows"),
        pytest.param(lambda x: np.sum(1.0 / x), np.ones(3), np.full(3, 1e-200), id="slope at a tiny divisor"),
    ],
)
def test_every_error_in_the_same_words(f, good, bad):
    P = sg.trace(f, good)
    loops, straight = sg.value_and_grad(P), sg.value_and_grad(P)
    straight(good)  # compiles
    with pytest.raises(sg.SelgradError) as first:
        loops(bad)
    with pytest.raises(sg.SelgradError) as second:
        straight(bad)
    assert type(first.value) is type(second.value) and str(first.value) == str(second.value)
    assert same(straight(good)[1], sg.value_and_grad(P)(good)[1])


def test_an_unknown_convention_is_refused_at_every_call():
    both = sg.value_and_grad(sg.trace(lambda x: np.sum(x), V), convention="mine")
    for _ in range(2):
        with pytest.raises(sg.InputError, match="Unknown convention 'mine'"):
            both(V)


def nested(params, x):
    for layer in params["layers"]:
        x = sg.relu(layer["W"] @ x + layer["b"])
    return params["scale"] * np.sum(x)


@pytest.mark.parametrize("argnums", [0, 1, (0, 1), (1, 0), (1, 1), -1])
def test_the_second_call_returns_what_the_first_did(argnums):
    layers = [{"W": np.ones((2, 3)), "b": np.zeros(2)}, {"W": np.array([[1.0, -1.0]]), "b": np.ones(1)}]
    params = {"layers": layers, "scale": 2.0}
    both = sg.value_and_grad(sg.trace(nested, params, V), argnums)
    for args in ((params, V), (params, np.stack([V, -V, 0 * V]))):
        first, second = flatten(both(*args)), flatten(both(*args))
        again = flatten(sg.value_and_grad(sg.trace(nested, params, V), argnums)(*args))
        for other in (second, again):
            assert first[1] == other[1] and all(same(a, b) for a, b in zip(first[0], other[0], strict=True))
        arrays = [a for a in second[0] if isinstance(a, np.ndarray)]
        assert all(a.flags.writeable for a in arrays)
        assert not any(np.shares_memory(a, b) for n, a in enumerate(arrays) for b in (*arrays[:n], V))


def counted(monkeypatch):
    built = []

    class Counted(Straight):
        def __init__(self, *args):
            built.append(args)
            super().__init__(*args)

    monkeypatch.setattr(grad_module, "Straight", Counted)
    return built


def test_a_program_is_compiled_once_and_a_function_never(monkeypatch):
    built = counted(monkeypatch)
    d = sg.grad(lambda x: np.sum(x * x))
    d(V), d(V)
    assert not built
    d = sg.grad(sg.trace(lambda x: np.sum(x * x), V))
    d(V), d(V), d(2 * V)
    assert len(built) == 1


def test_a_long_program_keeps_to_the_loops(monkeypatch):
    built = counted(monkeypatch)

    def f(t):
        for _ in range(LONGEST + 1):
            t = t + 1.0
        return t

    d = sg.grad(sg.trace(f, 0.0))
    assert d(0.0) == d(1.0) == 1.0 and not built


def test_threads_share_a_straight_line_program():
    both = sg.value_and_grad(sg.trace(lambda x: np.sum(sg.relu(x) * x), V))
    both(V)
    results = {}

    def work(i):
        for _ in range(50):
            results.setdefault(i, set()).add(tuple(both(V + i)[1]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {i: {tuple(2 * sg.relu(V + i))} for i in range(4)} == results


def test_no_text_of_the_user_reaches_the_source():
    name = "x0; import os"
    f = lambda x: np.sum(np.where(x > 0, x @ np.ones((3, 3)), -2.0 * x))
    f.__name__ = f.__qualname__ = name
    P = sg.trace(f, V)
    source = Straight(P, [0]).source
    assert name not in source and "import" not in source and "where" not in source


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("d2_0 * v2", "v2"),  # a slope forgotten
        ("s1_(x0)", "s1_(-x0)"),  # the other piece
        ("v0 + d1_0", "d1_0"),  # overwritten instead of added up
        ("g4(x2, x3)", "g4(x3, x2)"),  # operands in the wrong order
    ],
)
def test_a_planted_wrong_line_is_seen(right, wrong):
    P = sg.trace(lambda t: -sg.relu(t) - t * t, 1.0)
    args = (np.array([-2.0, 0.0, 0.5, 3.0]),)
    straight = Straight(P, [0])
    assert agrees(P, args, straight=straight)
    names = straight.run.__globals__
    assert straight.source.count(right) == 1
    exec(straight.source.replace(right, wrong), names)
    straight.run = names["run"]
    assert not agrees(P, args, straight=straight)


def test_a_planted_wrong_pull_is_seen():
    P = sg.trace(lambda x, A: np.sum(np.tanh(A @ x)), V, np.ones((2, 3)))
    args = (V, np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]]))
    straight = Straight(P, [0, 1])
    assert agrees(P, args, straight=straight)
    names = straight.run.__globals__
    right = names["d2_0"]
    names["d2_0"] = lambda *read: 1.0000000000000002 * right(*read)
    assert not agrees(P, args, straight=straight)


@pytest.mark.parametrize("convention", ["paper", "jax", {"relu": ">", "abs": "=", "otherwise": "torch"}])
def test_rules_of_lines_and_of_dicts_are_unrolled_too(convention):
    P = sg.trace(lambda x: np.sum(sg.relu(x)) + np.sum(np.abs(x)) + np.max(x), np.zeros(3))
    own = tuple(replace(i, rule="all") if i.op == "max" else replace(i, rule="=") if i.op == "relu" else i
                for i in P.instructions)
    Q = sg.Program(P.input_shapes, own, P.outputs, P.in_tree, P.out_tree)
    for program in (P, Q):
        assert agrees(program, (np.zeros(3),), convention)
    d = sg.grad(Q, convention=convention)
    assert np.array_equal(d(np.zeros(3)), d(np.zeros(3)))  # by the loops, then unrolled
    assert not np.array_equal(sg.grad(P)(np.zeros(3)), d(np.zeros(3)))
