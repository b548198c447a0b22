"""TensorFlow beside selgrad: every kink measured live, and random programs that sit on their kinks.

(What is recorded for machines without TensorFlow is tested in test_recorded.py.)
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import zero
from selgrad.examples.random_programs import random_program
from selgrad.frameworks import recorded, require_tensorflow, tensorflow_available
from selgrad.frameworks.tensorflow import MISSING, OPS, tensorflow_value_and_derivative, to_tensorflow
from selgrad.primitives import ROWS
from selgrad.programs.trees import flatten
from selgrad.tracing.recorder import elementwise, record

AVAILABLE = tensorflow_available()
live = pytest.mark.skipif(not AVAILABLE, reason="TensorFlow is not installed (no wheel for this Python or machine)")
pytestmark = pytest.mark.tensorflow

TIED = np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0], [0.0, -1.0, 0.0], [0.0, -0.0, -1.0]])
RELATIONS = {
    ">": lambda t: t > 0, ">=": lambda t: t >= 0, "<": lambda t: t < 0,
    "<=": lambda t: t <= 0, "==": lambda t: t == 0, "!=": lambda t: t != 0,
}

# Every kinked row at points on every one of its kinks: name -> (program, points). Slopes of
# leaky_relu are dyadic, because TensorFlow rounds that parameter to float32.
KINKS: dict[str, list[tuple[Any, list[tuple]]]] = {
    "relu": [(sg.relu, [(0.0,), (-0.0,)])],
    "leaky_relu": [(lambda t: sg.leaky_relu(t, 0.25), [(0.0,), (-0.0,)])],
    "relu6": [(sg.relu6, [(0.0,), (6.0,)])],
    "elu": [(lambda t: sg.elu(t, 0.5), [(0.0,), (-0.0,)]), (lambda t: sg.elu(t, 1.0), [(0.0,)])],
    "selu": [(sg.selu, [(0.0,), (-0.0,)])],
    "hard_sigmoid": [(sg.hard_sigmoid, [(-3.0,), (3.0,)])],
    "huber": [(sg.huber, [(-1.0,), (1.0,)]), (lambda t: sg.huber(t, 0.5), [(-0.5,), (0.5,)])],
    "hard_tanh": [(sg.hard_tanh, [(-1.0,), (1.0,)])],
    "abs": [(np.abs, [(0.0,), (-0.0,)])],
    "maximum": [(np.maximum, [(1.0, 1.0), (0.0, -0.0)]), (lambda t: np.maximum(t, 0.0), [(0.0,)]),
                (lambda t: np.maximum(0.0, t), [(0.0,)]), (lambda t, x: np.maximum(t, x), [(3.0, TIED)])],
    "minimum": [(np.minimum, [(1.0, 1.0), (0.0, -0.0)]), (lambda t: np.minimum(t, 0.0), [(0.0,)]),
                (lambda t: np.minimum(0.0, t), [(0.0,)]), (lambda t, x: np.minimum(t, x), [(3.0, TIED)])],
    "clip": [(np.clip, [(1.0, 1.0, 2.0), (2.0, 1.0, 2.0), (1.0, 1.0, 1.0), (0.0, 1.0, 1.0), (2.0, 1.0, 1.0)]),
             (lambda x: np.clip(x, 0.0, 2.0), [(TIED,)])],
    "clip_min": [(lambda t, low: np.clip(t, low, None), [(1.0, 1.0), (0.0, -0.0)]),
                 (lambda x: np.clip(x, 0.0, None), [(TIED,)])],
    "clip_max": [(lambda t, high: np.clip(t, None, high), [(1.0, 1.0), (0.0, -0.0)]),
                 (lambda x: np.clip(x, None, 2.0), [(TIED,)])],
    "max": [(lambda x: np.max(x, axis=1), [(TIED,)]), (lambda x: np.max(x, axis=0), [(TIED,)]), (np.max, [(TIED,)])],
    "min": [(lambda x: np.min(x, axis=1), [(TIED,)]), (lambda x: np.min(x, axis=0), [(TIED,)]), (np.min, [(TIED,)])],
    "sort": [(lambda x, axis=axis, descending=descending: sg.sort(x, axis, descending), [(TIED,)])
             for axis, descending in product((0, 1), (False, True))] + [(lambda x: sg.top_k(x, 2), [(TIED,)])],
    "max_pool": [(lambda x: sg.max_pool(x, 2, 1), [(TIED,)]), (lambda x: sg.max_pool(x, (2, 2), 1), [(TIED,)]),
                 (lambda x: sg.max_pool(x, (2, 3)), [(TIED,), (np.zeros((4, 3)),)])],
    "where": [(lambda t, a, b, on=on: np.where(on(t), a, b), [(0.0, 1.0, 2.0), (1.0, 1.0, 2.0), (-1.0, 1.0, 2.0)])
              for on in RELATIONS.values()] + [(lambda x: np.where(x > 0, 2.0 * x, -x), [(TIED,)])],
}


def same(ours: Any, theirs: Any, tolerance: float = 0.0) -> bool:
    """Are two nested results equal, up to a tolerance relative to their size?"""
    (a, one), (b, other) = flatten(ours), flatten(theirs)
    return one == other and all(
        np.shape(x) == np.shape(y) and bool(np.all(np.abs(x - y) <= tolerance * np.maximum(1.0, np.abs(y))))
        for x, y in zip(a, b, strict=True)
    )


def agrees(f: Any, args: tuple, convention: str = "tensorflow", tolerance: float = 0.0) -> bool:
    """Does AD under this convention equal live TensorFlow, in value and all partial derivatives?"""
    P = sg.trace(f, *args)
    value, derivative = tensorflow_value_and_derivative(P, *args)
    return same(P(*args), value, tolerance) and same(
        sg.backward_mode(P, *args, convention=convention), derivative, tolerance
    )


def test_every_kinked_row_is_measured() -> None:
    kinked = {name for name, row in ROWS.items() if row.kinked}
    assert set(KINKS) == kinked - set(MISSING)
    assert set(OPS) | set(MISSING) == set(ROWS) and not set(OPS) & set(MISSING)
    for name, programs in KINKS.items():
        assert all(name in {i.op for i in sg.trace(f, *xs[0]).instructions} for f, xs in programs)


@pytest.mark.parametrize("name", [name for name in KINKS if name != "where"])
def test_the_points_lie_on_kinks(name: str) -> None:
    """Every switching function of every row vanishes at some listed point, or nothing is tested."""
    met: list[bool] = []
    for f, points in KINKS[name]:
        for x in points:
            P = sg.trace(f, *x)
            ev = P.evaluate(*x)
            for _, i in P.lines():
                if i.op == name:
                    xs = [ev.values[o] if type(o) is int else o for o in i.operands]
                    zeros = [bool(np.any(np.equal(z, 0))) for z in ROWS[name].switches(*xs, **i.params)]  # type: ignore
                    met = [a or b for a, b in zip(met or [False] * len(zeros), zeros, strict=True)]
    assert met and all(met)


@live
@pytest.mark.parametrize("name", list(KINKS))
def test_ties_equal_tensorflow(name: str) -> None:
    for f, points in KINKS[name]:
        for x in points:
            assert agrees(f, x), (name, x)


@live
def test_tensorflow_rounds_the_slope_of_leaky_relu_to_float32() -> None:
    """The one known difference that is no tie: it is 2e-10, and absent for dyadic slopes."""
    P = sg.trace(sg.leaky_relu, -1.0)
    assert tensorflow_value_and_derivative(P, -1.0)[1] == float(np.float32(0.01)) != sg.grad(P)(-1.0) == 0.01


@live
@pytest.mark.parametrize("name", list(KINKS))
def test_kinked_rows_equal_tensorflow_off_their_kinks(name: str) -> None:
    rng = np.random.default_rng(0)
    for f, points in KINKS[name]:
        for first, *rest in points:
            for size in (0.3, 3.0, 3.0):
                x = (first + size * rng.normal(size=np.shape(first)), *rest)
                assert agrees(f, x, tolerance=1e-12), (name, x)


@live
@pytest.mark.parametrize("name", ["relu6", "hard_tanh", "abs", "clip", "max", "selu"])
def test_the_paper_convention_differs_there(name: str) -> None:
    """Negative control: where TensorFlow's ties differ from the paper's, the comparison sees it."""
    assert not all(agrees(f, x, "paper") for f, points in KINKS[name] for x in points)


@live
@pytest.mark.parametrize(
    "name, wrong", [("relu", ">"), ("abs", "<"), ("max", "first"), ("maximum", "="), ("clip", "<>")]
)
def test_a_planted_wrong_tie_is_seen(name: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS[name].ties, "tensorflow", wrong)  # type: ignore[attr-defined]
    assert not all(agrees(f, x) for f, points in KINKS[name] for x in points)


A, B = np.random.default_rng(0).uniform(0.5, 2.0, (2, 3, 3))
SMOOTH: dict[str, list[tuple[Any, tuple]]] = {
    **{name: [(getattr(np, name), (A,))] for name in (
        "negative", "reciprocal", "square", "sqrt", "exp", "expm1", "log", "log1p", "tanh", "sin", "cos", "sinh",
        "cosh", "arctan", "arcsinh", "log2", "log10")},
    **{name: [(getattr(np, name), (0.375 * A,))] for name in ("arcsin", "arccos", "arctanh")},
    "arccosh": [(lambda a: np.arccosh(1.0 + a), (A,))],
    "arctan2": [(np.arctan2, (A - 1.0, B))],
    "hypot": [(np.hypot, (A - 1.0, B))],
    "cholesky": [(lambda a: np.linalg.cholesky(a + 3.0 * np.eye(3)), (A,))],
    **{name: [(getattr(np, name), (A, B))] for name in ("add", "subtract", "multiply", "divide")},
    **{name: [(getattr(np, name), (A,))] for name in ("exp2", "cbrt", "tan")}, "erf": [(sg.erf, (A - 1.0,))],
    "rsqrt": [(lambda a: elementwise("rsqrt", a), (A,))],
    "conv": [(lambda x, w, p=p: record("conv", x, w, **p), (np.resize(A, (2, 4, 5, 4)), np.resize(B, (6, 2, 3, 2))))
             for p in ({"strides": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 1), "groups": 2},
                       {"strides": (1, 1), "padding": ((0, 0), (1, 1)), "dilation": (2, 3), "groups": 2})],
    "power": [(lambda a: a**3, (-A,)), (lambda a: a**-1.5, (A,)), (lambda a, b: a**b, (A, B))],
    "sigmoid": [(sg.sigmoid, (A - 1.0,))],
    "softplus": [(sg.softplus, (A - 1.0,))],
    "sum": [(np.sum, (A,)), (lambda a: np.sum(a, axis=0), (A,)), (lambda a: np.sum(a, axis=1, keepdims=True), (A,))],
    "mean": [(np.mean, (A,)), (lambda a: np.mean(a, axis=0), (A,))],
    "prod": [(np.prod, (A,)), (lambda a: np.prod(a, axis=0), (np.where(A < 1, 0.0, A),))],
    "logsumexp": [(sg.logsumexp, (A,)), (lambda a: sg.logsumexp(a, 0), (A,))],
    "softmax": [(sg.softmax, (A,)), (lambda a: sg.softmax(a, 0), (A,))],
    "matmul": [(np.matmul, (A, B)), (np.matmul, (A[0], B)), (np.matmul, (A, B[0])), (np.matmul, (A[0], B[0]))],
    "einsum": [(lambda a, b: np.einsum("ij,kj->ik", a, b), (A, B)), (lambda a: np.einsum("ij->j", a), (A,))],
    "reshape": [(lambda a: np.reshape(a, (9,)), (A,))],
    "transpose": [(np.transpose, (A,))],
    "broadcast": [(lambda a, b: a[0] * b, (A, B))],
    "slice": [(lambda a: a[::-1, 1:], (A,)), (lambda a: a[-1], (A,))],
    "gather": [(lambda a: a[[0, 0, 2]], (A,)), (np.diagonal, (A,))],
    "stop": [(lambda a: sg.stop_gradient(a) * a, (A,))],
    "scatter": [(lambda a: sg.grad(lambda x: np.sum(x[[0, 0, 2]] ** 2))(a), (A,))],
    "cumsum": [(lambda a: np.cumsum(a, axis=0), (A,)), (np.cumsum, (A,))],
    "concatenate": [(lambda a, b: np.concatenate([a, b], axis=1), (A, B))],
    "pad": [(lambda a: np.pad(a, ((1, 0), (0, 2)), constant_values=2.0), (A,))],
    "constant": [(lambda a: np.ones(2), (A,))],
    "solve": [(np.linalg.solve, (A, B)), (np.linalg.solve, (A, B[0]))],
    "inv": [(np.linalg.inv, (A,))],
    "det": [(np.linalg.det, (A,))],
    "logabsdet": [(lambda a: np.linalg.slogdet(a)[1], (A,))],
    "signdet": [(lambda a: np.linalg.slogdet(a)[0] * a, (A,))],
    "pinv": [(np.linalg.pinv, (A[:2],))],
    **{name: [(lambda a, o=o: np.linalg.norm(a, o), (A[:2],))] for name, o in (
        ("spectral_norm", 2), ("smallest_singular_value", -2), ("nuclear_norm", "nuc"))},
}


@live
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.kinked and name not in MISSING])
def test_smooth_and_structural_rows_equal_tensorflow(name: str) -> None:
    for f, x in SMOOTH[name]:
        assert name in {i.op for i in sg.trace(f, *x).instructions} or name == "power"
        assert agrees(f, x, tolerance=1e-12), name


def replayable(count: int, kind: str) -> list[tuple[Any, np.ndarray]]:
    """Random programs on their kinks, without the median, which TensorFlow lacks."""
    found, seed = [], 0
    while len(found) < count:
        f, x = random_program(np.random.default_rng(seed), p=2, length=10, kind=kind)
        seed += 1
        if "median" not in {i.op for i in sg.trace(f, x).instructions}:
            found.append((f, x))
    return found


@live
@pytest.mark.parametrize("kind, tolerance", [("affine", 0.0), ("smooth", 1e-11)])
def test_random_programs_on_their_kinks_equal_tensorflow(kind: str, tolerance: float) -> None:
    programs = replayable(300, kind)
    assert all(agrees(f, (x,), tolerance=tolerance) for f, x in programs)
    # the same comparison goes red under another framework's ties (negative control)
    assert not all(agrees(f, (x,), "jax", tolerance) for f, x in programs[:60])


@live
def test_the_values_of_the_paper() -> None:
    expected = [0.0, 1.0, 0.5, 1.0, 0.0, 1.75]
    for (f, x), answer in zip(recorded.RECORDED, expected, strict=True):
        P = sg.trace(f, *x)
        assert tensorflow_value_and_derivative(P, *x)[1] == answer == sg.grad(f)(*x)


@live
def test_batches_and_nested_arguments() -> None:
    P = sg.trace(zero, 0.0)
    assert same(tensorflow_value_and_derivative(P, [[-1.0, 0.0, 1.0]]), (np.zeros((1, 3)), np.array([[0.0, 1.0, 0.0]])))
    P = sg.trace(lambda x, d: {"a": sg.relu(x), "b": (x @ x, d["z"])}, np.zeros(2), {"z": 1.0})
    for lead in [(), (3,)]:
        args = (np.ones((*lead, 2)), {"z": np.ones(lead)})
        value, derivative = tensorflow_value_and_derivative(P, *args)
        assert same(value, P(*args)) and same(derivative, sg.backward_mode(P, *args))


@live
def test_replay_runs_under_tf_function_and_checks_branches() -> None:
    tf = require_tensorflow()
    f = lambda t: t * t if t > 0 else -t
    replay = to_tensorflow(sg.trace(f, 2.0))
    assert float(tf.function(replay)(tf.constant(3.0))) == 9.0
    with pytest.raises(sg.BranchChanged):
        replay(-1.0)
    with pytest.raises(sg.NotElementary, match="median"):
        to_tensorflow(sg.trace(np.median, np.zeros(3)))
