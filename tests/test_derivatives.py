"""grad, value_and_grad, jacobian, jvp, vjp: nesting, argnums, shapes, and that nothing is stored."""

import threading
from collections import namedtuple

import numpy as np
import pytest

import selgrad as sg

V = np.array([0.5, -1.25, 2.0])
Layer = namedtuple("Layer", "W b")
PARAMS = {"layers": [Layer(np.ones((2, 3)), np.zeros(2)), Layer(np.array([[1.0, -1.0]]), np.ones(1))], "scale": 2.0}


def network(params, x):
    for layer in params["layers"]:
        x = sg.relu(layer.W @ x + layer.b)
    return params["scale"] * np.sum(x)


def test_nested_arguments_give_nested_derivatives():
    value, d = sg.value_and_grad(network)(PARAMS, V)
    assert value == network(PARAMS, V)
    assert set(d) == {"layers", "scale"} and isinstance(d["layers"][0], Layer)
    assert d["layers"][0].W.shape == (2, 3) and d["layers"][1].b.shape == (1,) and np.shape(d["scale"]) == ()
    assert d["layers"][0].b.tolist() == [2.0, -2.0] and d["scale"] == value / 2


def test_argnums():
    f = lambda x, y, z: x * y * y + 3.0 * z
    assert sg.grad(f)(2.0, 3.0, 4.0) == 9.0
    assert sg.grad(f, 1)(2.0, 3.0, 4.0) == sg.grad(f, -2)(2.0, 3.0, 4.0) == 12.0
    assert sg.grad(f, (0, 2))(2.0, 3.0, 4.0) == (9.0, 3.0)
    assert sg.grad(f, (-1, 0))(2.0, 3.0, 4.0) == (3.0, 9.0)
    assert sg.value_and_grad(f, (1,))(2.0, 3.0, 4.0) == (30.0, (12.0,))
    assert sg.jacobian(f, (0, 1))(2.0, 3.0, 4.0) == (9.0, 12.0)
    assert sg.grad(f, (0, 0))(2.0, 3.0, 4.0) == (9.0, 9.0)
    assert sg.grad(lambda x, y: x, 1)(2.0, 3.0) == 0.0
    assert sg.vjp(lambda x, y: x, 2.0, 3.0)[1](5.0) == (5.0, 0.0)
    assert sg.jvp(lambda x: 3.0, 2.0, 1.0) == (3.0, 0.0)
    for bad in (3, -4, (0, 5)):
        with pytest.raises(sg.InputError, match="argument"):
            sg.grad(f, bad)(2.0, 3.0, 4.0)


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_jacobian_is_nested_as_outputs_of_inputs(mode):
    def f(a, b):
        return {"sum": a["x"] + b, "list": [a["x"] * a["y"], np.sum(b)]}

    a, b = {"x": V, "y": 2.0}, np.ones(3)
    J = sg.jacobian(f, (0, 1), mode=mode)(a, b)
    assert J["sum"][0]["x"].tolist() == np.eye(3).tolist() and J["sum"][0]["y"].tolist() == [0.0, 0.0, 0.0]
    assert J["list"][0][0]["x"].tolist() == (2 * np.eye(3)).tolist() and (J["list"][0][0]["y"] == V).all()
    assert J["list"][1][1].tolist() == [1.0, 1.0, 1.0] and J["list"][1][0]["x"].tolist() == [0.0, 0.0, 0.0]
    assert np.shape(J["list"][1][0]["y"]) == ()


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
def test_jacobian_by_both_modes_and_by_jvp_and_vjp(convention):
    rng = np.random.default_rng(0)
    f = lambda x: np.sort(sg.relu(x @ np.array([[1.0, -1.0], [0.0, 1.0], [1.0, 0.0]])), axis=0) * np.max(x)
    for _ in range(20):
        x = rng.integers(-1, 2, size=(2, 3)).astype(float)
        J = sg.jacobian(f, convention=convention)(x)
        assert J.shape == (2, 2, 2, 3)
        assert np.allclose(J, sg.jacobian(f, convention=convention, mode="forward")(x), rtol=1e-14)
        d, v = rng.standard_normal((2, 3)), rng.standard_normal((2, 2))
        assert np.allclose(sg.jvp(f, x, d, convention=convention)[1], np.tensordot(J, d, 2))
        assert np.allclose(sg.vjp(f, x, convention=convention)[1](v), np.tensordot(v, J, 2))


def test_several_arguments_in_jvp_and_vjp():
    f = lambda x, y: (x * y, np.sum(x))
    value, moved = sg.jvp(f, (V, 2.0), (np.ones(3), 1.0))
    assert isinstance(value, tuple) and (moved[0] == 2.0 + V).all() and moved[1] == 3.0
    value, back = sg.vjp(f, V, 2.0)
    dx, dy = back((np.ones(3), 1.0))
    assert (dx == 3.0).all() and dy == V.sum()


def test_constant_output_identity_output_and_an_output_given_twice():
    for mode in ("forward", "backward"):
        assert sg.jacobian(lambda x: 3.0, mode=mode)(V).tolist() == [0.0, 0.0, 0.0]
        assert sg.jacobian(lambda x: np.ones((2, 2)), mode=mode)(V).shape == (2, 2, 3)
        assert (sg.jacobian(lambda x: x, mode=mode)(V) == np.eye(3)).all()
        two = sg.jacobian(lambda x: (x, x), mode=mode)(V)
        assert (two[0] == np.eye(3)).all() and (two[1] == np.eye(3)).all()
        assert sg.jacobian(lambda x, y: x, 1, mode=mode)(V, 2.0).tolist() == [0.0, 0.0, 0.0]
    assert sg.trace(lambda x: 3.0, V)(np.ones((4, 3))).tolist() == [3.0] * 4
    assert sg.grad(lambda x: 3.0)(V).tolist() == [0.0, 0.0, 0.0]
    _, back = sg.vjp(lambda x: (x, x), V)
    assert (back((np.ones(3), 2 * np.ones(3))) == 3.0).all()


def test_scalars_lists_and_integers_are_welcome():
    assert sg.grad(lambda t: t * t)(3) == 6.0 and isinstance(sg.grad(lambda t: t * t)(3), np.float64)
    assert sg.grad(lambda x: x[0] * x[1])([2, 5]) == [5.0, 2.0]  # a list is a nesting, as in JAX
    P = sg.trace(lambda x: np.sum(x * x), V)
    assert sg.grad(P)([1, 2, 3]).tolist() == [2.0, 4.0, 6.0]
    assert sg.grad(P)(np.ones((2, 3))).shape == (2, 3)


def test_value_and_gradient_are_those_of_a_program_and_of_a_function():
    f = lambda x: np.sum(np.abs(x)) + np.max(x)
    P = sg.trace(f, V)
    for x in (V, -V, np.zeros(3), np.ones(3)):
        a, b = sg.value_and_grad(f)(x), sg.value_and_grad(P)(x)
        assert a[0] == b[0] == f(x) and (a[1] == b[1]).all()


def test_two_calls_never_disturb_each_other():
    P = sg.trace(network, PARAMS, V)
    _, before = sg.value_and_grad(P)(PARAMS, V)
    ev = P.evaluate(PARAMS, V)
    kept = [np.array(x) for x in ev.values]
    _, back = sg.vjp(P, PARAMS, V)
    back(1.0)
    sg.grad(P)(PARAMS, -3 * V)
    first, second = back(1.0), back(1.0)
    assert first[1].tolist() == second[1].tolist()
    _, after = sg.value_and_grad(P)(PARAMS, V)
    assert (before["layers"][0].W == after["layers"][0].W).all()
    assert all((a == b).all() for a, b in zip(kept, ev.values, strict=True))


def test_a_pulled_back_cotangent_is_never_the_callers_own_array():
    v = np.ones(3)
    sg.vjp(lambda x: x + 1.0, V)[1](v)[:] = 7.0
    assert (v == 1.0).all()


def test_threads_share_a_program():
    P = sg.trace(lambda x: np.sum(sg.relu(x) * x), V)
    results = {}

    def work(i):
        for _ in range(50):
            results.setdefault(i, set()).add(tuple(sg.grad(P)(V + i)))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {i: {tuple(2 * sg.relu(V + i))} for i in range(4)} == results


def test_grad_of_a_vector_is_refused_with_the_remedy():
    with pytest.raises(sg.ShapeError, match=r"scalar output.*use sg\.jacobian"):
        sg.grad(lambda x: x)(V)
    with pytest.raises(sg.ShapeError, match=r"sg\.jacobian"):
        sg.grad(lambda x: (x[0], x[1]))(V)
    with pytest.raises(sg.InputError, match="'backward' or 'forward'"):
        sg.jacobian(lambda x: x, mode="sideways")
    with pytest.raises(sg.ShapeError, match="direction"):
        sg.jvp(lambda x: x, V, np.ones(2))
    with pytest.raises(sg.ShapeError, match="direction"):
        sg.jvp(lambda x, y: x, (V, 1.0), (V,))
    with pytest.raises(sg.ShapeError, match="cotangent"):
        sg.vjp(lambda x: x, V)[1](np.ones(2))
    with pytest.raises(sg.ShapeError, match="cotangent"):
        sg.vjp(lambda x: (x, x), V)[1](np.ones(3))


def test_a_program_without_a_scalar_output_is_refused_before_it_runs():
    P = sg.trace(lambda x: x * 2.0, V)
    with pytest.raises(sg.ShapeError, match=r"scalar output.*use sg\.jacobian"):
        sg.value_and_grad(P)


def test_what_is_found_once_for_a_program_serves_every_argnums_and_batch():
    P = sg.trace(lambda a, b, c: np.sum(a * b) + sg.relu(c), V, 2.0 * V, 1.0)
    one, two = sg.grad(P, argnums=1), sg.grad(P, argnums=(2, 0))
    for batch in ((), (4,), (4,)):
        a, b, c = np.ones((*batch, 3)) * V, np.ones((*batch, 3)) * 2.0 * V, np.ones(batch)
        assert np.array_equal(one(a, b, c), a)
        assert np.array_equal(two(a, b, c)[0], c) and np.array_equal(two(a, b, c)[1], b)


def test_results_share_no_memory_where_a_sum_hands_one_cotangent_to_all():
    W, b = np.ones((2, 3)), np.ones(3)
    _, (dW, db) = sg.value_and_grad(sg.trace(lambda p: np.sum(p[0] + p[1]), (W, b)))((W, b))
    dW[:] = 7.0
    assert np.array_equal(db, 2.0 * np.ones(3)) and np.array_equal(W, np.ones((2, 3)))
    d = sg.grad(sg.trace(lambda a, b: np.sum(a + b), b, b), argnums=(0, 1))(b, b)
    assert not np.shares_memory(*d) and all(part.flags.writeable for part in d)
