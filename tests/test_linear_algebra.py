"""np.linalg on traced values: values are NumPy's, derivatives those of the formulas, domains are told by name."""

from dataclasses import replace
from inspect import getsourcelines

import numpy as np
import pytest
from conftest import central

import selgrad as sg
from selgrad.kinks.rounding import magnitudes
from selgrad.primitives import LINEAR_ALGEBRA, ROWS
from selgrad.programs.evaluate import Mask, evaluate
from selgrad.tracing.recorder import record

rng = np.random.default_rng(3)
A = rng.normal(size=(3, 3)) + 3 * np.eye(3)
STACK = rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
B, TALL = rng.normal(size=(3, 2)), rng.normal(size=(4, 3))


def spd(x):
    return x @ x.mT + np.eye(x.shape[-1])


def symmetric(x):
    return x + x.mT


FUNCTIONS = {
    "solve a matrix": (lambda x: np.linalg.solve(x, B), A),
    "solve a vector": (lambda x: np.linalg.solve(x, x[0]), A),
    "solve the right side": (lambda b: np.linalg.solve(A, b), B),
    "solve a stack": (lambda x: np.linalg.solve(x, B), STACK),
    "solve a stack with a vector": (lambda x: np.linalg.solve(x, B[:, 0]), STACK),
    "solve one matrix with a stack": (lambda b: np.linalg.solve(A, b), STACK),
    "inv": (np.linalg.inv, A),
    "inv of a stack": (np.linalg.inv, STACK),
    "det": (np.linalg.det, A),
    "det of 1 by 1": (np.linalg.det, A[:1, :1]),
    "det of a stack": (np.linalg.det, STACK),
    "slogdet": (lambda x: np.linalg.slogdet(x)[0] * np.linalg.slogdet(x).logabsdet, -A),
    "slogdet of a stack": (lambda x: np.linalg.slogdet(x)[1], STACK),
    "cholesky": (np.linalg.cholesky, A @ A.T),
    "cholesky, the upper triangle": (lambda x: np.linalg.cholesky(x, upper=True), A @ A.T),
    "cholesky of a stack": (lambda x: np.linalg.cholesky(spd(x)), STACK),
    "eigvalsh": (np.linalg.eigvalsh, A),
    "eigvalsh, the upper triangle": (lambda x: np.linalg.eigvalsh(x, UPLO="U"), A),
    "eigh": (lambda x: np.sum(np.linalg.eigh(x)[1] ** 3, axis=-1), A),
    "eigh, the upper triangle": (lambda x: np.linalg.eigh(x, "U").eigenvectors, A),
    "eigh of a stack": (lambda x: np.linalg.eigh(symmetric(x))[1], STACK),
    "svd of a tall matrix": (lambda x: np.linalg.svd(x, full_matrices=False)[0], TALL),
    "svd of a wide matrix": (lambda x: np.linalg.svd(x, full_matrices=False).Vh, TALL.T),
    "svd of a square matrix": (lambda x: np.linalg.svd(x)[0] @ np.linalg.svd(x)[2], A),
    "svd of a stack": (lambda x: np.linalg.svd(x, compute_uv=False), STACK),
    "svdvals": (np.linalg.svdvals, TALL),
    "pinv of a tall matrix": (np.linalg.pinv, TALL),
    "pinv of a wide matrix": (np.linalg.pinv, TALL.T),
    "pinv of a stack": (np.linalg.pinv, STACK),
    **{f"norm {o}": (lambda x, o=o: np.linalg.norm(x, o), TALL) for o in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    **{f"norm {o} of a stack": (lambda x, o=o: np.linalg.norm(x, o, axis=(2, 0), keepdims=True), STACK)
       for o in ("nuc", 2, -2)},
    "matrix_norm": (lambda x: np.linalg.matrix_norm(x, ord="nuc"), STACK),
    "cond": (np.linalg.cond, A),
    "cond -2": (lambda x: np.linalg.cond(x, -2), A),
    "cond 1": (lambda x: np.linalg.cond(x, 1), STACK),
    "matrix_power": (lambda x: np.linalg.matrix_power(x, 3), A),
    "matrix_power below 0": (lambda x: np.linalg.matrix_power(x, -2), STACK),
    "multi_dot": (lambda x: np.linalg.multi_dot([x, B, B.T, x[0]]), A),
    "tensorinv": (lambda x: np.linalg.tensorinv(x.reshape(3, 1, 3), ind=1), A),
    "tensorsolve": (lambda x: np.linalg.tensorsolve(x.reshape(3, 3, 1), x[0]), A),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives(name):
    f, x = FUNCTIONS[name]
    P = sg.trace(f, x)
    assert np.allclose(P(x), f(x), rtol=1e-12, atol=1e-13) and np.shape(P(x)) == np.shape(f(x))
    forward, backward = sg.forward_mode(P, x), sg.backward_mode(P, x)
    assert np.allclose(backward, central(f, x), rtol=1e-5, atol=1e-7)
    assert np.allclose(forward, backward, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batch_axes(name):
    f, x = FUNCTIONS[name]
    batch = np.stack([x, x + 0.05 * np.arange(x.size).reshape(x.shape)])
    P = sg.trace(f, x)
    assert np.allclose(P(batch), [f(one) for one in batch], rtol=1e-12, atol=1e-13)
    for mode in (sg.forward_mode, sg.backward_mode):
        assert np.allclose(mode(P, batch), [mode(P, one) for one in batch], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hessians_are_differences_of_gradients(name):
    f, x = FUNCTIONS[name]
    weights = np.cos(np.arange(np.size(f(x)))).reshape(np.shape(f(x)))
    g = lambda x: np.sum(weights * f(x))
    H = sg.hessian(g)(x)
    assert np.allclose(H, central(sg.grad(g), x), rtol=1e-4, atol=1e-6)
    d = np.sin(np.arange(x.size)).reshape(x.shape)
    assert np.allclose(sg.hvp(g, x, d), np.tensordot(H, d, axes=x.ndim), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_stays(name):
    f, x = FUNCTIONS[name]
    if name in ("solve the right side", "solve one matrix with a stack", "solve a matrix", "solve a stack",
                "solve a stack with a vector", "multi_dot", "cholesky of a stack"):
        # a float64 constant makes the value float64, as in NumPy
        assert sg.trace(f, x.astype(np.float32))(x.astype(np.float32)).dtype == np.float64
        return
    P = sg.trace(f, x.astype(np.float32))
    assert P(x.astype(np.float32)).dtype == np.float32
    assert sg.backward_mode(P, x.astype(np.float32)).dtype == np.float32


def test_closed_forms():
    dA = rng.normal(size=(3, 3))
    inverse = np.linalg.inv(A)
    assert np.allclose(sg.jvp(np.linalg.det, A, dA)[1], np.linalg.det(A) * np.trace(inverse @ dA), rtol=1e-13)
    assert np.allclose(sg.grad(lambda x: np.linalg.slogdet(x)[1])(A), inverse.T, rtol=1e-13)
    assert np.allclose(sg.jvp(np.linalg.inv, A, dA)[1], -inverse @ dA @ inverse, rtol=1e-13)
    S = A @ A.T
    assert np.allclose(sg.grad(lambda x: np.sum(np.linalg.eigvalsh(symmetric(x) / 2)))(S), np.eye(3), atol=1e-14)
    assert np.allclose(sg.grad(lambda x: np.sum(np.linalg.svdvals(x) ** 2))(A), 2 * A, rtol=1e-13)
    U, _, Vt = np.linalg.svd(A)
    assert np.allclose(sg.grad(lambda x: np.linalg.norm(x, "nuc"))(A), U @ Vt, rtol=1e-13, atol=1e-14)
    assert np.allclose(sg.hessian(lambda x: np.linalg.det(x))(np.eye(2)).reshape(4, 4),
                       np.array([[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]]))


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_det_of_a_singular_matrix_has_cofactors(rank):
    x = (TALL[:rank].T @ TALL[:rank]) if rank else np.zeros((3, 3))
    rows = [(1, 2), (2, 0), (0, 1)]
    cofactors = np.array([np.cross(x[i], x[j]) for i, j in rows])
    assert np.allclose(sg.grad(np.linalg.det)(x), cofactors, atol=1e-13)
    assert np.allclose(sg.differentiate(np.linalg.det, x)(x), cofactors, atol=1e-13)
    assert np.allclose(sg.hessian(np.linalg.det)(x), central(lambda y: sg.differentiate(np.linalg.det, x)(y), x),
                       atol=1e-8)


def test_only_the_triangle_that_is_read_has_a_derivative():
    for f in (np.linalg.eigvalsh, np.linalg.cholesky):
        assert np.all(sg.grad(lambda x, f=f: np.sum(f(x)))(A @ A.T)[np.triu_indices(3, 1)] == 0.0)


def test_smooth_norms_where_other_singular_values_coincide():
    assert np.allclose(sg.grad(lambda x: np.linalg.norm(x, "nuc"))(np.eye(3)), np.eye(3))
    assert np.allclose(sg.grad(lambda x: np.linalg.norm(x, 2))(np.diag([3.0, 1.0, 1.0])), np.diag([1.0, 0, 0]))
    assert np.allclose(sg.grad(lambda x: np.linalg.norm(x, 2))(np.outer([1.0, 2.0], [2.0, 0.0])),
                       np.outer([1.0, 2.0], [1.0, 0.0]) / np.sqrt(5.0))
    assert np.allclose(sg.grad(lambda x: np.linalg.norm(x, -2))(np.diag([3.0, 3.0, 1.0])), np.diag([0, 0, 1.0]))


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
OUTSIDE = {
    "solve": (lambda x: np.linalg.solve(x, x), SINGULAR, "must be regular"),
    "inv": (lambda x: np.linalg.inv(x), SINGULAR, "must be regular"),
    "logabsdet": (lambda x: np.linalg.slogdet(x)[1], SINGULAR, "must be regular"),
    "signdet": (lambda x: record("signdet", x) * x, SINGULAR, "must be regular"),
    "cholesky": (lambda x: np.linalg.cholesky(x), -np.eye(2), "must be positive definite"),
    "eigh": (lambda x: np.linalg.eigvalsh(x), np.eye(2) + 1e-17, "eigenvalues must be distinct"),
    "svd": (lambda x: np.linalg.svdvals(x), np.eye(2), "singular values must be positive and distinct"),
    "pinv": (lambda x: np.linalg.pinv(x), SINGULAR, "must have full rank"),
    "spectral_norm": (lambda x: np.linalg.norm(x, 2), np.eye(2), "two largest singular values must differ"),
    "smallest_singular_value": (lambda x: np.linalg.norm(x, -2), SINGULAR, "must be positive and differ"),
    "nuclear_norm": (lambda x: np.linalg.norm(x, "nuc"), SINGULAR, "must have full rank"),
}


def test_every_row_with_a_domain_is_listed():
    assert set(OUTSIDE) == {op for op, row in LINEAR_ALGEBRA.items() if row.domain is not None}


@pytest.mark.parametrize("op", OUTSIDE)
def test_outside_its_domain_a_row_is_named_with_the_users_line(op):
    f, x, words = OUTSIDE[op]
    line = f"{__file__}:{getsourcelines(f)[1]}"
    P = sg.trace(f, np.diag([2.0, 1.0]))
    for call in (lambda: sg.trace(f, x), lambda: P(x), lambda: sg.jacobian(P)(x)):
        with pytest.raises(sg.DomainError) as caught:
            call()
        assert words in str(caught.value) and line in str(caught.value) and f"{op}(...)" in str(caught.value)
    with pytest.raises(sg.DomainError, match=r"at index \(1,\)"):
        P(np.stack([np.diag([2.0, 1.0]), x]))


@pytest.mark.parametrize("op", OUTSIDE)
def test_one_point_outside_leaves_the_others_of_a_batch_alone(op):
    f, x, _ = OUTSIDE[op]
    good = np.diag([2.0, 1.0])
    P = sg.trace(f, good)
    policy = Mask((3,))
    ev = evaluate(P, (np.stack([good, x, good]),), "paper", policy)
    assert policy.ok.tolist() == [True, False, True]
    assert np.array_equal(ev.values[P.outputs[0]][2], P(good))


def test_a_matrix_that_is_not_a_number_is_no_crash():
    for f in (np.linalg.eigvalsh, np.linalg.svdvals, np.linalg.pinv, np.linalg.inv, np.linalg.det):
        P = sg.trace(f, np.diag([2.0, 1.0]))
        with pytest.raises(sg.SelgradError):
            P(np.full((2, 2), np.nan))


@pytest.mark.parametrize(("f", "x", "error", "words"), [
    (np.linalg.inv, TALL, sg.ShapeError, "takes square matrices, not an array of shape (4, 3)"),
    (np.linalg.det, TALL[0], sg.ShapeError, "takes square matrices"),
    (lambda x: np.linalg.solve(x, B[:2]), A, sg.ShapeError, "right side of shape (2, 2)"),
    (lambda x: np.linalg.svd(x), TALL, sg.NotElementary, "full_matrices=False"),
    (lambda x: np.linalg.svd(x, full_matrices=False, hermitian=True), A, sg.NotElementary, "hermitian"),
    (lambda x: np.linalg.pinv(x, rcond=0.1), A, sg.NotElementary, "rcond"),
    (lambda x: np.linalg.eigvalsh(x, UPLO="X"), A, sg.NotElementary, "UPLO='L'"),
    (np.linalg.eig, A, sg.NotElementary, "np.linalg.eigh"),
    (np.linalg.eigvals, A, sg.NotElementary, "np.linalg.eigvalsh"),
    (np.linalg.qr, A, sg.NotElementary, "np.linalg.cholesky"),
    (lambda x: np.linalg.lstsq(x, x), A, sg.NotElementary, "np.linalg.pinv"),
    (np.linalg.matrix_rank, A, sg.NotElementary, "a rank jumps"),
    (lambda x: np.linalg.norm(x, "nuclear"), A, sg.SelgradError, "nuclear"),
])
def test_what_is_not_supported_is_refused_by_name(f, x, error, words):
    with pytest.raises(error) as caught:
        sg.trace(f, x)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_exact_mode_the_scalar_view_and_compiled_code_refuse_it_by_name():
    P = sg.trace(lambda x: np.linalg.det(x), A)
    with pytest.raises(sg.NotElementary, match=r"det.* runs in floats alone"):
        sg.clarke(lambda x: sg.relu(np.linalg.det(x)), A, exact=True)
    with pytest.raises(sg.NotElementary, match=r"det.* reads whole matrices"):
        sg.scalar_view(P)


def test_kinks_next_to_matrix_functions():
    f = lambda t: sg.relu(np.linalg.det(np.stack([np.stack([t, 1.0]), np.stack([1.0, 1.0])])))  # relu(t - 1)
    assert sg.grad(f)(1.0) == 0.0 and sg.grad(f)(2.0) == pytest.approx(1.0)
    C = sg.clarke(f, np.array(1.0))
    assert C.outer.contains([0.0]) and C.outer.contains([1.0])


def test_rounding_takes_the_entries_of_a_derivative_one_by_one():
    """At the identity d logabsdet is a trace, but det' at diag(1, -1) has both signs, and they must not cancel."""
    x = np.diag([1.0, -1.0])
    P = sg.trace(lambda x: np.linalg.det(x), x)
    ev = P.evaluate(x)
    assert magnitudes(1, P.line(1), ev, [np.abs(x)]) == pytest.approx(2.0)
    batch = np.stack([x, 2 * x, x])
    assert magnitudes(1, P.line(1), P.evaluate(batch), [np.abs(batch)]) == pytest.approx([2.0, 8.0, 2.0])
    row = ROWS["det"]
    careless = replace(P.line(1), row=replace(row, facts=replace(row.facts, rounding="slopes")))
    assert magnitudes(1, careless, ev, [np.abs(x)]) == pytest.approx(0.0)  # negative control


def test_rounding_passes_through_softmax_too():
    P = sg.trace(sg.softmax, np.zeros(2))
    assert magnitudes(1, P.line(1), P.evaluate(np.zeros(2)), [np.ones(2)]).tolist() == [0.5, 0.5]


def test_a_wrong_rule_is_seen(monkeypatch):
    right = ROWS["inv"]
    wrong = replace(right, partials=(lambda Y, X: right.partials[0](1.001 * Y, X),))
    monkeypatch.setitem(ROWS, "inv", wrong)
    assert not np.allclose(sg.jacobian(np.linalg.inv)(A), central(np.linalg.inv, A), rtol=1e-5, atol=1e-7)
