"""Calls of JAX's primitives, each at its kinks and at ordinary points, for tests/test_from_jax.py."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

KINKS = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]
OFF = [-2.75, -0.25, 0.3, 1.75]
TIES = [[2.0, 1.0, 2.0], [1.0, 1.0, 1.0], [0.0, 3.0, 3.0]]
IMAGE = [[1.0, 1.0, 0.0, 2.0], [1.0, 0.0, 2.0, 2.0], [0.5, 0.5, -1.0, -1.0], [0.5, 0.25, -1.0, -2.0]]
PLUS, SMALL = [0.25, 1.0, 2.0, 5.0], [-0.75, -0.25, 0.25, 0.5]
A, B = [[1.0, -2.0, 0.5], [0.0, 3.0, 1.5]], [[1.0, 2.0, 0.5], [-1.0, 3.0, 0.0]]
MASK = np.array([[True, False, True], [False, False, True]])
AT = np.array([2, 0, 2], np.int32)
IMAGES = [[[[0.5 * ((3 * i + 5 * j + 7 * c + 2 * n) % 6) - 1 for i in range(4)] for j in range(4)] for c in range(4)]
          for n in range(2)]
KERNEL = [[[[0.5, -1.0], [0.25, 2.0]], [[1.0, 0.0], [-0.5, 1.5]]]] * 4


def one(f, *points):
    """A function, at each of these points (several operands: a tuple)."""
    return [(f, p if isinstance(p, tuple) else (p,)) for p in points]


def unary(*names, at=KINKS, home=lax):
    return {name: one(getattr(home, name), at) for name in names}


def pooled(reduce, start, dilation=1):  # JAX differentiates no dilated maximum
    def windows(x, padding, d):
        return lax.reduce_window(x, start, reduce, (2, 2), (1, 2), padding, window_dilation=(1, d))

    return [(lambda x, p=p, d=d: windows(x, p, d), (IMAGE,))
            for p, d in (("VALID", 1), ("SAME", 1), (((1, 1), (0, 1)), dilation))]


def conv(**params):
    return lambda x, w: lax.conv_general_dilated(x, w, **{"window_strides": (1, 1), "padding": "SAME",
                                                          "feature_group_count": 2, **params})


def whole_scan(x):
    end, seen = lax.scan(lambda c, a: (jnp.maximum(c * 0.5, a), c + a), jnp.zeros((), x.dtype), x)
    return end * seen


CASES = {
    **{name: one(getattr(lax, name), (A, B), ([1.0, 2.0], [1.0, 0.0])) for name in ("add", "sub", "mul", "max", "min")},
    "max": one(lax.max, (A, B)) + one(jnp.maximum, (KINKS, [0.0] * 8))
    + one(lambda x: lax.max(x, x.dtype.type(-np.inf)), KINKS),
    "min": one(lax.min, (A, B)) + one(lambda x: jnp.clip(x, -1.0, 1.0), KINKS) + one(jax.nn.celu, KINKS),
    "div": one(lax.div, (A, [[1.0, 2.0, -0.5], [1.0, 4.0, 2.0]])), "rem": one(lambda x: lax.rem(x, x * 0 + 2), OFF),
    "atan2": one(lax.atan2, (A, [[1.0, 2.0, 0.5], [1.0, 3.0, 0.25]])),
    "pow": one(lambda x: x**1.5 + 2.0**x, PLUS) + one(lax.pow, ([1.0, 2.0], [0.5, -1.5])),
    **unary("neg", "exp", "exp2", "expm1", "tanh", "logistic", "sin", "cos", "sinh", "cosh", "asinh", "atan", "erf",
            "erfc", "square", "abs"),
    **unary("log", "log1p", "sqrt", "rsqrt", "cbrt", at=PLUS), **unary("tan", "asin", "acos", "atanh", at=SMALL),
    "acosh": one(lax.acosh, [1.25, 2.0]),
    "integer_pow": one(lambda x: x**3 + lax.integer_pow(x, 2) + lax.integer_pow(x, 1), KINKS)
    + one(lambda x: lax.integer_pow(x, -2), PLUS),
    "sign": one(lambda x: lax.sign(x) * x, [-2.0, 0.0, 0.5]),
    "floor": one(lambda x: jnp.floor(x) * x, OFF), "ceil": one(lambda x: jnp.ceil(x) * x, OFF),
    "round": one(lambda x: jnp.round(x) * x, OFF),
    "clamp": one(lambda x: lax.clamp(x.dtype.type(-1), x, x.dtype.type(1)), KINKS)
    + one(lax.clamp, ([0.0, 1.0, 1.0], [0.0, 0.5, 3.0], [1.0, 2.0, 3.0])),
    **{name: one(lambda x, op=op: jnp.where(op(x, 0.5), x * x, -x), KINKS) for name, op in {
        "gt": jnp.greater, "ge": jnp.greater_equal, "lt": jnp.less, "le": jnp.less_equal, "eq": jnp.equal,
        "ne": jnp.not_equal}.items()},
    "and": one(lambda x: jnp.where((x > 0) & (x < 1), x * x, x), KINKS),
    "or": one(lambda x: jnp.where((x < 0) | (x > 1), x * x, x), KINKS),
    "xor": one(lambda x: jnp.where((x < 0) ^ (x < 1), x * x, x), KINKS),
    "not": one(lambda x: jnp.where(~(x > 0), x * x, x), KINKS),
    "is_finite": one(lambda x: jnp.where(jnp.isfinite(x), x * x, 0.0), KINKS),
    "select_n": one(jax.nn.leaky_relu, KINKS) + one(lambda x: jnp.where(MASK, x, 2.0 * x), A) + one(jax.nn.elu, KINKS),
    "convert_element_type": one(lambda x: (x > 0.5).astype(x.dtype) * x, KINKS),
    "reduce_precision": one(lambda x: lax.reduce_precision(x, 11, 52) * x, KINKS),
    "stop_gradient": one(lambda x: lax.stop_gradient(x) * x, KINKS),
    "copy": one(lambda x: jnp.array(x) * x, KINKS),
    "optimization_barrier": one(lambda x: lax.optimization_barrier((x, x))[1] * x, KINKS),
    "reduce_sum": one(jnp.sum, A) + one(lambda x: jnp.sum(x > 0) * x, A),
    "reduce_prod": one(lambda x: jnp.prod(x, 1), A),
    "reduce_max": one(jnp.max, TIES) + one(lambda x: jnp.max(x, 0), TIES),
    "reduce_min": one(jnp.min, TIES) + one(lambda x: jnp.min(x, 1), TIES),
    "reduce_and": one(lambda x: jnp.where(jnp.all(x > 0.75, axis=1), x[:, 0], -x[:, 1]), TIES),
    "reduce_or": one(lambda x: jnp.where(jnp.any(x > 2, axis=1), x[:, 0], -x[:, 1]), TIES),
    "argmax": one(lambda x: jax.nn.one_hot(jnp.argmax(x), 4) @ x, PLUS),
    "argmin": one(lambda x: x[jnp.argmin(x)] * x, PLUS),
    "cumsum": one(lambda x: lax.cumsum(x, 1, reverse=True) + jnp.cumsum(x, 0), A),
    "cumprod": one(lambda x: lax.cumprod(x, 1), A), "cumlogsumexp": one(lambda x: lax.cumlogsumexp(x, 1), A),
    "cummax": one(lambda x: lax.cummax(x, 1), TIES)
    + one(lambda x: lax.cummax(x, 0, reverse=True), [1.0, 1.0, 1.0, 0.0, 1.0]),
    "cummin": one(lambda x: lax.cummin(x, 1), TIES),
    "reduce_window_max": pooled(lax.max, -np.inf), "reduce_window_min": pooled(lax.min, np.inf),
    "reduce_window_sum": pooled(lax.add, 0.0, 2),
    "sort": one(jnp.sort, TIES) + one(lambda x: jnp.sort(x, descending=True), TIES) + one(jnp.median, TIES),
    "top_k": one(lambda x: lax.top_k(x, 2)[0], TIES),
    "dot_general": one(lambda a, b: a @ b.T, (A, B)) + one(lambda a, b: jnp.einsum("ij,ij->i", a, b), (A, B))
    + one(lambda a: a @ np.array([1.0, 2.0, 0.5], np.float32), A),
    "conv_general_dilated": one(conv(), (IMAGES, KERNEL)) + one(conv(window_strides=(2, 1), padding=((1, 0), (0, 2))),
                                                               (IMAGES, KERNEL))
    + one(conv(rhs_dilation=(2, 1), lhs_dilation=(1, 2), padding=((-1, 1), (1, 1))), (IMAGES, KERNEL))
    + one(lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")),
          (IMAGES, np.transpose(KERNEL, (2, 3, 0, 1))[:, :, :, :2].tolist())),
    "add_any": one(lambda x: jax.vjp(lambda t: t * t + jnp.sin(t), x)[1](jnp.ones_like(x))[0], KINKS),
}

MOVED = {
    "broadcast_in_dim": one(lambda x: x[:, None] * x, PLUS), "reshape": one(lambda x: x.reshape(3, 2) ** 2, A),
    "transpose": one(lambda x: x.T * 2, A), "squeeze": one(lambda x: jnp.squeeze(x[:1], 0), A),
    "slice": one(lambda x: x[1:, ::2], A), "rev": one(lambda x: x[::-1], A),
    "split": one(lambda x: jnp.split(x, 3, axis=1)[1] * 2, A), "tile": one(lambda x: jnp.tile(x, (2, 2)), A),
    "concatenate": one(lambda a, b: jnp.concatenate([a, b, jnp.ones((2, 1), a.dtype)], 1), (A, B)),
    "pad": one(lambda x: lax.pad(x, jnp.array(2.0, x.dtype), ((1, 0, 1), (0, -1, 0))), A),
    "gather": one(lambda x: x[AT], TIES) + one(lambda x: jnp.take_along_axis(x, AT[None], 1), A),
    "dynamic_slice": one(lambda x: lax.dynamic_slice(x, (1, 0), (1, 2)), A),
    "dynamic_update_slice": one(lambda x: lax.dynamic_update_slice(x, x[:1] * 2, (1, 0)), A),
    "scatter": one(lambda x: x.at[0].set(x[1] * 2), A), "scatter-add": one(lambda x: x.at[AT].add(x[::-1] * 2), TIES)
    + one(lambda x: x.at[0].add(3.0), A),
    "scatter-mul": one(lambda x: x.at[:, 1].multiply(x[:, 0], unique_indices=True), A)
    + one(lambda x: x.at[0].multiply(3.0), A),
}

@jax.custom_vjp
def passed(x):
    """2 |x|, with the derivative 1."""
    return 2.0 * jnp.abs(x)


passed.defvjp(lambda x: (passed(x), None), lambda kept, v: (v,))


@jax.custom_vjp
def halved(x, y):
    """max(x, 0) y, with half its derivative in x and none in y."""
    return jnp.maximum(x, 0) * y


halved.defvjp(lambda x, y: (halved(x, y), (x, y)),
              lambda kept, v: (jnp.where(kept[0] > 0, 0.5, 0) * kept[1] * v, 0 * v))


@jax.custom_jvp
def straight(x):
    """The sign, with the derivative 1 between -1 and 1: a straight-through estimator."""
    return jnp.where(x > 0, 1.0, -1.0).astype(x.dtype)


straight.defjvp(lambda x, d: (straight(x[0]), jnp.where(jnp.abs(x[0]) <= 1, d[0], 0)))


CONTROLLED = {
    "jit": one(jax.jit(lambda x: jnp.abs(x) * x), KINKS),
    "remat2": one(jax.checkpoint(lambda x: jnp.sin(jnp.abs(x))), KINKS),
    "custom_jvp_call": one(jax.nn.relu, KINKS) + one(jax.nn.relu6, KINKS) + one(jax.nn.softplus, KINKS),
    "custom_jvp_call of hard tanh and its like": one(jax.nn.hard_tanh, KINKS) + one(jax.nn.hard_sigmoid, KINKS)
    + one(jax.nn.hard_swish, KINKS) + one(jax.nn.selu, KINKS) + one(jax.nn.gelu, KINKS) + one(jax.nn.silu, KINKS)
    + one(jax.nn.softmax, A) + one(jax.nn.log_softmax, A) + one(jax.scipy.special.logsumexp, A)
    + one(jax.nn.soft_sign, KINKS) + one(jax.nn.log_sigmoid, KINKS) + one(jax.nn.squareplus, KINKS),
    "custom_vjp_call": one(lambda x: x * passed(jnp.ones_like(x)), KINKS) + one(lambda x: passed(x) * x, KINKS)
    + one(halved, ([1.0, 0.0, -1.0], [2.0, 0.0, 0.5])),
    "custom_jvp_call of others": one(straight, KINKS) + one(lambda x: jax.vmap(straight)(x[:, None]) * 2, KINKS)
    + one(jnp.sinc, KINKS) + one(jax.scipy.special.xlogy, (PLUS, PLUS))
    + one(lambda x: straight(jax.nn.relu(x)), KINKS),
    "scan": one(whole_scan, [1.0, 0.5, 0.25, 0.75]),
    "while": one(lambda x: lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, jnp.abs(c[1]) - 1.0), (0, x))[1],
                 KINKS),
    "cond": one(lambda x: lax.cond(jnp.sum(x) > 0, lambda y: y * y, lambda y: -y, x), KINKS, [-1.0, 1.0]),
}
