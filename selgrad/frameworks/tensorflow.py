"""Replay a Program in TensorFlow and ask its GradientTape for the derivative.

Each instruction becomes the TensorFlow function of that name, not a formula of ours: at a kink
the answer is TensorFlow's own. Everything runs in float64, as selgrad does.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import NotElementary
from selgrad.frameworks import require_tensorflow
from selgrad.primitives import RELATIONS
from selgrad.programs.arguments import bind
from selgrad.programs.evaluate import check_guard
from selgrad.programs.program import Program
from selgrad.programs.program_data import Instruction
from selgrad.programs.trees import Branch, flatten_like, unflatten


def _matmul(tf: Any, a: Any, b: Any, vectors: tuple[bool, bool]) -> Any:
    a = a[..., None, :] if vectors[0] else a
    b = b[..., :, None] if vectors[1] else b
    lost = [axis for axis, vector in zip((-2, -1), vectors, strict=True) if vector]
    return tf.squeeze(tf.matmul(a, b), axis=lost) if lost else tf.matmul(a, b)


def _max_pool(tf: Any, x: Any, core: tuple, window: tuple, strides: tuple) -> Any:
    # tf.nn.max_pool wants (batch, pooled axes, channel)
    kept = core[: len(core) - len(window)]
    images = tf.reshape(x, (prod(kept), *core[len(kept) :], 1))
    if len(window) > 2:
        raise NotElementary(f"TensorFlow pools float64 over at most 2 axes, not {len(window)}.")
    y = tf.nn.max_pool(images, window, strides, "VALID")
    return tf.reshape(y, kept + tuple(y.shape[1:-1]))


def _conv(tf: Any, x: Any, w: Any, strides: tuple, padding: tuple, dilation: tuple, groups: int) -> Any:
    if max(strides) > 1 and max(dilation) > 1:
        raise NotElementary("TensorFlow convolves with strides or with dilation, not with both.")
    k = len(strides)
    last, first = (0, *range(2, k + 2), 1), (0, k + 1, *range(1, k + 1))  # it wants channels in last place
    images = tf.split(tf.transpose(tf.pad(x, ((0, 0), (0, 0), *padding)), last), groups, axis=-1)
    filters = tf.split(tf.transpose(w, (*range(2, k + 2), 1, 0)), groups, axis=-1)
    parts = [tf.nn.convolution(a, b, strides, "VALID", dilations=dilation)
             for a, b in zip(images, filters, strict=True)]
    return tf.transpose(tf.concat(parts, -1), first)


def _sort(tf: Any, x: Any, axis: int, descending: bool) -> Any:
    return tf.sort(x, axis=axis, direction="DESCENDING" if descending else "ASCENDING")


def _reduce(name: str) -> Callable:
    return lambda tf, x, axis, keepdims=False: getattr(tf, name)(x, axis=axis, keepdims=keepdims)


def _call(path: str) -> Callable:
    """The TensorFlow function of this name, called on the operands (and parameters) as they are."""

    def call(tf: Any, *xs: Any, **params: Any) -> Any:
        function = tf
        for part in path.split("."):
            function = getattr(function, part)
        return function(*xs, **params)

    return call


def _mirrored(tf: Any, a: Any) -> Any:
    """The symmetric matrix of the lower triangle, which is what NumPy reads."""
    lower = tf.linalg.band_part(a, -1, 0)
    return lower + tf.linalg.matrix_transpose(lower - tf.linalg.band_part(a, 0, 0))


OPS: dict[str, Callable] = {
    # smooth
    "add": _call("add"),
    "subtract": _call("subtract"),
    "multiply": _call("multiply"),
    "divide": _call("divide"),
    "negative": _call("negative"),
    "reciprocal": _call("math.reciprocal"),
    "square": _call("square"),
    "power": _call("pow"),
    "sqrt": _call("sqrt"),
    "rsqrt": _call("math.rsqrt"),
    "exp": _call("exp"),
    "expm1": _call("math.expm1"),
    "log": _call("math.log"),
    "log1p": _call("math.log1p"),
    "tanh": _call("tanh"),
    "sigmoid": _call("sigmoid"),
    "softplus": _call("nn.softplus"),
    "sin": _call("sin"),
    "cos": _call("cos"),
    **{name: _call(f"math.{name.replace('arc', 'a')}") for name in (
        "sinh", "cosh", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "arctan2")},
    "hypot": _call("experimental.numpy.hypot"),
    "log2": lambda tf, x: tf.math.log(x) / tf.constant(np.log(2.0), x.dtype),
    "log10": lambda tf, x: tf.math.log(x) / tf.constant(np.log(10.0), x.dtype),
    "sum": _reduce("reduce_sum"),
    "mean": _reduce("reduce_mean"),
    "prod": _reduce("reduce_prod"),
    "logsumexp": _reduce("reduce_logsumexp"),
    "softmax": _call("nn.softmax"),
    "matmul": _matmul,
    "einsum": lambda tf, *xs, terms, out: tf.einsum(f"{','.join(terms)}->{out}", *xs),
    "conv": _conv,
    "exp2": lambda tf, x: tf.pow(tf.constant(2.0, x.dtype), x),  # TensorFlow has no exp2 and no cbrt
    "cbrt": lambda tf, x: tf.sign(x) * tf.pow(tf.abs(x), 1.0 / 3.0),
    "tan": _call("tan"),
    "erf": _call("math.erf"),
    # kinked
    "relu": _call("nn.relu"),
    # TensorFlow keeps this slope in float32: 0.01 becomes 0.0099999998, while 0.25 stays what it is
    "leaky_relu": lambda tf, t, negative_slope: tf.nn.leaky_relu(t, alpha=negative_slope),
    "relu6": _call("nn.relu6"),
    "elu": lambda tf, t, alpha: tf.nn.elu(t) if alpha == 1.0 else tf.keras.activations.elu(t, alpha=alpha),
    "selu": _call("nn.selu"),
    "hard_sigmoid": _call("keras.activations.hard_sigmoid"),
    "huber": lambda tf, t, delta: tf.keras.losses.huber(tf.zeros_like(t)[..., None], t[..., None], delta),
    "hard_tanh": _call("keras.activations.hard_tanh"),
    "abs": _call("abs"),
    "maximum": _call("maximum"),
    "minimum": _call("minimum"),
    "clip_min": lambda tf, t, low: tf.clip_by_value(t, low, np.inf),
    "clip_max": lambda tf, t, high: tf.clip_by_value(t, -np.inf, high),
    "clip": _call("clip_by_value"),
    "max": _reduce("reduce_max"),
    "min": _reduce("reduce_min"),
    "sort": _sort,
    "max_pool": _max_pool,
    "where": lambda tf, z, a, b, relation: tf.where(getattr(tf, RELATIONS[relation].__name__)(z, 0.0), a, b),
    # structural
    "reshape": lambda tf, x, core, shape: tf.reshape(x, shape),
    "transpose": lambda tf, x, axes: tf.transpose(x, axes),
    "broadcast": lambda tf, x, core, shape: tf.broadcast_to(x, shape),
    "slice": lambda tf, x, core, key: x[key],
    "gather": lambda tf, x, core, at: tf.gather(tf.reshape(x, (-1,)), at),
    "stop": lambda tf, x: tf.stop_gradient(x),
    "scatter": lambda tf, v, core, at: tf.reshape(
        tf.math.unsorted_segment_sum(tf.reshape(v, (-1,)), at.reshape(-1), int(np.prod(core))), core),
    "cumsum": _call("cumsum"),
    "concatenate": lambda tf, *xs, axis, cores: tf.concat(xs, axis=axis),
    "pad": lambda tf, x, widths, fill: tf.pad(x, widths, constant_values=fill),
    # linear algebra
    "solve": _call("linalg.solve"),
    "inv": _call("linalg.inv"),
    "det": _call("linalg.det"),
    "logabsdet": lambda tf, a: tf.linalg.slogdet(a)[1],
    "signdet": lambda tf, a: tf.stop_gradient(tf.linalg.slogdet(a)[0]),
    "pinv": _call("linalg.pinv"),
    "cholesky": lambda tf, a: tf.linalg.cholesky(_mirrored(tf, a)),
    "spectral_norm": lambda tf, a: tf.linalg.svd(a, compute_uv=False)[..., 0],
    "smallest_singular_value": lambda tf, a: tf.linalg.svd(a, compute_uv=False)[..., -1],
    "nuclear_norm": lambda tf, a: tf.reduce_sum(tf.linalg.svd(a, compute_uv=False), axis=-1),
    "constant": lambda tf, x, value: tf.constant(value, tf.float64),
}

MISSING = {
    "median": "TensorFlow has no median; sort the values and pick the middle one instead",
    "eigh": "TensorFlow chooses the signs of eigenvectors in its own way",
    "svd": "TensorFlow chooses the signs of singular vectors in its own way",
}


def _function(instruction: Instruction, k: int) -> Callable:
    if instruction.op in OPS:
        return OPS[instruction.op]
    why = MISSING.get(instruction.op, "TensorFlow has no such operation")
    raise NotElementary(f"x{k} = {instruction.op}(...) cannot be replayed in TensorFlow: {why}.")


def _replay(tf: Any, P: Program, leaves: list[Any]) -> list[Any]:
    """All nodes of P as tensors; a recorded branch that would flip raises BranchChanged."""
    x = list(leaves)
    for k, instruction in P.lines():
        operands = [x[o] if instruction.is_node(i) else tf.constant(o, tf.float64)
                    for i, o in enumerate(instruction.operands)]
        x.append(_function(instruction, k)(tf, *operands, **instruction.params))
    if tf.executing_eagerly():
        for guard in P.guards:
            check_guard(guard, x[guard.node].numpy())
    return x


def to_tensorflow(P: Program) -> Callable:
    """A TensorFlow function that replays P, instruction by instruction, in float64.

    Its arguments are nested as those of P and have the core shapes P was traced on (no batch
    axes); it returns tensors nested as P's output, and works under tf.GradientTape and
    tf.function (where a recorded Python branch is not checked; eagerly, BranchChanged is raised).
    Raises NotElementary for an instruction TensorFlow lacks (median), FrameworkMissing without
    TensorFlow. Source: Algorithm 1, with TensorFlow's functions for g_k.
    """
    tf = require_tensorflow()
    for k, instruction in P.lines():
        _function(instruction, k)

    def run(*args: Any) -> Any:
        leaves = [tf.cast(leaf, tf.float64) for leaf in flatten_like(P.in_tree, args)]
        x = _replay(tf, P, leaves)
        return unflatten(P.out_tree, [x[k] for k in P.outputs])

    run.__name__ = P.name
    # AutoGraph rewrites Python branches on tensors; a program has none left
    return tf.autograph.experimental.do_not_convert(run)


def _pointwise(P: Program) -> bool:
    """Does every instruction act on scalars? Then a batch is one elementwise computation."""
    simple = all(i.row.elementwise for i in P.instructions)
    return simple and all(shape == () for shape in P.shapes)


def _ask(P: Program, arrays: list[Any]) -> tuple[list[Any], list[list[Any]]]:
    """Values of the outputs, and blocks[o][i] of shape output + input, at arrays of core shape.

    The arrays may be longer than the core shapes when P is pointwise: then blocks[o][i] holds the
    derivative at every point, since the gradient of a sum over points keeps them apart.
    """
    tf = require_tensorflow()
    inputs = [tf.constant(a, tf.float64) for a in arrays]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        x = _replay(tf, P, inputs)
    blocks = []
    for k in P.outputs:
        shape = P.shapes[k]
        pointwise = tuple(x[k].shape) != shape
        seeds = [np.ones(x[k].shape)] if pointwise else np.eye(prod(shape)).reshape(-1, *shape)
        # TensorFlow answers None where no path leads from the input to the output: that is zero
        lines = [tape.gradient(x[k], inputs, tf.constant(e), unconnected_gradients="zero") for e in seeds]
        blocks.append([
            np.array([line[i].numpy() for line in lines]).reshape(shape + a.shape) for i, a in enumerate(arrays)
        ])
    return [x[k].numpy() for k in P.outputs], blocks


def tensorflow_value_and_derivative(P: Program, *args: Any) -> tuple[Any, Any]:
    """(value, derivative) of P at a point, as TensorFlow's GradientTape gives them, as NumPy arrays.

    The derivative has the nesting and the shapes of `backward_mode(P, *args)`: batch + output
    core + input core. Where the tape answers None (no path from an input to the output) it is
    zero. Leading batch axes are taken point by point. Raises what `to_tensorflow` raises, and
    InputError, ShapeError or BranchChanged as `P` does; like TensorFlow, it does not refuse a
    point outside the domain (log of 0) but returns infinities.
    """
    arrays, batch = bind(P, args)
    arrays = [np.broadcast_to(a, batch + s).astype(float) for a, s in zip(arrays, P.input_shapes, strict=True)]
    if not batch or _pointwise(P):
        values, blocks = _ask(P, arrays)
        values = [np.broadcast_to(v, batch + P.shapes[k]) for k, v in zip(P.outputs, values, strict=True)]
    else:
        points = [_ask(P, [a[at] for a in arrays]) for at in np.ndindex(batch)]
        outs, ins = range(len(P.outputs)), range(len(arrays))

        def whole(parts: list[Any]) -> np.ndarray:
            return np.array(parts).reshape(batch + np.shape(parts[0]))

        values = [whole([v[o] for v, _ in points]) for o in outs]
        blocks = [[whole([b[o][i] for _, b in points]) for i in ins] for o in outs]
    trees = [unflatten(P.in_tree, [np.array(b)[()] for b in row]) for row in blocks]
    assert isinstance(P.in_tree, Branch)
    if len(P.in_tree.children) == 1:
        trees = [tree[0] for tree in trees]
    return unflatten(P.out_tree, [np.array(v)[()] for v in values]), unflatten(P.out_tree, trees)
