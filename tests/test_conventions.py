"""The tie conventions of PyTorch, JAX and autograd in our tables, measured on the live frameworks.

(TensorFlow's column is measured in test_tensorflow.py.)
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

FRAMEWORKS = ("torch", "jax", "autograd")
TIED = np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0], [0.0, -1.0, 0.0], [0.0, -0.0, -1.0]])
AT_0 = [(0.0,), (-0.0,)]
PAIRS = [(1.0, 1.0), (0.0, -0.0)]
CLIPPED = [(1.0, 1.0, 2.0), (2.0, 1.0, 2.0), (1.0, 1.0, 1.0), (0.0, -0.0, 0.0)]


class Case:
    """One program of ours, points on its kinks, and the same function in other frameworks.

    Each framework is given as a function of its module(s): torch, (jax, jax.numpy), autograd.numpy.
    """

    def __init__(self, row: str, ours: Callable, points: list[tuple], **theirs: Callable):
        self.row, self.ours, self.points, self.theirs = row, ours, points, theirs


def _window(jax: Any, x: Any, size: tuple[int, ...]) -> Any:
    return jax.lax.reduce_window(x, -np.inf, jax.lax.max, size, (1,) * len(size), "VALID")


CASES = [
    Case("relu", sg.relu, AT_0, torch=lambda T: T.relu, jax=lambda J, n: J.nn.relu),
    Case("leaky_relu", lambda t: sg.leaky_relu(t, 0.25), AT_0,
         torch=lambda T: lambda t: T.nn.functional.leaky_relu(t, 0.25),
         jax=lambda J, n: lambda t: J.nn.leaky_relu(t, 0.25)),
    Case("relu6", sg.relu6, [(0.0,), (6.0,)], torch=lambda T: T.nn.functional.relu6, jax=lambda J, n: J.nn.relu6),
    Case("elu", lambda t: sg.elu(t, 0.5), AT_0,
         torch=lambda T: lambda t: T.nn.functional.elu(t, 0.5), jax=lambda J, n: lambda t: J.nn.elu(t, 0.5)),
    Case("selu", sg.selu, AT_0, torch=lambda T: T.selu, jax=lambda J, n: J.nn.selu),
    Case("hard_sigmoid", sg.hard_sigmoid, [(-3.0,), (3.0,)],
         torch=lambda T: T.nn.functional.hardsigmoid, jax=lambda J, n: J.nn.hard_sigmoid),
    Case("hard_tanh", sg.hard_tanh, [(-1.0,), (1.0,)],
         torch=lambda T: T.nn.functional.hardtanh, jax=lambda J, n: J.nn.hard_tanh),
    Case("abs", np.abs, AT_0, torch=lambda T: T.abs, jax=lambda J, n: n.abs, autograd=lambda n: n.abs),
    Case("maximum", np.maximum, PAIRS, torch=lambda T: T.maximum, jax=lambda J, n: n.maximum,
         autograd=lambda n: n.maximum),
    Case("minimum", np.minimum, PAIRS, torch=lambda T: T.minimum, jax=lambda J, n: n.minimum,
         autograd=lambda n: n.minimum),
    Case("clip_min", lambda t, low: np.clip(t, low, None), PAIRS, torch=lambda T: lambda t, low: T.clamp(t, min=low),
         jax=lambda J, n: lambda t, low: n.clip(t, low, None)),
    Case("clip_min", lambda t: np.clip(t, 0.0, None), AT_0, torch=lambda T: lambda t: T.clamp(t, min=0.0),
         jax=lambda J, n: lambda t: n.clip(t, 0.0, None), autograd=lambda n: lambda t: n.clip(t, 0.0, None)),
    Case("clip_max", lambda t, high: np.clip(t, None, high), PAIRS,
         torch=lambda T: lambda t, high: T.clamp(t, max=high),
         jax=lambda J, n: lambda t, high: n.clip(t, None, high)),
    Case("clip_max", lambda t: np.clip(t, None, 0.0), AT_0, torch=lambda T: lambda t: T.clamp(t, max=0.0),
         jax=lambda J, n: lambda t: n.clip(t, None, 0.0), autograd=lambda n: lambda t: n.clip(t, None, 0.0)),
    # JAX's clip is minimum(maximum(t, low), high): where low = high = t it shares its derivative 1/4, 1/4, 1/2
    Case("clip", np.clip, CLIPPED, torch=lambda T: T.clamp, jax=lambda J, n: n.clip),
    Case("clip", lambda t: np.clip(t, 1.0, 2.0), [(1.0,), (2.0,)], torch=lambda T: lambda t: T.clamp(t, 1.0, 2.0),
         jax=lambda J, n: lambda t: n.clip(t, 1.0, 2.0), autograd=lambda n: lambda t: n.clip(t, 1.0, 2.0)),
    # torch.max(x, dim) is another operation, which picks one entry; amax is the reduction
    Case("max", lambda x: np.max(x, axis=1), [(TIED,)], torch=lambda T: lambda x: T.amax(x, 1),
         jax=lambda J, n: lambda x: n.max(x, axis=1), autograd=lambda n: lambda x: n.max(x, axis=1)),
    Case("max", np.max, [(TIED,)], torch=lambda T: T.max, jax=lambda J, n: n.max, autograd=lambda n: n.max),
    Case("min", lambda x: np.min(x, axis=1), [(TIED,)], torch=lambda T: lambda x: T.amin(x, 1),
         jax=lambda J, n: lambda x: n.min(x, axis=1), autograd=lambda n: lambda x: n.min(x, axis=1)),
    Case("min", np.min, [(TIED,)], torch=lambda T: T.min, jax=lambda J, n: n.min, autograd=lambda n: n.min),
    Case("median", np.median, [(row,) for row in np.array([[1.0, 1.0, 2.0], [2.0, 1.0, 2.0], [3.0, 3.0, 3.0]])],
         torch=lambda T: T.median, jax=lambda J, n: n.median),
    Case("sort", sg.sort, [(TIED[0],), (TIED[1],), (TIED[2],)],
         torch=lambda T: lambda x: T.sort(x).values, jax=lambda J, n: n.sort, autograd=lambda n: n.sort),
    Case("sort", lambda x: sg.top_k(x, 2), [(TIED[0],), (TIED[1],), (TIED[2],)],
         torch=lambda T: lambda x: T.sort(x, descending=True, stable=True).values[:2],
         jax=lambda J, n: lambda x: J.lax.top_k(x, 2)[0]),
    Case("max_pool", lambda x: sg.max_pool(x, (2, 2), 1), [(TIED,)],
         torch=lambda T: lambda x: T.nn.functional.max_pool2d(x[None, None], 2, 1)[0, 0],
         jax=lambda J, n: lambda x: _window(J, x, (2, 2))),
    Case("where", lambda t, a, b: np.where(t > 0, a, b), [(0.0, 1.0, 2.0), (1.0, 1.0, 2.0)],
         torch=lambda T: lambda t, a, b: T.where(t > 0, a, b), jax=lambda J, n: lambda t, a, b: n.where(t > 0, a, b),
         autograd=lambda n: lambda t, a, b: n.where(t > 0, a, b)),
    Case("where", lambda x: np.where(x >= 0, 2.0 * x, -x), [(TIED[2],)],
         torch=lambda T: lambda x: T.where(x >= 0, 2.0 * x, -x),
         jax=lambda J, n: lambda x: n.where(x >= 0, 2.0 * x, -x),
         autograd=lambda n: lambda x: n.where(x >= 0, 2.0 * x, -x)),
]


def in_torch(function: Callable, args: tuple) -> list[np.ndarray]:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    inputs = tuple(torch.tensor(a, dtype=torch.float64) for a in args)
    return [np.asarray(J) for J in torch.autograd.functional.jacobian(function(torch), inputs)]


def in_jax(function: Callable, args: tuple) -> list[np.ndarray]:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jax.config.update("jax_enable_x64", True)
    arrays = [jax.numpy.asarray(a, dtype=float) for a in args]
    return [np.asarray(J) for J in jax.jacobian(function(jax, jax.numpy), tuple(range(len(args))))(*arrays)]


def in_autograd(function: Callable, args: tuple) -> list[np.ndarray]:
    autograd = pytest.importorskip("autograd", reason="autograd is not installed")
    numpy = pytest.importorskip("autograd.numpy", reason="autograd is not installed")
    with warnings.catch_warnings():
        # where(t > 0, a, b) hides t from autograd, which says so and answers zero
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        return [np.asarray(autograd.jacobian(function(numpy), i)(*args)) for i in range(len(args))]


MEASURE = {"torch": in_torch, "jax": in_jax, "autograd": in_autograd}


def differences(case: Case, framework: str, convention: str) -> Iterator[tuple[Any, ...]]:
    """Points where AD under a convention is not what the framework gives, with both answers."""
    for x in case.points:
        theirs = MEASURE[framework](case.theirs[framework], x)
        ours = sg.jacobian(case.ours, tuple(range(len(x))), convention=convention)(*x)
        # to rounding: selu's constants differ in the last bit
        if not all(np.allclose(a, b, rtol=1e-15, atol=0.0) for a, b in zip(ours, theirs, strict=True)):
            yield x, ours, theirs


def cases(framework: str) -> list[Any]:
    found = [case for case in CASES if framework in case.theirs]
    return [pytest.param(case, id=f"{case.row}-{i}") for i, case in enumerate(found)]


@pytest.mark.parametrize("case", cases("torch"))
def test_torch(case: Case) -> None:
    assert not list(differences(case, "torch", "torch"))


@pytest.mark.parametrize("case", cases("jax"))
def test_jax(case: Case) -> None:
    assert not list(differences(case, "jax", "jax"))


@pytest.mark.parametrize("case", cases("autograd"))
def test_autograd(case: Case) -> None:
    assert not list(differences(case, "autograd", "autograd"))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_comparison_sees_another_convention(framework: str) -> None:
    """Negative control: each framework breaks some tie unlike the paper, and that is seen."""
    found = [case.row for case in CASES if framework in case.theirs and list(differences(case, framework, "paper"))]
    assert "maximum" in found and "max" in found


def test_every_claim_of_the_tables_is_measured() -> None:
    for name, row in ROWS.items():
        if row.kinked:
            claimed = {c for c in FRAMEWORKS if row.ties[c] != "-"}  # type: ignore[attr-defined]
            measured = {framework for case in CASES if case.row == name for framework in case.theirs}
            assert claimed <= measured, name
            assert measured, name
