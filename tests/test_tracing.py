"""Tracing: every NumPy spelling has NumPy's value and, where it is smooth, the central difference."""

import re
import string
from pathlib import Path

import numpy as np
import pytest
from conftest import central
from hypothesis import given
from hypothesis import strategies as st

import selgrad as sg
from selgrad.tracing import Comparison, spellings

M = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.375]])
S = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.375], [0.25, 3.0, -2.5]])
T = np.arange(24.0).reshape(2, 3, 4) ** 1.5 / 10 - 1
V = np.array([0.5, -1.25, 2.0])
C = np.array([1.0, 2.0, -0.5])
COLUMN = np.array([[1.0], [2.0]])


def check(f, x, smooth=True):
    """Value, both modes and the batch axis of f at x, against plain NumPy."""
    P, plain = sg.trace(f, x), np.asarray(f(x))
    assert P(x).shape == plain.shape and P(x).dtype == plain.dtype
    assert np.allclose(P(x), plain, rtol=1e-14, atol=1e-14)
    backward, forward = sg.backward_mode(P, x), sg.forward_mode(P, x)
    assert backward.shape == plain.shape + np.shape(x)
    assert np.allclose(backward, forward, rtol=1e-12, atol=1e-12)
    if smooth:
        assert np.allclose(backward, central(f, x), rtol=1e-6, atol=1e-6)
    two = np.stack([x, 1.125 * x])
    together = P(two)
    assert together.shape == (2, *plain.shape)
    assert np.allclose(together[1], f(two[1]), rtol=1e-14, atol=1e-14)
    assert np.allclose(sg.backward_mode(P, two)[0], backward, rtol=1e-12, atol=1e-12)


ONE = (
    "negative",
    "square",
    "exp",
    "expm1",
    "tanh",
    "sin",
    "cos",
    "absolute",
    "fabs",
    "positive",
    "exp2",
    "sinh",
    "cosh",
)
POSITIVE = ("reciprocal", "sqrt", "log", "log1p", "log2", "log10")
TWO = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "logaddexp", "hypot")
COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
LOGICAL = ("logical_and", "logical_or", "logical_not")

UFUNCS = [
    *[(name, getattr(np, name), M) for name in ONE],
    *[(name, getattr(np, name), np.abs(M)) for name in POSITIVE],
    *[(name, lambda x, u=name: getattr(np, u)(x, C), M) for name in TWO],
    *[(name, lambda x, u=name: getattr(np, u)(COLUMN, x * x + 1), M) for name in TWO],
    *[(name, lambda x, u=name: getattr(np, u)(x, x[0] - 2.5), M) for name in TWO],
    ("power", lambda x: np.power(x, 3), M),
    ("power", lambda x: np.power(x, 2), M),
    ("power", lambda x: x**-1.5, np.abs(M)),
    ("power", lambda x: x**0, M),
    ("power", lambda x: 2.0**x, M),
    ("power", lambda x: x**x, np.abs(M)),
    ("float_power", lambda x: np.float_power(x, 2), M),
    ("power", lambda x: np.power(x, [1.0, 2.0, 3.0]), M),
    ("matmul", lambda x: x @ V, M),
    ("matmul", lambda x: C @ x.T, M),
    ("matmul", lambda x: x @ x.T, M),
    ("matmul", lambda x: V @ x, V),
    ("matmul", lambda x: x @ x, V),
    ("matmul", lambda x: S @ x, V),
    ("matmul", lambda x: x @ np.ones((4, 2)), T),
    ("matmul", lambda x: np.ones((5, 2, 3)) @ x[0][None, ...], T),
    ("matmul", lambda x: x @ np.ones(4), T),
    ("matmul", lambda x: np.ones((5, 2, 3, 2)) @ x[0, :2], T),
    *[(name, lambda x, u=name: np.where(getattr(np, u)(x, 0.25), x * x, np.exp(x)), M) for name in COMPARISONS],
    *[(name, lambda x, u=name: np.where(getattr(np, u)(x[0], x[1]), x[0], 2 * x[1]), M) for name in COMPARISONS],
    ("isinf", lambda x: np.where(np.isinf(x), 0.0, x * x), M),
    ("logical_and", lambda x: np.where(np.logical_and(x > 0, x < 1), x * x, x), M),
    ("logical_or", lambda x: np.where(np.logical_or(x < 0, x > 1), x * x, x), M),
    ("logical_not", lambda x: np.where(np.logical_not(x < 0), x * x, x), M),
]

FUNCTIONS = [
    ("where", lambda x: np.where(x > 0, x * x, 3 * x), M),
    ("where", lambda x: np.where((x > 0) & (x < 1), x * x, 3 * x), M),
    ("where", lambda x: np.where((x < 0) | (x > 1), x * x, 3 * x), M),
    ("where", lambda x: np.where(~((x < 0) | ~(x > 1)), x * x, COLUMN), M),
    ("where", lambda x: np.where(M > 0, x * x, 3.0), M),
    ("where", lambda x: np.where([True, False, True], x, 0.0), M),
    ("where", lambda x: np.where(np.all(x > -9), x, 2 * x) + np.where((x > 9).any(), x, 3 * x), M),
    *[
        (name, lambda x, g=name, k=k: getattr(np, g)(x * x, **k), T)
        for name in ("sum", "mean", "var", "std")
        for k in ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": 1, "keepdims": True}, {"keepdims": True})
    ],
    *[
        (name, lambda x, g=name, k=k: getattr(np, g)(x, **k), M)
        for name in ("prod", "max", "min", "amax", "amin", "median")
        for k in ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}, {"keepdims": True})
    ],
    ("max", lambda x: np.max(x, axis=(0, 2)), T),
    ("median", lambda x: np.median(x, axis=(0, 2), keepdims=True), T),
    ("var", lambda x: np.var(x, axis=0, ddof=1), M),
    ("std", lambda x: np.std(x, ddof=1), M),
    ("sort", np.sort, M),
    ("sort", lambda x: np.sort(x, axis=0), M),
    ("clip", lambda x: np.clip(x, -1, 1), M),
    ("clip", lambda x: np.clip(x, None, 1), M),
    ("clip", lambda x: np.clip(x, -1, None), M),
    ("clip", lambda x: np.clip(0.25, x - 1, x + 1), M),
    ("clip", lambda x: np.clip(x, min=-1.0, max=C + 2), M),
    ("reshape", lambda x: np.reshape(x, (3, 2)) ** 2, M),
    ("reshape", lambda x: np.reshape(x, -1), M),
    ("transpose", np.transpose, T),
    ("transpose", lambda x: np.transpose(x, (1, 0, -1)), T),
    ("swapaxes", lambda x: np.swapaxes(x, 0, -1), T),
    ("moveaxis", lambda x: np.moveaxis(x, 0, -1), T),
    ("ravel", np.ravel, M),
    ("squeeze", lambda x: np.squeeze(x[:1]), M),
    ("expand_dims", lambda x: np.expand_dims(x, (0, -1)), M),
    ("atleast_1d", lambda x: np.atleast_1d(x[0, 0]), M),
    ("atleast_2d", lambda x: np.atleast_2d(x[0]), M),
    ("broadcast_to", lambda x: np.broadcast_to(x, (4, 2, 3)), M),
    ("broadcast_to", lambda x: np.broadcast_to(x[0, 0], 3), M),
    ("concatenate", lambda x: np.concatenate([x, S, x * x]), M),
    ("concatenate", lambda x: np.concatenate([x, M], axis=-1), M),
    ("concatenate", lambda x: np.concatenate([x, M], axis=None), M),
    ("stack", lambda x: np.stack([x[0], x[1], C]), M),
    ("stack", lambda x: np.stack([x[0], x[1]], axis=1), M),
    ("stack", lambda x: np.stack([x, x], axis=-1), M),
    ("hstack", lambda x: np.hstack([x, M]), M),
    ("hstack", lambda x: np.hstack([x[0], 1.0, x[0, 1]]), M),
    ("vstack", lambda x: np.vstack([x, C]), M),
    ("pad", lambda x: np.pad(x, 1), M),
    ("pad", lambda x: np.pad(x, ((0, 1), (2, 0)), constant_values=5.0), M),
    ("pad", lambda x: np.pad(x, 1, mode="edge"), M),
    ("pad", lambda x: np.pad(x, 1, mode="reflect"), M),
    ("cumsum", np.cumsum, M),
    ("cumsum", lambda x: np.cumsum(x, axis=0), M),
    ("diff", np.diff, M),
    ("diff", lambda x: np.diff(x, n=2), M),
    ("diff", lambda x: np.diff(x, axis=0), M),
    ("take", lambda x: np.take(x, [0, 2, 2], axis=1), M),
    ("take", lambda x: np.take(x, [5, 0]), M),
    *[(name, getattr(np, name), M) for name in ("flip", "fliplr", "flipud", "rot90", "diagonal", "diag")],
    ("diag", np.diag, V),
    ("flip", lambda x: np.flip(x, axis=1), M),
    ("diagonal", lambda x: np.diagonal(x, offset=1), S),
    ("roll", lambda x: np.roll(x, 1), M),
    ("roll", lambda x: np.roll(x, (1, 2), axis=(0, 1)), M),
    ("repeat", lambda x: np.repeat(x, 2), M),
    ("repeat", lambda x: np.repeat(x, [1, 2], axis=0), M),
    ("tile", lambda x: np.tile(x, (2, 1)), M),
    ("trace", np.trace, S),
    ("tril", np.tril, S),
    ("triu", lambda x: np.triu(x, 1), S),
    ("dot", lambda x: np.dot(x, V), M),
    ("dot", lambda x: np.dot(2.0, x), M),
    ("dot", lambda x: np.dot(x, x.T), M),
    ("dot", lambda x: np.dot(S, np.stack([x.T, x.T])), M),
    ("dot", lambda x: np.dot(x, x), V),
    ("inner", lambda x: np.inner(x, C), M),
    ("inner", lambda x: np.inner(x, x), M),
    ("inner", lambda x: np.inner(x, 3.0), M),
    ("vdot", lambda x: np.vdot(x, M), M),
    ("outer", lambda x: np.outer(x, C), M),
    ("outer", lambda x: np.outer(x, x), V),
    ("tensordot", lambda x: np.tensordot(x, x), M),
    ("tensordot", lambda x: np.tensordot(x, S, axes=1), M),
    ("tensordot", lambda x: np.tensordot(x, M, axes=([0], [0])), M),
    ("tensordot", lambda x: np.tensordot(x, C, axes=(-1, 0)), M),
    ("tensordot", lambda x: np.tensordot(x, C, axes=0), M),
    ("tensordot", lambda x: np.tensordot(S, x, axes=(-1, -1)), M),
    ("einsum", lambda x: np.einsum("ij,kj->ik", x, x), M),
    ("einsum", lambda x: np.einsum("ij->j", x), M),
    ("einsum", lambda x: np.einsum("ij,j", x, C), M),
    ("einsum", lambda x: np.einsum("ij,jk", x, S), M),
    ("einsum", lambda x: np.einsum("...j,jk->...k", x, np.ones((4, 2))), T),
    ("einsum", lambda x: np.einsum("ijk->kji", x), T),
    ("einsum", lambda x: np.einsum("ij,ij,ij->", x, M, x, optimize=True), M),
    ("einsum", lambda x: np.einsum("...i,...i", x, C), M),
    ("einsum", lambda x: np.einsum("b...,b...->...", x, x), M),
    *[("norm", lambda x, o=o: np.linalg.norm(x, o), V) for o in (None, 1, 2, np.inf)],
    ("norm", np.linalg.norm, M),
    ("norm", lambda x: np.linalg.norm(x, "fro"), M),
    ("norm", lambda x: np.linalg.norm(x, axis=1, keepdims=True), M),
    ("norm", lambda x: np.linalg.norm(x, 1, axis=0), M),
    ("norm", lambda x: np.linalg.norm(x, np.inf, axis=1), M),
    ("zeros_like", lambda x: x + np.zeros_like(x), M),
    ("ones_like", lambda x: x + np.ones_like(x), M),
    ("full_like", lambda x: x * np.full_like(x, 3.0), M),
    ("copy", lambda x: np.copy(x) * x, M),
    ("tensorsolve", lambda x: np.linalg.tensorsolve(x + 4 * np.eye(3), V), S),
    ("tensorinv", lambda x: np.linalg.tensorinv(x + 4 * np.eye(3), ind=1), S),
    ("argpartition", lambda x: np.sort(x[np.argpartition(x, 1)]) * C, V),
    ("argpartition", lambda x: np.sort(x[x.argpartition(1)]) * C, V),
    ("flatnonzero", lambda x: np.ravel(x)[np.flatnonzero(x)] * 2, M),
    ("isrealobj", lambda x: x * np.isrealobj(x), M),
    ("iscomplex", lambda x: x + np.iscomplex(x), M),
    ("shape", lambda x: x * np.shape(x)[1], M),
    ("ndim", lambda x: x * np.ndim(x), M),
    ("size", lambda x: x * np.size(x), M),
    ("split", lambda x: np.split(x, 3, axis=1)[1] * x, M),
    ("split", lambda x: np.split(x, [1, 2])[2], V),
    ("all", lambda x: x * x if np.all(x > -9) else x, M),
    ("any", lambda x: x * x if np.any(x) else x, M),
    ("any", lambda x: x * x if np.any(x > 9) else x, M),
]

METHODS = [
    *[
        (name, lambda x, n=name: getattr(x, n)(), M)
        for name in (
            "sum",
            "mean",
            "var",
            "std",
            "prod",
            "max",
            "min",
            "ravel",
            "squeeze",
            "cumsum",
            "transpose",
            "flatten",
            "copy",
        )
    ],
    *[
        (name, lambda x, n=name: getattr(x, n)(axis=0), M)
        for name in ("sum", "mean", "var", "std", "prod", "max", "min")
    ],
    ("clip", lambda x: x.clip(-1, 1), M),
    ("reshape", lambda x: x.reshape(3, 2), M),
    ("reshape", lambda x: x.reshape((3, -1)), M),
    ("swapaxes", lambda x: x.swapaxes(0, 1), M),
    ("dot", lambda x: x.dot(C), M),
    ("take", lambda x: x.take([0, 3]), M),
    ("diagonal", lambda x: x.diagonal(), M),
    ("trace", lambda x: x.trace(), S),
    ("repeat", lambda x: x.repeat(2), M),
    ("transpose", lambda x: x.transpose(2, 0, 1), T),
    ("transpose", lambda x: x.transpose((2, 0, 1)), T),
    *[
        ("__getitem__", lambda x, key=key: x[key] * 2, T)
        for key in (
            0,
            -1,
            (1, 2, 3),
            (0, slice(None)),
            slice(None, None, -1),
            (..., 1),
            (slice(None), None, 0),
            (1, ..., slice(1, 3)),
            [0, 1, 1],
            np.array([[0, 1], [1, 0]]),
            ([0, 1], [2, 2]),
            (0, [0, 2], slice(None, 2)),
            T > 1,
            (0, T[0] > 1),
            (slice(None), np.array([True, False, True])),
            np.int64(1),
            (None, ...),
            ...,
            slice(1, 1),
        )
    ],
    ("__getitem__", lambda x: x[()] + x.T.T, V),
]

ALL = [pytest.param(f, x, id=f"{name}-{i}") for i, (name, f, x) in enumerate([*UFUNCS, *FUNCTIONS, *METHODS])]


@pytest.mark.parametrize(("f", "x"), ALL)
def test_value_and_derivative_are_those_of_numpy(f, x):
    check(f, x)


def test_every_spelling_is_exercised():
    forms = {word for file in Path(__file__).with_name("forms").glob("*.py")
             for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}
    seen = forms | {name for name, _, _ in [*UFUNCS, *FUNCTIONS, *METHODS]}
    assert {u.__name__ for u in spellings.UFUNCS} <= seen
    assert {f.__name__ for f in spellings.FUNCTIONS if f} - {"Program"} <= seen
    assert set(spellings.METHODS) <= seen
    assert "no_such_function" not in seen


OPERATORS = [
    lambda x: x + x,
    lambda x: 1 + x,
    lambda x: x - 2,
    lambda x: 2 - x,
    lambda x: x * x,
    lambda x: 3 * x,
    lambda x: x / (1 + x * x),
    lambda x: 1 / (1 + x * x),
    lambda x: -x,
    lambda x: +x,
    lambda x: abs(x),
    lambda x: x**2,
    lambda x: x**3,
    lambda x: C + x,
    lambda x: x - C,
    lambda x: C * x,
    lambda x: C / (2 + x * x),
    lambda x: S @ x,
    lambda x: x @ S,
    lambda x: np.float64(2) * x,
    lambda x: [1.0, 2.0, 3.0] * x,
    lambda x: True * x,
    lambda x: sum(x) * max(x[0], x[1]) + min(x),
    lambda x: np.sum([1.0, 2.0]) * x,
    lambda x: len(x) * x,
    lambda x: np.maximum.reduce(x) + np.add.reduce(x),
    lambda x: x.size * x.ndim * x,
]


@pytest.mark.parametrize("i", range(len(OPERATORS)))
def test_operators(i):
    check(OPERATORS[i], V)


def test_an_augmented_assignment_to_a_scalar_name_is_a_new_node():
    def f(x):
        total = 0.0
        for t in x:
            total += t * t
        total *= 2
        return total

    check(f, V)


@given(st.data())
def test_einsum_on_random_subscripts(data):
    sizes = dict(zip(string.ascii_lowercase, (2, 3, 4, 1, 2), strict=False))
    term = st.lists(st.sampled_from(sorted(sizes)), max_size=3, unique=True).map("".join)
    a, b = data.draw(term), data.draw(term)
    out = "".join(data.draw(st.lists(st.sampled_from(sorted(set(a + b))), unique=True))) if a + b else ""
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal([sizes[c] for c in t]) for t in (a, b))
    check(lambda x: np.einsum(f"{a},{b}->{out}", x, y), x)
    check(lambda y: np.einsum(f"{a},{b}->{out}", x, y), y)


@given(
    st.sampled_from(
        [
            ((3,), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3,)),
            ((2, 3), (3, 4)),
            ((5, 2, 3), (3, 4)),
            ((2, 3), (5, 3, 4)),
            ((5, 1, 2, 3), (4, 3, 2)),
            ((5, 2, 3), (3,)),
            ((3,), (5, 3, 2)),
        ]
    )
)
def test_matmul_of_every_pair_of_shapes(shapes):
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(s) for s in shapes)
    check(lambda a: a @ b, a)
    check(lambda b: a @ b, b)
    P = sg.trace(lambda a, b: a @ b, a, b)
    assert np.allclose(P(a, b), a @ b)
    for one, other in zip(sg.forward_mode(P, a, b), sg.backward_mode(P, a, b), strict=True):
        assert np.allclose(one, other)


# --- Python branches ---


def test_a_python_branch_is_recorded_and_grad_traces_again_when_it_flips():
    def f(t):
        if t > 1:
            return t * t
        return 3 * t

    P = sg.trace(f, 2.0)
    assert P(3.0) == 9.0 and sg.grad(f)(3.0) == 6.0 and sg.grad(f)(0.5) == 3.0 and sg.grad(f)(1.0) == 3.0
    assert P.guards[0].relation == ">" and P.guards[0].taken
    with pytest.raises(sg.BranchChanged, match=r"x1 > 0 .*test_tracing\.py:\d+"):
        P(0.5)
    with pytest.raises(sg.BranchChanged):
        sg.grad(P)(0.5)
    with pytest.raises(sg.BranchChanged):
        P([2.0, 0.5])


def test_builtin_max_and_min_are_branches():
    assert sg.grad(lambda x: max(x[0], x[1]))(np.array([1.0, 2.0])).tolist() == [0.0, 1.0]
    assert sg.grad(lambda x: max(x[0], x[1]))(np.array([2.0, 2.0])).tolist() == [1.0, 0.0]
    assert sg.grad(lambda x: max(*x))(np.array([2.0, 1.0])).tolist() == [1.0, 0.0]


def test_a_while_loop_is_recorded_as_often_as_it_ran():
    def halve(t):
        while t > 1:
            t = t / 2
        return t

    P = sg.trace(halve, 6.0)
    assert len(P.guards) == 4 and P(6.0) == 0.75 and sg.grad(halve)(6.0) == 0.125 and sg.grad(halve)(0.5) == 1.0
    with pytest.raises(sg.BranchChanged):
        P(2.0)


def test_compound_conditions_guard_every_part():
    def f(x):
        return x[0] * x[1] if (x[0] > 0) & ~(x[1] > 0) or x[0] > 5 else x[0] + x[1]

    assert sg.grad(f)(np.array([1.0, -2.0])).tolist() == [-2.0, 1.0]
    assert sg.grad(f)(np.array([1.0, 2.0])).tolist() == [1.0, 1.0]
    with pytest.raises(sg.BranchChanged):
        sg.trace(f, np.array([1.0, -2.0]))(np.array([1.0, 2.0]))


def test_comparisons_live_in_the_tracer_only():
    seen = []
    sg.trace(lambda t: (seen.append(t > 0), t)[1], 1.0)
    assert isinstance(seen[0], Comparison) and bool(seen[0].value)


# --- what a trace keeps ---


def test_changing_a_captured_constant_afterwards_changes_nothing():
    c = np.array([1.0, 2.0, 3.0])
    at = np.array([0, 1])
    P = sg.trace(lambda x: np.sum(x * c) + np.sum(x[at]) + np.sum(np.where(c > 2, x, c)), V)
    before, slope = P(V), sg.grad(P)(V)
    c[:], at[:] = 100.0, 2
    assert P(V) == before and (sg.grad(P)(V) == slope).all()


def test_a_value_returned_or_kept_is_not_an_alias_of_the_input():
    x = V.copy()
    y = sg.trace(lambda x: x, x)(x)
    y[:] = 0
    assert (x == V).all()
    P = sg.trace(lambda x: x * C, x)
    g = sg.vjp(P, x)[1](np.ones(3))
    g[:] = 7
    assert (P(x) == V * C).all()


def test_broadcasting_is_explicit():
    P = sg.trace(lambda x, t: x + t, M, 1.0)
    assert [i.op for i in P.instructions] == ["broadcast", "add"]


def test_an_array_of_objects_whose_traced_entries_lost_is_a_constant():
    def f(x):
        return np.min(np.array([[x, 0.5], [0.5, 0.5]]), axis=0)

    assert np.array_equal(sg.jacobian(f)(1.0), [0.0, 0.0])
    assert np.array_equal(sg.trace(f, 1.0)(1.0), [0.5, 0.5])
