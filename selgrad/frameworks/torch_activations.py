"""PyTorch's activations in selgrad's rows, each with PyTorch's own rule at its kinks."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import Any

import numpy as np

from selgrad.frameworks.torch_ops import entry, where
from selgrad.primitives.kinked import SELU_ALPHA, SELU_SCALE


def relu(x: Any) -> Any:
    return entry("relu", x, rule="<")


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    return entry("leaky_relu", x, negative_slope=float(negative_slope), rule="<")


def prelu(x: Any, weight: Any) -> Any:
    """x where x > 0, w x elsewhere: at 0 the slope w."""
    if np.size(weight) > 1 and np.ndim(x) > 1:
        weight = np.reshape(weight, (-1, *(1,) * (np.ndim(x) - 2)))
    return where(x > 0, x, entry("multiply", np.reshape(weight, ()) if np.size(weight) == 1 else weight, x))


def rrelu(x: Any, lower: float = 0.125, upper: float = 1 / 3, training: bool = False, generator: Any = None) -> Any:
    if training and lower != upper:
        raise ValueError("it draws random numbers while training")
    return leaky_relu(x, (lower + upper) / 2)


def elu(x: Any, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Any:
    """At 0 the slope of the exponential side."""
    if input_scale != 1:
        raise ValueError(f"input_scale={input_scale} is used by no module")
    y = entry("elu", x, alpha=float(alpha), rule="<")
    return y if scale == 1 else entry("multiply", y, float(scale))


def selu(x: Any) -> Any:
    return entry("multiply", entry("elu", x, alpha=SELU_ALPHA, rule="<"), SELU_SCALE)


def celu(x: Any, alpha: float = 1.0) -> Any:
    return entry("multiply", entry("elu", entry("divide", x, float(alpha)), alpha=1.0, rule="<"), float(alpha))


def hardtanh(x: Any, min_val: float = -1, max_val: float = 1) -> Any:
    return entry("clip", x, float(min_val), float(max_val), rule="<>")


def hardsigmoid(x: Any) -> Any:
    return entry("hard_sigmoid", x, rule="<>")


def hardswish(x: Any) -> Any:
    return entry("multiply", x, hardsigmoid(x))


def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    return where(x > float(lambd), x, where(x < -float(lambd), x, 0.0))


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    above = relu(entry("subtract", x, float(lambd)))
    return entry("subtract", above, relu(entry("subtract", entry("negative", x), float(lambd))))


def threshold(x: Any, threshold: float, value: float) -> Any:
    return where(x > float(threshold), x, float(value))


def softplus(x: Any, beta: float = 1, threshold: float = 20) -> Any:
    """Beyond the threshold it is x itself: a step of the size exp(-threshold)."""
    bx = x if beta == 1 else entry("multiply", x, float(beta))
    y = entry("softplus", bx)
    return where(bx > float(threshold), x, y if beta == 1 else entry("divide", y, float(beta)))


def log_sigmoid(x: Any) -> Any:
    return entry("negative", entry("softplus", entry("negative", x)))


def silu(x: Any) -> Any:
    return entry("multiply", x, entry("sigmoid", x))


def mish(x: Any) -> Any:
    return entry("multiply", x, entry("tanh", entry("softplus", x)))


def gelu(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        inner = x + 0.044715 * entry("power", x, 3.0)
        return 0.5 * x * (1.0 + entry("tanh", sqrt(2 / pi) * inner))
    return 0.5 * x * (1.0 + entry("erf", x * sqrt(0.5)))


def glu(x: Any, dim: int = -1) -> Any:
    a, b = np.split(x, 2, axis=dim)
    return entry("multiply", a, entry("sigmoid", b))


ACTIVATIONS: dict[str, Callable] = {
    "relu": relu, "leaky_relu": leaky_relu, "prelu": prelu, "rrelu": rrelu, "elu": elu, "selu": selu, "celu": celu,
    "relu6": lambda x: entry("relu6", x, rule="<>"), "hardtanh": hardtanh, "hardsigmoid": hardsigmoid,
    "hardswish": hardswish, "hardshrink": hardshrink, "softshrink": softshrink, "threshold": threshold,
    "softplus": softplus, "log_sigmoid": log_sigmoid, "silu": silu, "mish": mish, "gelu": gelu, "glu": glu,
}
