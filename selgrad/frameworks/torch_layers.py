"""PyTorch's layers and losses as compositions of selgrad's rows."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from selgrad.frameworks.torch_activations import log_sigmoid
from selgrad.frameworks.torch_ops import (
    axes,
    clamp_min,
    entry,
    log_softmax,
    masked_fill,
    number,
    reduced,
    softmax,
    variance,
    where,
)
from selgrad.frameworks.torch_order import per_axis
from selgrad.tracing.recorder import Traced, record


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    y = np.matmul(x, np.swapaxes(weight, -1, -2) if np.ndim(weight) > 1 else weight)
    return y if bias is None else y + bias


def addmm(c: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    y = np.matmul(a, b)
    y = y if alpha == 1 else y * float(alpha)
    return y + (c if beta == 1 else c * float(beta))


def einsum(equation: str, operands: Any, path: Any = None) -> Any:
    return np.einsum(equation.replace(" ", ""), *operands)


def dropout(x: Any, p: float, train: bool) -> Any:
    if train and p:
        raise ValueError("it draws random numbers while training: module.eval() switches it off")
    return x


# normalisation

def over_spread(x: Any, over: tuple[int, ...], eps: float) -> Any:
    """x less its mean over some axes, over the root of its variance there."""
    centred = x - record("mean", x, axis=over, keepdims=True)
    spread = record("mean", entry("square", centred), axis=over, keepdims=True)
    return centred / entry("sqrt", spread + float(eps))


def channels(a: Any, ndim: int) -> Any:
    return np.reshape(a, (-1, *(1,) * (ndim - 2)))


def affine(y: Any, weight: Any, bias: Any) -> Any:
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def batch_norm(x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float,
               eps: float, cudnn_enabled: bool = False) -> Any:
    n = np.ndim(x)
    if training:
        y = over_spread(x, axes((0, *range(2, n)), n), eps)
    else:
        y = (x - channels(running_mean, n)) / entry_sqrt(channels(running_var, n) + float(eps))
    return affine(y, *(a if a is None else channels(a, n) for a in (weight, bias)))


def entry_sqrt(a: Any) -> Any:
    return entry("sqrt", a) if isinstance(a, Traced) else np.sqrt(a)


def layer_norm(x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5,
               cudnn_enable: bool = True) -> Any:
    return affine(over_spread(x, tuple(range(-len(normalized_shape), 0)), eps), weight, bias)


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5,
               cudnn_enabled: bool = True) -> Any:
    shape = np.shape(x)
    y = np.reshape(over_spread(np.reshape(x, (shape[0], num_groups, -1)), (-1,), eps), shape)
    return affine(y, *(a if a is None else channels(a, len(shape)) for a in (weight, bias)))


def instance_norm(x: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool,
                  momentum: float, eps: float, cudnn_enabled: bool) -> Any:
    n = np.ndim(x)
    if not use_input_stats:
        return batch_norm(x, weight, bias, running_mean, running_var, False, momentum, eps)
    y = over_spread(x, tuple(range(2 - n, 0)), eps)
    return affine(y, *(a if a is None else channels(a, n) for a in (weight, bias)))


def rms_norm(x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    over = tuple(range(-len(normalized_shape), 0))
    eps = float(np.finfo(x.dtype).eps) if eps is None else float(eps)
    return affine(x / entry("sqrt", record("mean", entry("square", x), axis=over, keepdims=True) + eps), weight, None)


# attention

def attention(query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
              is_causal: bool = False, *, scale: float | None = None, enable_gqa: bool = False) -> Any:
    if dropout_p:
        raise ValueError("its dropout draws random numbers")
    if enable_gqa:
        raise ValueError("enable_gqa is not known here")
    factor = 1.0 / sqrt(np.shape(query)[-1]) if scale is None else float(scale)
    scores = np.matmul(query * factor, np.swapaxes(key, -1, -2))
    if is_causal:
        attn_mask = np.tri(*np.shape(scores)[-2:], dtype=bool)
    if isinstance(attn_mask, np.ndarray) and attn_mask.dtype == bool:
        scores = masked_fill(scores, ~attn_mask, -np.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    return np.matmul(softmax(scores, -1), value)


# convolution

def convolution(k: int) -> Callable:
    def rule(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
             groups: int = 1) -> Any:
        alone = np.ndim(x) == k + 1
        x = np.reshape(x, (1, *np.shape(x))) if alone else x
        kernel = list(np.shape(weight)[2:])
        stride, dilation = per_axis(stride, k), per_axis(dilation, k)
        if isinstance(padding, str):
            total = [d * (w - 1) if padding == "same" else 0 for d, w in zip(dilation, kernel, strict=True)]
            pads = [(t // 2, t - t // 2) for t in total]
        else:
            pads = [(p, p) for p in per_axis(padding, k)]
        y = record("conv", x, weight, strides=tuple(stride), padding=tuple(pads), dilation=tuple(dilation),
                   groups=groups)
        y = y if bias is None else y + channels(bias, k + 2)
        return np.reshape(y, np.shape(y)[1:]) if alone else y

    return rule


# losses

def finished(loss: Any, reduction: int = 1) -> Any:
    """0: every entry, 1: their mean, 2: their sum."""
    over = tuple(range(-np.ndim(loss), 0))
    if reduction == 0 or not over:
        return loss
    return record("mean" if reduction == 1 else "sum", loss, axis=over, keepdims=False)


def mse_loss(x: Any, target: Any, reduction: int = 1) -> Any:
    return finished(entry("square", x - target), reduction)


def l1_loss(x: Any, target: Any, reduction: int = 1) -> Any:
    return finished(entry("abs", x - target, rule="="), reduction)


def huber_loss(x: Any, target: Any, reduction: int = 1, delta: float = 1.0) -> Any:
    return finished(entry("huber", x - target, delta=float(delta), rule="<>"), reduction)


def smooth_l1_loss(x: Any, target: Any, reduction: int = 1, beta: float = 1.0) -> Any:
    return finished(entry("huber", x - target, delta=float(beta), rule="<>") / float(beta), reduction)


def nll_loss(logp: Any, target: Any, weight: Any = None, reduction: int = 1, ignore_index: int = -100) -> Any:
    """Minus the entries that the targets name, along axis 1 (of a vector, its one axis)."""
    target = np.asarray(target)
    axis = 1 if np.ndim(logp) > 1 else 0
    kept = target != ignore_index
    index = np.expand_dims(np.where(kept, target, 0), axis)
    picked = np.squeeze(np.take_along_axis(logp, index, axis), axis=axis)
    each = kept.astype(logp.dtype)
    if weight is not None:
        each = each * np.asarray(weight)[np.where(kept, target, 0)]
    loss = entry("negative", picked) if np.all(each == 1.0) else entry("multiply", picked, -each)
    return loss if reduction == 0 else finished(loss, 2) / (float(np.sum(each)) if reduction == 1 else 1.0)


def cross_entropy_loss(x: Any, target: Any, weight: Any = None, reduction: int = 1, ignore_index: int = -100,
                       label_smoothing: float = 0.0) -> Any:
    logp = log_softmax(x, 1 if np.ndim(x) > 1 else 0)
    if isinstance(target, Traced) or np.asarray(target).dtype.kind == "f":
        if weight is not None or label_smoothing:
            raise ValueError("weights or smoothing of targets that are probabilities")
        loss = record("sum", logp * target, axis=axes(1 if np.ndim(x) > 1 else 0, np.ndim(x)), keepdims=False)
        loss = entry("negative", loss)
        return finished(loss, reduction)
    loss = nll_loss(logp, target, weight, reduction, ignore_index)
    if not label_smoothing:
        return loss
    if weight is not None or np.any(np.asarray(target) == ignore_index):
        raise ValueError("smoothing of labels with weights, or with labels left out")
    even = record("mean", logp, axis=axes(1 if np.ndim(x) > 1 else 0, np.ndim(x)), keepdims=False)
    return (1.0 - label_smoothing) * loss - label_smoothing * finished(even, reduction)


def bce_with_logits(x: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 1) -> Any:
    log_p = log_sigmoid(x)
    positive = 1.0 if pos_weight is None else 1.0 + (pos_weight - 1.0) * target
    loss = (1.0 - target) * x - positive * log_p
    return finished(loss if weight is None else loss * weight, reduction)


def bce(x: Any, target: Any, weight: Any = None, reduction: int = 1) -> Any:
    loss = (target - 1.0) * entry("log", 1.0 - x) - target * entry("log", x)
    return finished(loss if weight is None else loss * weight, reduction)


def kl_div(x: Any, target: Any, reduction: int = 1, *, log_target: bool = False) -> Any:
    if log_target:
        exps = entry("exp", target) if isinstance(target, Traced) else np.exp(target)
        return finished(exps * (target - x), reduction)
    if isinstance(target, Traced):
        raise ValueError("its target must be a constant")
    target = number(target, x.dtype)
    return finished(np.where(target > 0, target * np.log(np.where(target > 0, target, 1.0)), 0.0) - target * x,
                    reduction)


def margin_ranking_loss(a: Any, b: Any, target: Any, margin: float = 0.0, reduction: int = 1) -> Any:
    return finished(clamp_min(entry("multiply", a - b, -number(target, a.dtype)) + float(margin), 0.0), reduction)


def soft_margin_loss(x: Any, target: Any, reduction: int = 1) -> Any:
    return finished(entry("softplus", entry("multiply", x, -number(target, x.dtype))), reduction)


# norms

def root(s: Any) -> Any:
    """The square root, of 0 with the derivative 0: what PyTorch's norms and deviations have there, and its sqrt not."""
    return where(s > 0, entry("sqrt", where(s > 0, s, 1.0)), 0.0)


def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    over = axes(dim, np.ndim(x))
    size = entry("abs", x, rule="=")
    if ord == float("inf"):
        return reduced("max", size, dim, keepdim, "all")
    if ord == 1:
        return record("sum", size, axis=over, keepdims=bool(keepdim))
    if ord == 2:
        return root(record("sum", entry("square", x), axis=over, keepdims=bool(keepdim)))
    raise ValueError(f"the norm of order {ord}")


def std(*args: Any, **kwargs: Any) -> Any:
    return root(variance(*args, **kwargs))


def cosine_similarity(a: Any, b: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The product of a and b over their norms, which count as eps at least."""
    a, b = (x / clamp_min(vector_norm(x, 2, dim, True), float(eps)) for x in (a, b))
    return record("sum", a * b, axis=axes(dim, np.ndim(a)), keepdims=False)


def pairwise_distance(a: Any, b: Any, p: float = 2, eps: float = 1e-6, keepdim: bool = False) -> Any:
    return vector_norm(a - b + float(eps), p, -1, keepdim)


LAYERS: dict[str, Callable] = {
    "linear": linear, "mm": np.matmul, "matmul": np.matmul, "bmm": np.matmul, "mv": np.matmul, "dot": np.matmul,
    "addmm": addmm, "addmv": addmm, "baddbmm": addmm, "outer": lambda a, b: a[:, None] * b[None, :], "einsum": einsum,
    "dropout": dropout, "feature_dropout": dropout, "alpha_dropout": dropout,
    "batch_norm": batch_norm, "layer_norm": layer_norm, "group_norm": group_norm, "instance_norm": instance_norm,
    "rms_norm": rms_norm, "scaled_dot_product_attention": attention,
    "conv1d": convolution(1), "conv2d": convolution(2), "conv3d": convolution(3),
    "mse_loss": mse_loss, "l1_loss": l1_loss, "huber_loss": huber_loss, "smooth_l1_loss": smooth_l1_loss,
    "nll_loss": nll_loss, "nll_loss_nd": nll_loss, "nll_loss2d": nll_loss, "cross_entropy_loss": cross_entropy_loss,
    "binary_cross_entropy": bce, "binary_cross_entropy_with_logits": bce_with_logits, "kl_div": kl_div,
    "margin_ranking_loss": margin_ranking_loss, "soft_margin_loss": soft_margin_loss,
    "linalg_vector_norm": vector_norm, "norm": vector_norm, "std": std,
    "pairwise_distance": pairwise_distance, "cosine_similarity": cosine_similarity,
}
