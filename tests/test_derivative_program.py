"""A(P), the derivative as a program: equal to Algorithm 2 at every point, kinks included, and a program again."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import central
from test_primitives import CASES

import selgrad as sg
from selgrad.differentiation import derivative_program
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.primitives import ROWS
from selgrad.programs.trees import flatten

TIED = (np.zeros(6), np.array([1.0, 1.0, 0.0, 0.0, -1.0, 1.0]), np.array([0.5, -0.5, 0.0, 0.0, 1.0, 1.0]))


def rowed(op, params):
    """A scalar function that runs one row, with a weight on every entry of its result."""
    row = ROWS[op]

    def f(*xs):
        record = sg.tracing.recorder.elementwise if row.elementwise else sg.tracing.recorder.record
        y = record(op, *xs, **params)
        return np.sum(y * (1.0 + np.arange(float(np.size(y))).reshape(np.shape(y))))

    return f


def equal(one, other):
    return all(np.array_equal(a, b) or np.allclose(a, b, rtol=1e-13, atol=1e-15)
               for a, b in zip(flatten(one)[0], flatten(other)[0], strict=True))


@pytest.mark.parametrize("convention", sg.CONVENTIONS)
@pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), CASES)
@pytest.mark.statement("Operator A")
def test_the_derivative_program_of_every_row_is_algorithm_2(op, params, operands, plain, at_kink, convention):
    points = [tuple(np.asarray(o, dtype=float) for o in operands)]
    if ROWS[op].kinked:
        points.append(tuple(np.asarray(o, dtype=float) for o in at_kink))
    for point in points:
        P = sg.trace(rowed(op, params), *point)
        A = sg.differentiate(P, convention=convention)
        assert equal(A(*point), sg.backward_mode(P, *point, convention=convention))


@pytest.mark.parametrize("kind", ["affine", "smooth"])
def test_derivative_programs_of_random_programs_on_their_kinks(kind):
    for seed in range(40):
        f, x = random_program(np.random.default_rng(seed), p=2, length=10, kind=kind)
        P = sg.trace(f, x)
        for convention in ("paper", "jax"):
            A = sg.differentiate(P, convention=convention)
            assert equal(A(x), sg.grad(P, convention=convention)(x)), seed
            assert equal(sg.differentiate(A)(x), sg.hessian(P)(x)) or convention == "jax"


@pytest.mark.parametrize("f", [
    lambda x: np.sum(x**3) * x[0], lambda x: sg.logsumexp(x) ** 2, lambda x: np.prod(x),
    lambda x: np.sum(sg.sort(x) ** 3), lambda x: np.max(x) ** 3, lambda x: np.sum(sg.softplus(x) * sg.relu(x)),
    lambda x: np.linalg.norm(x) * x[1],
    lambda x: np.sum((x.reshape(2, 3) @ x.reshape(3, 2)) ** 2),
    lambda x: np.sum(np.cumsum(x)[::2] ** 3) + x[-1] ** 4,
])
def test_hessians_equal_differences_of_gradients_off_the_kinks(f):
    x = np.random.default_rng(1).normal(size=6)
    assert np.allclose(sg.hessian(f)(x), central(sg.grad(f), x), rtol=1e-5, atol=1e-6)
    d = np.arange(6.0)
    assert np.allclose(sg.hvp(f, x, d), sg.hessian(f)(x) @ d, rtol=1e-12)


def test_it_prints_as_a_source_transformation():
    A = sg.differentiate(lambda t: sg.relu(-t) + t, 0.0)
    assert str(A).splitlines()[3] == "  x2 = where(x1 > 0, 1, 0)          kink"
    assert [float(A(t)) for t in (-1.0, 0.0, 1.0)] == [0.0, 1.0, 1.0]


@pytest.mark.statement("Operator A")
def test_a_of_the_zero_program_is_one_at_zero_alone():
    A = sg.differentiate(zero, 0.0)
    assert A([-1.0, -1e-300, 0.0, 1e-300, 1.0]).tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_several_arguments_outputs_and_branches():
    def f(x, parts):
        if x > 0:
            return {"a": x * parts[0], "b": parts}
        return {"a": x, "b": parts}

    A = sg.differentiate(f, 2.0, (np.array([1.0, 2.0]),))
    found = A(3.0, (np.array([1.0, 2.0]),))
    assert found["a"][0].tolist() == [1.0, 2.0] and np.array_equal(found["a"][1][0], 3.0 * np.eye(2))
    assert np.array_equal(found["b"][0][1][0], np.eye(2)) and found["b"][0][0].tolist() == [0.0, 0.0]
    with pytest.raises(sg.BranchChanged):
        A(-1.0, (np.array([1.0, 2.0]),))


def test_wrong_rules_are_seen(monkeypatch):
    P = sg.trace(np.abs, 0.0)
    wrong = replace(ROWS["abs"], written=lambda rule, t: ROWS["abs"].written(">", t))
    planted = replace(P.line(1), row=wrong)
    A = sg.differentiate(replace(P, instructions=(planted,)))
    assert A(0.0) != sg.grad(P)(0.0)
    monkeypatch.setattr(derivative_program, "_times", lambda d, v, forward=False: v)
    assert sg.differentiate(lambda t: t * t, 1.0)(3.0) != 6.0


def test_derivatives_compose():
    assert sg.grad(sg.grad(lambda t: t**3))(2.0) == 12.0
    assert sg.grad(lambda x: sg.grad(lambda y: x * y * y)(2.0))(3.0) == 4.0  # the inner function uses the outer x
    assert sg.grad(lambda x: sg.jvp(lambda y: y**3, x, 1.0)[1])(2.0) == 12.0
    assert sg.grad(lambda d: sg.jvp(lambda y: y**3, 2.0, d)[1])(1.0) == 12.0
    assert sg.grad(lambda x: sg.vjp(lambda y: y**3, x)[1](1.0))(2.0) == 12.0
    assert sg.grad(lambda v: sg.vjp(lambda y: y**3, 2.0)[1](v))(1.0) == 12.0
    x = np.array([1.0, 2.0])
    assert np.array_equal(sg.jacobian(sg.jacobian(lambda y: y**3))(x)[1, 1], [0.0, 12.0])
    assert sg.grad(sg.grad(sg.grad(lambda t: t**4)))(1.0) == 24.0
    assert sg.grad(lambda t: sg.value_and_grad(lambda s: s * s)(t)[1])(5.0) == 2.0


def test_the_inner_derivative_of_a_leaked_value_is_zero():
    def F(x):
        a = x * 3.0
        d = sg.grad(lambda y: (y * y, a)[1])(2.0)
        return a * d

    assert sg.grad(F)(5.0) == 0.0


def test_a_branch_inside_an_inner_derivative():
    def f(t):
        return t * t if t > 0 else t

    assert (sg.grad(sg.grad(f))(1.0), sg.grad(sg.grad(f))(-1.0)) == (2.0, 0.0)


def test_programs_inside_traced_functions():
    P = sg.trace(lambda x: np.sum(sg.relu(x) ** 2), np.zeros(2))
    x = np.array([1.0, -2.0])
    assert sg.grad(lambda x: 3.0 * P(x))(x).tolist() == [6.0, 0.0]
    assert sg.grad(lambda x: sg.grad(P)(x) @ x)(x).tolist() == [4.0, 0.0]
    g = sg.grad(P)
    assert [g(x).tolist() for _ in range(3)] == [[2.0, 0.0]] * 3
    assert sg.grad(lambda x: g(x)[0])(x).tolist() == [2.0, 0.0]  # and after it was compiled


def test_what_is_not_differentiated_passes_through_untouched():
    def f(x, label, n=2, scale=None):
        assert label == "sum" and isinstance(n, int) and scale is None
        return np.sum(x**n)

    assert sg.grad(f)(np.array([1.0, 2.0]), "sum", n=3).tolist() == [3.0, 12.0]
    value, (dx, dy) = sg.value_and_grad(lambda x, k, y: x * y * k, argnums=[0, 2])(2.0, 3, 5.0)
    assert (value, dx, dy) == (30.0, 15.0, 6.0)


def test_has_aux():
    f = lambda x: (np.sum(x**2), {"twice": 2.0 * x, "name": "f"})
    d, aux = sg.grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert d.tolist() == [2.0, 4.0] and aux["twice"].tolist() == [2.0, 4.0] and aux["name"] == "f"
    (value, aux), d = sg.value_and_grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert value == 5.0 and aux["name"] == "f"
    J, aux = sg.jacobian(lambda x: (x * x, x), has_aux=True)(np.array([1.0, 2.0]))
    assert J.tolist() == [[2.0, 0.0], [0.0, 4.0]] and aux.tolist() == [1.0, 2.0]
    second = sg.grad(lambda x: sg.grad(f, has_aux=True)(x)[1]["twice"][0] * x[1])(np.array([1.0, 2.0]))
    assert second.tolist() == [4.0, 2.0]
    with pytest.raises(sg.InputError, match=r"must return \(value, aux\)"):
        sg.grad(lambda x: x, has_aux=True)(1.0)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: sg.grad(3.0), "takes a function or a Program, not a float"),
    (lambda: sg.grad(lambda x: x, 1.0), "must be the number of an argument"),
    (lambda: sg.grad(lambda x: x, True), "must be the number of an argument"),
    (lambda: sg.grad(lambda x: x, [])(1.0), "must be the number of an argument"),
    (lambda: sg.jacobian(np.zeros(2)), "takes a function or a Program"),
    (lambda: sg.grad(lambda x: x, (0, 3))(1.0), "has 1 argument"),
    (lambda: sg.hvp(2.0, 1.0, 1.0), "takes a function or a Program"),
])
def test_what_cannot_be_differentiated_is_refused_when_called(call, words):
    with pytest.raises(sg.InputError, match=words):
        call()


def test_float32_stays_float32_in_every_order():
    x = np.array([1.0, 2.0, -1.0], dtype=np.float32)
    f = lambda x: np.sum(sg.relu(x) ** 2) + np.max(x) ** 2 + np.sum(sg.sort(x) * x) + np.prod(x)
    assert sg.grad(f)(x).dtype == sg.hessian(f)(x).dtype == sg.hvp(f, x, x).dtype == np.float32
    assert sg.trace(lambda x: np.where(x > 0, 1.0, 0.0), x)(x).dtype == x.dtype
