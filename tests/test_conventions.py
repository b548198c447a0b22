"""The tie conventions of our tables, measured on the live frameworks: every kinked row, every column.

At ties of two, of three and of all entries, with the arguments in both orders, in float64 and float32. (TensorFlow's
own replay is compared in test_tensorflow.py.) What a tie rule cannot say stands below, with the frameworks' answers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import selgrad as sg
from selgrad.primitives import ROWS

pytestmark = pytest.mark.frameworks

FRAMEWORKS = ("torch", "jax", "autograd", "tensorflow")
TIED = np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0], [0.0, -1.0, 0.0], [0.0, -0.0, -1.0]])
AT_0 = [(0.0,), (-0.0,)]
PAIRS = [(1.0, 1.0), (0.0, -0.0), (-0.0, 0.0)]
ROWS_OF_TIES = [(np.array(x),) for x in (
    [1.0, 2.0, 2.0], [2.0, 1.0, 2.0], [3.0, 3.0, 3.0], [2.0, 2.0, 1.0, 2.0], [0.0, -0.0, -1.0, 0.0], [5.0] * 5)]
CLIPPED = [(1.0, 1.0, 2.0), (2.0, 1.0, 2.0), (1.0, 1.0, 1.0), (0.0, -0.0, 0.0)]


class Case:
    """One program of ours, points on its kinks, and the same function in other frameworks.

    Each framework is given as a function of its module(s): torch, (jax, jax.numpy), autograd.numpy.
    """

    def __init__(self, row: str, ours: Callable, points: list[tuple], **theirs: Callable):
        self.row, self.ours, self.points, self.theirs = row, ours, points, theirs


def _window(jax: Any, x: Any, size: tuple[int, ...]) -> Any:
    return jax.lax.reduce_window(x, -np.inf, jax.lax.max, size, (1,) * len(size), "VALID")


def _tf(path: str) -> Callable:
    def found(tf: Any) -> Any:
        for part in path.split("."):
            tf = getattr(tf, part)
        return tf

    return found


def _swapped(f: Callable) -> Callable:
    return lambda a, b: f(b, a)


CASES = [
    Case("relu", sg.relu, AT_0, torch=lambda T: T.relu, jax=lambda J, n: J.nn.relu, tensorflow=_tf("nn.relu")),
    Case("leaky_relu", lambda t: sg.leaky_relu(t, 0.25), AT_0,
         torch=lambda T: lambda t: T.nn.functional.leaky_relu(t, 0.25),
         jax=lambda J, n: lambda t: J.nn.leaky_relu(t, 0.25), tensorflow=lambda F: lambda t: F.nn.leaky_relu(t, 0.25)),
    Case("relu6", sg.relu6, [(0.0,), (6.0,)], torch=lambda T: T.nn.functional.relu6, jax=lambda J, n: J.nn.relu6,
         tensorflow=_tf("nn.relu6")),
    Case("elu", lambda t: sg.elu(t, 0.5), AT_0,
         torch=lambda T: lambda t: T.nn.functional.elu(t, 0.5), jax=lambda J, n: lambda t: J.nn.elu(t, 0.5),
         tensorflow=lambda F: lambda t: F.keras.activations.elu(t, alpha=0.5)),
    Case("selu", sg.selu, AT_0, torch=lambda T: T.selu, jax=lambda J, n: J.nn.selu, tensorflow=_tf("nn.selu")),
    Case("hard_sigmoid", sg.hard_sigmoid, [(-3.0,), (3.0,)], torch=lambda T: T.nn.functional.hardsigmoid,
         jax=lambda J, n: J.nn.hard_sigmoid, tensorflow=_tf("keras.activations.hard_sigmoid")),
    Case("huber", lambda t: sg.huber(t, 2.0), [(-2.0,), (2.0,)],
         torch=lambda T: lambda t: T.nn.functional.huber_loss(t, T.zeros_like(t), reduction="none", delta=2.0),
         tensorflow=lambda F: lambda t: F.keras.losses.huber(F.zeros_like(t)[..., None], t[..., None], 2.0)),
    Case("hard_tanh", sg.hard_tanh, [(-1.0,), (1.0,)], torch=lambda T: T.nn.functional.hardtanh,
         jax=lambda J, n: J.nn.hard_tanh, tensorflow=_tf("keras.activations.hard_tanh")),
    Case("abs", np.abs, AT_0, torch=lambda T: T.abs, jax=lambda J, n: n.abs, autograd=lambda n: n.abs,
         tensorflow=_tf("abs")),
    *[Case(name, order(getattr(np, name)), PAIRS, torch=lambda T, o=order, f=name: o(getattr(T, f)),
           jax=lambda J, n, o=order, f=name: o(getattr(n, f)), autograd=lambda n, o=order, f=name: o(getattr(n, f)),
           tensorflow=lambda F, o=order, f=name: o(getattr(F, f)))
      for name in ("maximum", "minimum") for order in (lambda f: f, _swapped)],
    Case("clip_min", lambda t, low: np.clip(t, low, None), PAIRS, torch=lambda T: lambda t, low: T.clamp(t, min=low),
         jax=lambda J, n: lambda t, low: n.clip(t, low, None),
         tensorflow=lambda F: lambda t, low: F.clip_by_value(t, low, np.inf)),
    Case("clip_min", lambda t: np.clip(t, 0.0, None), AT_0, torch=lambda T: lambda t: T.clamp(t, min=0.0),
         jax=lambda J, n: lambda t: n.clip(t, 0.0, None), autograd=lambda n: lambda t: n.clip(t, 0.0, None),
         tensorflow=lambda F: lambda t: F.clip_by_value(t, 0.0, np.inf)),
    Case("clip_max", lambda t, high: np.clip(t, None, high), PAIRS,
         torch=lambda T: lambda t, high: T.clamp(t, max=high),
         jax=lambda J, n: lambda t, high: n.clip(t, None, high),
         tensorflow=lambda F: lambda t, high: F.clip_by_value(t, -np.inf, high)),
    Case("clip_max", lambda t: np.clip(t, None, 0.0), AT_0, torch=lambda T: lambda t: T.clamp(t, max=0.0),
         jax=lambda J, n: lambda t: n.clip(t, None, 0.0), autograd=lambda n: lambda t: n.clip(t, None, 0.0),
         tensorflow=lambda F: lambda t: F.clip_by_value(t, -np.inf, 0.0)),
    # JAX's clip is minimum(maximum(t, low), high): where low = high = t it shares its derivative 1/4, 1/4, 1/2
    Case("clip", np.clip, CLIPPED, torch=lambda T: T.clamp, jax=lambda J, n: n.clip, tensorflow=_tf("clip_by_value")),
    Case("clip", lambda t: np.clip(t, 1.0, 2.0), [(1.0,), (2.0,)], torch=lambda T: lambda t: T.clamp(t, 1.0, 2.0),
         jax=lambda J, n: lambda t: n.clip(t, 1.0, 2.0), autograd=lambda n: lambda t: n.clip(t, 1.0, 2.0),
         tensorflow=lambda F: lambda t: F.clip_by_value(t, 1.0, 2.0)),
    Case("clip", lambda t: np.clip(t, 1.0, 1.0), [(1.0,)], torch=lambda T: lambda t: T.clamp(t, 1.0, 1.0),
         jax=lambda J, n: lambda t: n.clip(t, 1.0, 1.0), autograd=lambda n: lambda t: n.clip(t, 1.0, 1.0),
         tensorflow=lambda F: lambda t: F.clip_by_value(t, 1.0, 1.0)),
    # torch.max(x, dim) is another operation, which picks one entry; amax is the reduction
    *[Case(name, lambda x, f=name: getattr(np, f)(x, axis=1), [(TIED,)],
           torch=lambda T, f=name: lambda x: getattr(T, "a" + f)(x, 1),
           jax=lambda J, n, f=name: lambda x: getattr(n, f)(x, axis=1),
           autograd=lambda n, f=name: lambda x: getattr(n, f)(x, axis=1),
           tensorflow=lambda F, f=name: lambda x: getattr(F, "reduce_" + f)(x, axis=1)) for name in ("max", "min")],
    *[Case(name, getattr(np, name), [(TIED,), *ROWS_OF_TIES], torch=lambda T, f=name: getattr(T, f),
           jax=lambda J, n, f=name: getattr(n, f), autograd=lambda n, f=name: getattr(n, f),
           tensorflow=lambda F, f=name: getattr(F, "reduce_" + f)) for name in ("max", "min")],
    # torch's median of an even number of entries is the lower middle, another function
    Case("median", np.median, [x for x in ROWS_OF_TIES if x[0].size % 2],
         torch=lambda T: T.median, jax=lambda J, n: n.median),
    Case("median", np.median, ROWS_OF_TIES, jax=lambda J, n: n.median),
    Case("sort", sg.sort, ROWS_OF_TIES, torch=lambda T: lambda x: T.sort(x, stable=True).values,
         jax=lambda J, n: n.sort, autograd=lambda n: n.sort, tensorflow=lambda F: F.sort),
    Case("sort", lambda x: sg.sort(x, descending=True), ROWS_OF_TIES,
         torch=lambda T: lambda x: T.sort(x, descending=True, stable=True).values,
         jax=lambda J, n: lambda x: n.sort(x, descending=True),
         tensorflow=lambda F: lambda x: F.sort(x, direction="DESCENDING")),
    Case("sort", lambda x: sg.top_k(x, 2), [x for x in ROWS_OF_TIES if x[0].all()],  # JAX puts -0.0 below 0.0 here
         torch=lambda T: lambda x: T.sort(x, descending=True, stable=True).values[:2],
         jax=lambda J, n: lambda x: J.lax.top_k(x, 2)[0], tensorflow=lambda F: lambda x: F.math.top_k(x, 2).values),
    Case("max_pool", lambda x: sg.max_pool(x, (2, 2), 1), [(TIED,), (np.zeros((3, 3)),)],
         torch=lambda T: lambda x: T.nn.functional.max_pool2d(x[None, None], 2, 1)[0, 0],
         jax=lambda J, n: lambda x: _window(J, x, (2, 2)),
         tensorflow=lambda F: lambda x: F.nn.max_pool2d(x[None, :, :, None], 2, 1, "VALID")[0, :, :, 0]),
    Case("where", lambda t, a, b: np.where(t > 0, a, b), [(0.0, 1.0, 2.0), (1.0, 1.0, 2.0), (0.0, 3.0, 3.0)],
         torch=lambda T: lambda t, a, b: T.where(t > 0, a, b), jax=lambda J, n: lambda t, a, b: n.where(t > 0, a, b),
         autograd=lambda n: lambda t, a, b: n.where(t > 0, a, b),
         tensorflow=lambda F: lambda t, a, b: F.where(t > 0, a, b)),
    Case("where", lambda x: np.where(x >= 0, 2.0 * x, -x), [(TIED[2],)],
         torch=lambda T: lambda x: T.where(x >= 0, 2.0 * x, -x),
         jax=lambda J, n: lambda x: n.where(x >= 0, 2.0 * x, -x),
         autograd=lambda n: lambda x: n.where(x >= 0, 2.0 * x, -x),
         tensorflow=lambda F: lambda x: F.where(x >= 0, 2.0 * x, -x)),
    *[Case("abs", lambda x, o=o: np.linalg.norm(x, o), points, torch=lambda T, o=o: lambda x: T.linalg.norm(x, o),
           jax=lambda J, n, o=o: lambda x: n.linalg.norm(x, o), tensorflow=lambda F, o=o: lambda x: F.norm(x, o))
      for o, points in ((1, [(TIED[2],), (np.zeros(3),)]), (np.inf, [(np.array([-2.0, 2.0, 2.0, 0.0]),)]))],
]


def in_torch(function: Callable, args: tuple, dtype: str) -> list[np.ndarray]:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    inputs = tuple(torch.tensor(a, dtype=getattr(torch, dtype)) for a in args)
    return [np.asarray(J) for J in torch.autograd.functional.jacobian(function(torch), inputs)]


def in_jax(function: Callable, args: tuple, dtype: str) -> list[np.ndarray]:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    arrays = [jax.numpy.asarray(a, dtype=dtype) for a in args]
    return [np.asarray(J) for J in jax.jacobian(function(jax, jax.numpy), tuple(range(len(args))))(*arrays)]


def in_autograd(function: Callable, args: tuple, dtype: str) -> list[np.ndarray]:
    autograd = pytest.importorskip("autograd", reason="autograd is not installed")
    numpy = pytest.importorskip("autograd.numpy", reason="autograd is not installed")
    xs = [np.asarray(a, dtype=dtype)[()] for a in args]
    with warnings.catch_warnings():
        # where(t > 0, a, b) hides t from autograd, which says so and answers zero
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        return [np.asarray(autograd.jacobian(function(numpy), i)(*xs)) for i in range(len(args))]


def in_tensorflow(function: Callable, args: tuple, dtype: str) -> list[np.ndarray]:
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    xs = [tf.constant(a, dtype) for a in args]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(xs)
        y = function(tf)(*xs)
    return [np.asarray(tape.jacobian(y, x, unconnected_gradients="zero", experimental_use_pfor=False)) for x in xs]


MEASURE = {"torch": in_torch, "jax": in_jax, "autograd": in_autograd, "tensorflow": in_tensorflow}


def differences(case: Case, framework: str, convention: str, dtype: str = "float64") -> Iterator[tuple[Any, ...]]:
    """Points where AD under a convention is not what the framework gives, with both answers."""
    for x in case.points:
        theirs = MEASURE[framework](case.theirs[framework], x, dtype)
        xs = [np.asarray(a, dtype)[()] for a in x]
        ours = sg.jacobian(case.ours, tuple(range(len(x))), convention=convention)(*xs)
        # to rounding: selu's constants differ in the last bit
        close = 1e-15 if dtype == "float64" else 1e-6
        if not all(np.allclose(a, b, rtol=close, atol=0.0) for a, b in zip(ours, theirs, strict=True)):
            yield x, ours, theirs


def cases(framework: str) -> list[Any]:
    found = [case for case in CASES if framework in case.theirs]
    return [pytest.param(case, id=f"{case.row}-{i}") for i, case in enumerate(found)]


FORMATS = pytest.mark.parametrize("dtype", ["float64", "float32"])


@FORMATS
@pytest.mark.parametrize("case", cases("torch"))
def test_torch(case: Case, dtype: str) -> None:
    assert not list(differences(case, "torch", "torch", dtype))


@FORMATS
@pytest.mark.parametrize("case", cases("jax"))
def test_jax(case: Case, dtype: str) -> None:
    assert not list(differences(case, "jax", "jax", dtype))


@FORMATS
@pytest.mark.parametrize("case", cases("autograd"))
def test_autograd(case: Case, dtype: str) -> None:
    assert not list(differences(case, "autograd", "autograd", dtype))


@FORMATS
@pytest.mark.parametrize("case", cases("tensorflow"))
def test_tensorflow(case: Case, dtype: str) -> None:
    assert not list(differences(case, "tensorflow", "tensorflow", dtype))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_comparison_sees_another_convention(framework: str) -> None:
    """Negative control: each framework breaks some tie unlike the paper, and that is seen."""
    found = [case.row for case in CASES if framework in case.theirs and list(differences(case, framework, "paper"))]
    assert "abs" in found and "max" in found


NONE_OF_ITS_OWN = {  # why a column says "-"; a name that is there none the less makes the test fail
    "autograd": {name: (f"numpy.{name}", "autograd has the functions of NumPy") for name in (
        "relu", "leaky_relu", "relu6", "elu", "selu", "huber", "hard_sigmoid", "hard_tanh", "max_pool")} | {
        "median": ("numpy.numpy_vspaces.median", "its median is NumPy's, without a derivative")},
    "jax": {"huber": ("nn.huber", "JAX leaves losses to other packages")},
    "tensorflow": {"median": ("math.median", "TensorFlow has none")},
}


def test_every_claim_of_the_tables_is_measured() -> None:
    assert set(FRAMEWORKS) == set(sg.CONVENTIONS) - {"paper"}, "a convention that no framework is asked about"
    for name, row in ROWS.items():
        if row.kinked:
            claimed = {c for c in FRAMEWORKS if row.ties[c] != "-"}  # type: ignore[attr-defined]
            measured = {framework for case in CASES if case.row == name for framework in case.theirs}
            assert claimed == measured, name
            assert set(FRAMEWORKS) - claimed == {f for f, names in NONE_OF_ITS_OWN.items() if name in names}, name


@pytest.mark.parametrize("framework", NONE_OF_ITS_OWN)
def test_a_framework_without_a_rule_has_no_such_function(framework: str) -> None:
    there = pytest.importorskip(framework, reason=f"{framework} is not installed")
    for path, _ in NONE_OF_ITS_OWN[framework].values():
        found = there
        for part in path.split("."):
            found = getattr(found, part, None)
        assert found is None, path


def test_autograds_median_has_no_derivative() -> None:
    numpy = pytest.importorskip("autograd.numpy", reason="autograd is not installed")
    with pytest.raises(NotImplementedError):
        in_autograd(lambda n: numpy.median, (np.ones(3),), "float64")


# What a tie rule here does not say: (framework, function of it, point, its answer, ours under that convention)
UNSAID: list[tuple[str, Callable, Callable, tuple, Any, Any]] = [
    # below equal bounds low and high tie as well: a kink that the two switching functions of clip do not see
    ("torch", lambda T: T.clamp, np.clip, (0.0, 1.0, 1.0), (0, 0, 0), (0, 1, 0)),
    ("jax", lambda J, n: n.clip, np.clip, (0.0, 1.0, 1.0), (0, 0.5, 0.5), (0, 1, 0)),
    # jnp's norm takes the maximum of the entries and 0; autograd's picks all entries of largest size, undivided
    ("jax", lambda J, n: lambda x: n.linalg.norm(x, np.inf), lambda x: np.linalg.norm(x, np.inf), (np.zeros(2),),
     ([0.25, 0.25],), ([0.5, 0.5],)),
    ("autograd", lambda n: lambda x: n.linalg.norm(x, np.inf), lambda x: np.linalg.norm(x, np.inf),
     (np.array([1.0, -1.0]),), ([1.0, -1.0],), ([0.5, -0.5],)),
    ("jax", lambda J, n: lambda x: J.lax.top_k(x, 2)[0], lambda x: sg.top_k(x, 2), (np.array([0.0, -0.0, 0.0]),),
     ([[1, 0, 0], [0, 0, 1]],), ([[1, 0, 0], [0, 1, 0]],)),
    # operations of torch's own, which pick one of the tied entries: the first, or by an order of no stability
    ("torch", lambda T: lambda x: T.max(x, 0).values, np.max, (np.ones(3),), ([1, 0, 0],), ([1 / 3] * 3,)),
    ("torch", lambda T: lambda x: T.median(x, 0).values, np.median, (np.ones(3),), ([0, 1, 0],), ([1 / 3] * 3,)),
    ("torch", lambda T: lambda x: T.kthvalue(x, 1).values, lambda x: sg.sort(x)[0], (np.ones(3),), ([0, 1, 0],),
     ([1, 0, 0],)),
    ("torch", lambda T: lambda x: T.topk(x, 2).values, lambda x: sg.top_k(x, 2), (np.array([2.0, 1.0, 2.0, 2.0]),),
     ([[0, 0, 1, 0], [0, 0, 0, 1]],), ([[1, 0, 0, 0], [0, 0, 1, 0]],)),
]


@pytest.mark.parametrize(("framework", "theirs", "ours", "x", "answer", "said"), UNSAID)
def test_what_a_tie_rule_cannot_say(
    framework: str, theirs: Callable, ours: Callable, x: tuple, answer: Any, said: Any
) -> None:
    measured = MEASURE[framework](theirs, x, "float64")
    assert all(np.allclose(a, b, rtol=1e-15, atol=0) for a, b in zip(measured, answer, strict=True)), measured
    derivative = sg.jacobian(ours, tuple(range(len(x))), convention=framework)(*x)
    assert all(np.allclose(a, b, rtol=1e-15, atol=0) for a, b in zip(derivative, said, strict=True))


def test_torchs_default_sort_keeps_ties_in_order_only_when_it_is_short() -> None:
    def ordered(n: int) -> bool:
        (J,) = in_torch(lambda T: lambda x: T.sort(x, descending=True).values, (np.ones(n),), "float64")
        return np.array_equal(J, np.eye(n))

    assert ordered(16) and not ordered(17)
