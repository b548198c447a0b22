"""Every row of the tables: value, derivative, adjoint, index, pieces, conventions."""

import math

import numpy as np
import pytest
from conftest import central
from matrix_cases import MATRIX_CASES

import selgrad as sg
from selgrad.primitives import KINKED, ORDER, ROWS, SMOOTH, STRUCTURAL
from selgrad.primitives.rows import widen

A = np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]])
B = np.array([[1.25, 0.5, -0.75], [-2.0, 0.25, 1.75]])
POSITIVE = np.array([[0.5, 1.25, 2.0], [1.5, 0.75, 3.0]])
V = np.array([0.5, -1.25, 2.0])


def case(row, params, operands, plain, at_kink=()):
    return pytest.param(row, params, operands, plain, at_kink, id=row)


def pooled(x, core, window, strides):
    rows = range(0, core[0] - window[0] + 1, strides[0])
    columns = range(0, core[1] - window[1] + 1, strides[1])
    return np.array([[x[i : i + window[0], j : j + window[1]].max() for j in columns] for i in rows])


def convolved(x, w, strides, padding, dilation, groups):
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    spans = [d * (n - 1) + 1 for n, d in zip(w.shape[2:], dilation, strict=True)]
    sizes = [(n - span) // s + 1 for n, span, s in zip(x.shape[2:], spans, strides, strict=True)]
    out, each, read = np.zeros((len(x), len(w), *sizes)), len(w) // groups, w.shape[1]
    for n, o, i, j in np.ndindex(*out.shape):
        rows = slice(i * strides[0], i * strides[0] + spans[0], dilation[0])
        columns = slice(j * strides[1], j * strides[1] + spans[1], dilation[1])
        out[n, o, i, j] = np.sum(x[n, o // each * read : (o // each + 1) * read, rows, columns] * w[o])
    return out


AT = np.array([[0, 2], [5, 5]])
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772

# one case a row: parameters, operands away from kinks, the same in plain NumPy, operands on kinks
def scattered(v, at, core):
    out = np.zeros(core)
    np.add.at(out.reshape(-1), at, v)
    return out


CASES = [
    *[case(op, {}, (A, B), getattr(np, op)) for op in ("add", "subtract", "multiply", "divide")],
    *[case(op, {}, (A,), getattr(np, op))
      for op in ("negative", "square", "exp", "expm1", "tanh", "sin", "cos", "reciprocal", "sinh", "cosh", "arctan",
                 "arcsinh")],
    *[case(op, {}, (POSITIVE,), getattr(np, op)) for op in ("sqrt", "log", "log1p", "log2", "log10")],
    *[case(op, {}, (0.375 * A,), getattr(np, op)) for op in ("arcsin", "arccos", "arctanh")],
    case("arccosh", {}, (1 + POSITIVE,), np.arccosh),
    case("arctan2", {}, (A, B), np.arctan2),
    case("hypot", {}, (A, B), np.hypot),
    case("power", {}, (POSITIVE, B), np.power),
    case("sigmoid", {}, (A,), lambda t: 1 / (1 + np.exp(-t))),
    case("softplus", {}, (A,), lambda t: np.log(1 + np.exp(t))),
    *[case(op, {}, (A,), getattr(np, op)) for op in ("exp2", "cbrt", "tan")],
    case("erf", {}, (A,), lambda t: np.vectorize(math.erf)(t)),
    case("sum", {"axis": (-2,), "keepdims": True}, (A,), lambda x, **k: x.sum(axis=0, keepdims=True)),
    case("mean", {"axis": (-2, -1), "keepdims": False}, (A,), lambda x, **k: x.mean()),
    case("prod", {"axis": -1}, (A,), lambda x, **k: x.prod(axis=1)),
    case("logsumexp", {"axis": -2}, (A,), lambda x, **k: np.log(np.exp(x).sum(axis=0))),
    case("softmax", {"axis": -1}, (A,), lambda x, **k: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)),
    case("matmul", {"vectors": (False, False)}, (A, B.T), lambda a, b, **k: a @ b),
    case("einsum", {"terms": ("ij", "ij", "j"), "out": "i"}, (A, B, V),
         lambda a, b, c, **k: np.einsum("ij,ij,j->i", a, b, c)),
    case("rsqrt", {}, (POSITIVE,), lambda t: 1 / np.sqrt(t)),
    case("conv", {"strides": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2), "groups": 2},
         (np.resize(A, (1, 4, 3, 2)), np.resize(B, (4, 2, 2, 2))), convolved),
    case("reshape", {"core": (2, 3), "shape": (3, 2)}, (A,), lambda x, **k: x.reshape(3, 2)),
    case("transpose", {"axes": (1, 0)}, (A,), lambda x, **k: x.T),
    case("broadcast", {"core": (2, 3), "shape": (4, 2, 3)}, (A,), lambda x, **k: np.broadcast_to(x, (4, 2, 3))),
    case("slice", {"core": (2, 3), "key": (1, slice(None, None, 2))}, (A,), lambda x, **k: x[1, ::2]),
    case("gather", {"core": (2, 3), "at": AT}, (A,), lambda x, **k: x.ravel()[AT]),
    case("scatter", {"core": (2, 3), "at": AT}, (A.ravel()[AT],), lambda x, **k: scattered(x, AT, (2, 3))),
    case("cumsum", {"axis": -1}, (A,), lambda x, **k: np.cumsum(x, axis=1)),
    case("concatenate", {"axis": -1, "cores": ((2, 3), (2, 3))}, (A, B),
         lambda a, b, **k: np.concatenate([a, b], axis=1)),
    case("pad", {"widths": ((1, 0), (0, 2)), "fill": 7.0}, (A,),
         lambda x, **k: np.pad(x, ((1, 0), (0, 2)), constant_values=7.0)),
    case("constant", {"value": V}, (A,), lambda x, value: value),
    *[case(*of_matrices) for of_matrices in MATRIX_CASES],
    case("relu", {}, (A,), lambda t: np.maximum(t, 0), ([0.0, 1.0, -1.0],)),
    case("leaky_relu", {"negative_slope": 0.25}, (A,), lambda t, **k: np.where(t > 0, t, 0.25 * t), ([0.0, 1.0],)),
    case("relu6", {}, (5 * A,), lambda t: np.clip(t, 0, 6), ([0.0, 6.0, 3.0],)),
    case("elu", {"alpha": 0.5}, (A,), lambda t, **k: np.where(t > 0, t, 0.5 * np.expm1(t)), ([0.0, -1.0],)),
    case("selu", {}, (A,), lambda t: SCALE * np.where(t > 0, t, ALPHA * np.expm1(t)), ([0.0, 2.0],)),
    case("hard_sigmoid", {}, (2.5 * A,), lambda t: np.clip(t + 3, 0, 6) / 6, ([-3.0, 3.0, 0.0],)),
    case("huber", {"delta": 0.75}, (A + 0.125,), lambda t, delta: np.where(
        np.abs(t) <= delta, t * t / 2, delta * (np.abs(t) - delta / 2)), ([-0.75, 0.75, 0.0],)),
    case("hard_tanh", {}, (A,), lambda t: np.clip(t, -1, 1), ([-1.0, 1.0, 0.0],)),
    case("abs", {}, (A,), np.abs, ([0.0, -2.0],)),
    case("maximum", {}, (A, B), np.maximum, ([1.0, 2.0, 0.0], [1.0, 0.0, 0.0])),
    case("minimum", {}, (A, B), np.minimum, ([1.0, 2.0, 0.0], [1.0, 0.0, 0.0])),
    case("clip_min", {}, (A, B), np.maximum, ([1.0, 2.0, 0.0], [1.0, 0.0, 0.0])),
    case("clip_max", {}, (A, B), np.minimum, ([1.0, 2.0, 0.0], [1.0, 0.0, 0.0])),
    case("clip", {}, (A, B - 2.5, B + 2.5), np.clip, ([1.0, 4.0, 2.0], [1.0, 0.0, 0.0], [3.0, 4.0, 5.0])),
    case("max", {"axis": -1}, (A,), lambda x, **k: x.max(axis=1), ([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0]],)),
    case("min", {"axis": -2}, (A,), lambda x, **k: x.min(axis=0), ([[1.0, 2.0, 2.0], [1.0, 0.0, 2.0]],)),
    case("median", {"axis": -1}, (A,), lambda x, **k: np.median(x, axis=1), ([[1.0, 1.0, 2.0], [3.0, 3.0, 3.0]],)),
    case("sort", {"axis": -1, "descending": True}, (A,), lambda x, **k: np.sort(x, axis=1)[:, ::-1],
         ([[1.0, 2.0, 1.0], [3.0, 3.0, 3.0]],)),
    case("max_pool", {"core": (3, 3), "window": (2, 2), "strides": (1, 1)},
         (np.array([[0.5, 1.5, -1.0], [2.5, 2.0, 0.0], [1.0, 0.25, 3.5]]),), pooled, (np.ones((3, 3)),)),
    case("where", {"relation": ">"}, (B, A, A + 1), lambda z, a, b, **k: np.where(z > 0, a, b),
         ([0.0, 1.0, 0.0], [2.0, 3.0, 4.0], [2.0, 1.0, 4.0])),
]

each = pytest.mark.parametrize(("op", "params", "operands", "plain", "at_kink"), CASES)
kinked = pytest.mark.parametrize(
    ("op", "params", "operands", "plain", "at_kink"), [c for c in CASES if ROWS[c.id].kinked]
)
conventions = pytest.mark.parametrize("convention", sg.CONVENTIONS)


def arrays(operands):
    return [np.asarray(x, dtype=float) for x in operands]


def test_no_row_is_missed():
    assert sorted(c.id for c in CASES) == sorted(op for op, row in ROWS.items() if not row.facts.stopped)
    assert len(ROWS) == sum(map(len, (SMOOTH, KINKED, ORDER, STRUCTURAL)))
    assert {op for op, row in ROWS.items() if row.kinked} == {*KINKED, *ORDER}
    assert {op for op, row in ROWS.items() if not row.facts.log_exp} == {
        "sin", "cos", "arcsin", "arccos", "arctan", "arctan2", "tan", "erf", "stop", "eigh", "svd", "spectral_norm",
        "smallest_singular_value", "nuclear_norm"}
    assert all(tuple(row.ties) == sg.CONVENTIONS for row in ROWS.values() if row.kinked)


@each
def test_value_is_numpys(op, params, operands, plain, at_kink):
    for point in (operands, at_kink):
        if len(point):
            xs = arrays(point)
            assert np.allclose(ROWS[op].apply(xs, params)[0], plain(*xs, **params), rtol=1e-14, atol=0)


def maps(op, params, xs, convention):
    """(i, derivative with respect to operand i) for the operands with a derivative."""
    y, s = ROWS[op].apply(xs, params, ROWS[op].rule(convention))
    for i in range(len(xs)):
        d = ROWS[op].partial(i, s, y, xs, params)
        if d is not None:
            yield i, y, d


@each
@conventions
def test_push_and_pull_are_adjoint_on_and_off_kinks(op, params, operands, plain, at_kink, convention):
    rng = np.random.default_rng(0)
    for point in (operands, at_kink):
        xs = arrays(point)
        for i, y, d in maps(op, params, xs, convention) if xs else ():
            u, v = rng.standard_normal((4, *xs[i].shape)), rng.standard_normal((4, *np.shape(y)))
            left = np.sum((v * d.push(u)).reshape(4, -1), axis=1)
            right = np.sum((d.pull(v) * u).reshape(4, -1), axis=1)
            assert np.allclose(left, right, rtol=1e-12, atol=1e-12)


@each
@conventions
@pytest.mark.statement("Proposition 3")
def test_derivative_is_the_central_difference_away_from_kinks(op, params, operands, plain, at_kink, convention):
    xs = arrays(operands)
    for i, _, d in maps(op, params, xs, convention):
        numeric = central(lambda x, i=i: plain(*xs[:i], x, *xs[i + 1 :], **params), xs[i])
        units = np.eye(xs[i].size).reshape(xs[i].size, *xs[i].shape)
        exact = np.moveaxis(np.asarray(d.push(units)), 0, -1).reshape(numeric.shape)
        assert np.allclose(exact, numeric, rtol=1e-6, atol=1e-7)


COMPLEX = {"exp": np.exp, "expm1": np.expm1, "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "log": np.log,
           "log1p": np.log1p, "sinh": np.sinh, "cosh": np.cosh, "arctan": np.arctan, "arcsinh": np.arcsinh,
           "log2": lambda t: np.log(t) / np.log(2), "log10": lambda t: np.log(t) / np.log(10),
           "sqrt": np.sqrt, "square": np.square, "reciprocal": np.reciprocal,
           "sigmoid": lambda t: 1 / (1 + np.exp(-t)), "softplus": lambda t: np.log(1 + np.exp(t))}


@pytest.mark.parametrize("op", COMPLEX)
@pytest.mark.statement("Equation (1)")
def test_smooth_slopes_to_rounding_by_a_complex_step(op):
    t = np.array([0.125, 0.5, 1.0, 2.5])
    exact = np.imag(COMPLEX[op](t + 1e-30j)) / 1e-30
    assert np.allclose(sg.grad(lambda t: np.sum(record(op, {}, t)))(t), exact, rtol=1e-14)


def record(op, params, *xs):
    from selgrad.tracing.recorder import record as engine

    return engine(op, *xs, **params)


@each
def test_float32_stays_float32(op, params, operands, plain, at_kink):
    params = {k: v.astype(np.float32) if op == "constant" else v for k, v in params.items()}
    P = sg.trace(lambda *xs: record(op, params, *xs), *(x.astype(np.float32) for x in operands))
    xs = [x.astype(np.float32) for x in operands]
    assert P(*xs).dtype == np.float32
    for mode in ("forward", "backward"):
        assert sg.jacobian(P, mode=mode)(*xs).dtype == np.float32


# --- rows with kinks ---


@kinked
@conventions
@pytest.mark.statement("Definition 2", "Equation (2)")
def test_index_is_total_and_never_changes_the_value(op, params, operands, plain, at_kink, convention):
    row = ROWS[op]
    for point in (operands, at_kink):
        xs = arrays(point)
        s = row.index(row.rule(convention), *xs, **params)
        assert s is not None and np.asarray(s).dtype.kind in "biu"
        assert np.array_equal(row.select(s, *xs, **params), row.apply(xs, params)[0])


@kinked
def test_conventions_differ_on_kinks_only(op, params, operands, plain, at_kink):
    row, xs = ROWS[op], arrays(operands)
    assert all((z != 0).all() for z in row.switches(*xs, **params)) or op in ("max", "min", "max_pool")
    off = [row.index(row.rule(c), *xs, **params) for c in sg.CONVENTIONS]
    assert all(np.array_equal(off[0], s) for s in off)
    ties = [row.switches(*arrays(at_kink), **params)]
    assert any((z == 0).any() for z in ties[0])
    declared = {row.rule(c) for c in sg.CONVENTIONS}
    taken = {np.asarray(row.index(row.rule(c), *arrays(at_kink), **params)).tobytes() for c in sg.CONVENTIONS}
    assert len(taken) == len(declared)


@pytest.mark.parametrize("op", KINKED)
def test_pieces_that_meet_at_a_kink_agree_there(op):
    (params, at_kink), = [(c.values[1], arrays(c.values[4])) for c in CASES if c.id == op]
    row = ROWS[op]
    zs = row.switches(*at_kink, **params)
    for e, z in enumerate(zs):
        below, above = (np.broadcast_to(row.pieces[i].value(*at_kink, **params), z.shape) for i in (e, e + 1))
        assert (z == 0).any()
        assert np.allclose(below[z == 0], above[z == 0], rtol=0, atol=1e-15)
        mean = np.broadcast_to(row.pieces[len(zs) + 1 + e].value(*at_kink, **params), z.shape)
        assert np.allclose(mean[z == 0], above[z == 0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("op", KINKED)
@conventions
def test_slopes_at_a_kink_are_those_of_the_declared_piece(op, convention):
    (params, xs), = [(c.values[1], arrays(c.values[4])) for c in CASES if c.id == op]
    row = ROWS[op]
    zs = row.switches(*xs, **params)
    for i, _, d in maps(op, params, xs, convention):
        got = np.broadcast_to(d.d, xs[i].shape)
        for e, (z, tie) in enumerate(zip(zs, row.rule(convention), strict=True)):
            below, above = (np.broadcast_to(row.pieces[k].slopes[i](*xs, **params), z.shape) for k in (e, e + 1))
            expected = {"<": below, ">": above, "=": (below + above) / 2}[tie]
            assert np.allclose(got[z == 0], expected[z == 0], rtol=1e-15)


LAMBDA = SCALE * ALPHA


def every(conventions, derivative):
    return {convention: derivative for convention in conventions}


# (function, point) -> derivative, measured in the frameworks named
MEASURED = [
    ("relu", sg.relu, 0.0, {"paper": 0, "tensorflow": 0, "torch": 0, "jax": 0}),
    ("relu6 at 0", sg.relu6, 0.0, {"paper": 0, "tensorflow": 0, "torch": 0, "jax": 0}),
    ("relu6 at 6", sg.relu6, 6.0, {"paper": 1, "tensorflow": 0, "torch": 0, "jax": 0}),
    ("leaky_relu", lambda t: sg.leaky_relu(t, 0.2), 0.0, {"paper": 0.2, "tensorflow": 0.2, "torch": 0.2, "jax": 1}),
    ("elu", lambda t: sg.elu(t, 0.5), 0.0, {"paper": 0.5, "tensorflow": 0.5, "torch": 0.5, "jax": 0.5}),
    ("selu", sg.selu, 0.0, {"paper": LAMBDA, "tensorflow": SCALE, "torch": LAMBDA, "jax": LAMBDA}),
    ("hard_sigmoid at -3", sg.hard_sigmoid, -3.0, {"paper": 0, "tensorflow": 0, "torch": 0, "jax": 0}),
    ("hard_sigmoid at 3", sg.hard_sigmoid, 3.0, {"paper": 1 / 6, "tensorflow": 0, "torch": 0, "jax": 0}),
    ("hard_tanh at -1", sg.hard_tanh, -1.0, {"paper": 0, "torch": 0, "jax": 1}),
    ("hard_tanh at 1", sg.hard_tanh, 1.0, {"paper": 1, "torch": 0, "jax": 1}),
    ("abs", np.abs, 0.0, {"paper": -1, "tensorflow": 0, "torch": 0, "jax": 1, "autograd": 0}),
    ("maximum(t, 0)", lambda t: np.maximum(t, 0), 0.0,
     {"paper": 1, "tensorflow": 1, "torch": 0.5, "jax": 0.5, "autograd": 0.5}),
    ("maximum(0, t)", lambda t: np.maximum(0, t), 0.0,
     {"paper": 0, "tensorflow": 0, "torch": 0.5, "jax": 0.5, "autograd": 0.5}),
    ("minimum(t, 0)", lambda t: np.minimum(t, 0), 0.0,
     {"paper": 1, "tensorflow": 1, "torch": 0.5, "jax": 0.5, "autograd": 0.5}),
    ("minimum(0, t)", lambda t: np.minimum(0, t), 0.0,
     {"paper": 0, "tensorflow": 0, "torch": 0.5, "jax": 0.5, "autograd": 0.5}),
    ("clip at low", lambda t: np.clip(t, 0, 2), 0.0,
     {"paper": 0, "tensorflow": 1, "torch": 1, "jax": 0.5, "autograd": 0}),
    ("clip at high", lambda t: np.clip(t, 0, 2), 2.0,
     {"paper": 1, "tensorflow": 1, "torch": 1, "jax": 0.5, "autograd": 0}),
    ("max", np.max, [1.0, 2.0, 2.0], {"paper": [0, 1, 0], **every(sg.CONVENTIONS[1:], [0, 0.5, 0.5])}),
    ("min", np.min, [1.0, 1.0, 2.0], {"paper": [1, 0, 0], **every(sg.CONVENTIONS[1:], [0.5, 0.5, 0])}),
    ("median", sg.median, [1.0, 1.0, 2.0], {"torch": [0.5, 0.5, 0], "jax": [0, 1, 0]}),
    ("top_k", lambda x: sg.top_k(x, 1)[0], [2.0, 2.0, 1.0], every(sg.CONVENTIONS, [1, 0, 0])),
    ("max_pool", lambda x: sg.max_pool(x, 3)[0], [2.0, 2.0, 2.0], every(sg.CONVENTIONS, [1, 0, 0])),
    ("where", lambda t: np.where(t > 0, t, 0), 0.0, every(sg.CONVENTIONS, 0)),
    ("inf-norm", lambda x: np.linalg.norm(x, np.inf), [1.0, -1.0],
     {"tensorflow": [0.5, -0.5], "torch": [0.5, -0.5], "jax": [0.5, -0.5]}),
]


@pytest.mark.parametrize(("f", "x", "expected"), [pytest.param(*m[1:], id=m[0]) for m in MEASURED])
def test_derivatives_at_kinks_are_those_measured(f, x, expected):
    for convention, derivative in expected.items():
        assert np.allclose(sg.grad(f, convention=convention)(np.array(x)), derivative, rtol=1e-15), convention


@kinked
@conventions
@pytest.mark.statement("Remark (b)")
def test_frozen_pieces_have_the_value_and_the_derivative(op, params, operands, plain, at_kink, convention):
    row, rng = ROWS[op], np.random.default_rng(1)
    for point in (operands, at_kink):
        xs = arrays(point)
        y, s = row.apply(xs, params, row.rule(convention))
        frozen = sg.trace(lambda *xs, s=s: row.frozen(s, *xs, **params), *xs)
        assert not frozen.kinked()
        assert np.allclose(frozen(*xs), y, rtol=1e-15)
        moved = [0.0 * x for x in xs]
        directions = [rng.standard_normal(x.shape) for x in xs]
        total = np.zeros(np.shape(y))
        for i, _, d in maps(op, params, xs, convention):
            total = total + d.push(directions[i])
        _, moved = sg.jvp(frozen, tuple(xs), tuple(directions))
        assert np.allclose(moved, total, rtol=1e-13, atol=1e-13)


@kinked
@conventions
def test_choices_list_the_index_taken_once(op, params, operands, plain, at_kink, convention):
    for point in (operands, at_kink):
        xs = arrays(point)
        if op == "max_pool" or xs[0].size > 4:
            xs, small = [x[..., :2, :2] if x.ndim == 2 else x for x in xs], dict(params)
            if op == "max_pool":
                small["core"] = (2, 2)
        else:
            small = params
        s = ROWS[op].index(ROWS[op].rule(convention), *xs, **small)
        listed = ROWS[op].choices(xs[0].shape, ROWS[op].rule(convention), **small)
        assert sum(np.array_equal(c, s) for c in listed) == 1
        assert all(np.shape(c) == np.shape(s) for c in listed)
        assert len({c.tobytes() for c in listed}) == len(listed)


@pytest.mark.parametrize("x, shape", [
    (V, (2, 3)), (V[::-1], (2, 3)), (A[:, ::-1].T, (4, 3, 2)), (A[:1], (5, 3)), (np.float32(2.0), (3,)),
    (np.float64(2.0), ()), (np.ones((0, 1)), (0, 4)), (np.asfortranarray(A), (2, 2, 3)),
])
def test_widen_is_a_read_only_view_as_of_broadcast_to(x, shape):
    wide = widen(x, shape)
    assert wide.shape == shape and wide.dtype == x.dtype and np.array_equal(wide, np.broadcast_to(x, shape))
    assert not wide.flags.writeable and wide.base is not None
    with pytest.raises(ValueError):
        widen(V, (2, 2))
