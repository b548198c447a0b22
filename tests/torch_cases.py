"""Calls of PyTorch's operations, each at its kinks and at ordinary points, for tests/test_from_torch.py."""

import torch
import torch.nn.functional as F

KINKS = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]  # where some activation bends, by its defaults
TIES = [[2.0, 1.0, 2.0], [1.0, 1.0, 1.0], [0.0, 3.0, 3.0]]
IMAGE = [[[[1.0, 1.0, 0.0, 2.0], [1.0, 0.0, 2.0, 2.0], [0.5, 0.5, -1.0, -1.0], [0.5, 0.25, -1.0, -2.0]]]]
PLUS = [0.25, 1.0, 2.0, 5.0]
A, B = [[1.0, -2.0, 0.5], [0.0, 3.0, 1.5]], [[1.0, 2.0, 0.5], [-1.0, 3.0, 0.0]]
W = [[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]]
MASK = torch.tensor([[True, False, True], [False, False, True]])
LABELS = torch.tensor([2, 0])
INDEX = torch.tensor([[0, 2, 1], [1, 1, 0]])


def one(f, *points):
    """A function, at each of these points (several operands: a tuple)."""
    return [(f, p if isinstance(p, tuple) else (p,)) for p in points]


def unary(*names, at=(KINKS,)):
    return {name: one(getattr(torch, name, None) or getattr(F, name), *at) for name in names}


def binary(*names, at=((A, B), ([1.0, 2.0], [1.0, 0.0]))):
    return {name: one(getattr(torch, name), *at) for name in names}


def normed(f, *sizes):
    return lambda x: f(x, *(torch.linspace(0.5, 1.5, n, dtype=x.dtype) for n in sizes))


IMAGES = [[[[0.5 * ((3 * i + 5 * j + 7 * c + 2 * n) % 6) - 1 for i in range(4)] for j in range(4)] for c in range(4)]
          for n in range(2)]
KERNEL = [[[[0.5, -1.0], [0.25, 2.0]], [[1.0, 0.0], [-0.5, 1.5]]]] * 4
SIGNAL = [[[0.5, -1.0, 2.0, 0.0, 1.0]], [[1.0, 1.0, 0.5, 3.0, -2.0]]]



class Recurrent(torch.nn.Module):
    """A recurrent module, its result and all its last states."""

    def __init__(self, make, **options):
        super().__init__()
        torch.manual_seed(0)
        self.inner = make(3, 2, **options)

    def forward(self, x):
        out, last = self.inner(x)
        return torch.cat([s.reshape(-1) for s in (out, *(last if isinstance(last, tuple) else (last,)))])


STEPS = [A, B, W]
CASES = {
    **binary("add", "sub", "subtract", "multiply", "maximum", "minimum", "fmax", "fmin", "logaddexp"),
    "mul": one(torch.mul, (A, B)) + one(lambda x: (x > 0) * x, KINKS),
    **binary("div", "divide", "true_divide", at=((A, [[1.0, 2.0, -0.5], [1.0, 4.0, 2.0]]),)),
    "rsub": one(lambda x: torch.rsub(x, 2.0, alpha=3), KINKS),
    **unary("neg", "negative", "square", "exp", "expm1", "exp2", "tanh", "sigmoid", "sin", "cos", "erf", "abs", "sign",
            "relu", "relu6", "hardtanh", "selu", "softplus", "silu", "mish", "gelu", "leaky_relu", "elu", "celu",
            "hardshrink", "softshrink", "hardsigmoid", "hardswish"),
    "log_sigmoid": one(F.logsigmoid, KINKS),
    **unary("reciprocal", "sqrt", "rsqrt", "log", "log1p", "log2", "log10", at=(PLUS,)),
    "pow": one(lambda x: x**2 + x**3 + x**1, KINKS) + one(lambda x: x**0.5 + x**-1 + 2.0**x, PLUS),
    "addcmul": one(lambda a, b: torch.addcmul(a, a, b, value=0.5), (A, B)),
    "addcdiv": one(lambda a, b: torch.addcdiv(a, a, b * b + 1, value=0.5), (A, B)),
    "lerp": one(lambda a, b: torch.lerp(a, b, 0.25), (A, B)),
    "clamp": one(lambda x: x.clamp(-1, 1), KINKS) + one(lambda x: x.clamp(max=0.5), KINKS)
    + one(torch.clamp, ([1.0, 2.0, 0.0], [1.0, 1.0, 1.0], [3.0, 2.0, 2.0])),
    "clip": one(lambda x: torch.clip(x, 0, 6), KINKS),
    "clamp_min": one(lambda x: torch.clamp_min(x, 0.5), KINKS) + one(torch.clamp_min, ([1.0, 2.0], [1.0, 3.0])),
    "clamp_max": one(lambda x: torch.clamp_max(x, 0.5), KINKS) + one(torch.clamp_max, ([1.0, 2.0], [1.0, 3.0])),
    **{name: one(lambda x, name=name: torch.where(getattr(torch, name)(x, 0.5), x * x, -x), KINKS)
       for name in ("gt", "ge", "lt", "le", "eq", "ne")},
    "logical_and": one(lambda x: torch.where(torch.logical_and(x > 0, x < 1), x * x, x), KINKS),
    "logical_or": one(lambda x: torch.where(torch.logical_or(x < 0, x > 1), x * x, x), KINKS),
    "logical_not": one(lambda x: torch.where(torch.logical_not(x > 0), x * x, x), KINKS),
    "bitwise_and": one(lambda x: torch.where(torch.bitwise_and(x > 0, x < 1), x * x, x), KINKS),
    "bitwise_or": one(lambda x: torch.where(torch.bitwise_or(x < 0, x > 1), x * x, x), KINKS),
    "__and__": one(lambda x: torch.where((x > 0) & (x < 1), x * x, x), KINKS),
    "__or__": one(lambda x: torch.where((x < 0) | (x > 1), x * x, x), KINKS),
    "bitwise_not": one(lambda x: torch.where(~(x > 0), x * x, x), KINKS),
    "where": one(lambda x: torch.where(MASK, x, 2.0 * x), A),
    "masked_fill": one(lambda x: x.masked_fill(x > 0.5, 7.0), KINKS) + one(lambda x: x.masked_fill(MASK, 7.0), A),
    "index_put": one(lambda x: torch.index_put(x, (x > 0.5,), torch.tensor(2.0, dtype=x.dtype)), KINKS),
    "prelu": one(F.prelu, (KINKS, [0.25])) + one(F.prelu, (A, [0.25, 0.5, 1.0])),
    "rrelu": one(lambda x: F.rrelu(x, 0.25, 0.5), KINKS),
    "threshold": one(lambda x: F.threshold(x, 0.5, -2.0), KINKS),
    "glu": one(F.glu, [[1.0, 2.0, 0.0, -1.0]]),
    "sum": one(torch.sum, A) + one(lambda x: x.sum(0, keepdim=True), A) + one(lambda x: (x > 0).sum() * x, A),
    "mean": one(torch.mean, A) + one(lambda x: x.mean((0, 1)), A),
    "prod": one(torch.prod, A) + one(lambda x: x.prod(1), A),
    "var": one(torch.var, A) + one(lambda x: x.var(1, unbiased=False, keepdim=True), A),
    "std": one(torch.std, A, [2.0, 2.0]) + one(lambda x: x.std(1, correction=0), A, TIES),
    "amax": one(torch.amax, TIES) + one(lambda x: x.amax((0, 1), keepdim=True), TIES) + one(lambda x: x.amax(1), TIES),
    "amin": one(torch.amin, TIES) + one(lambda x: x.amin(1), TIES),
    "logsumexp": one(lambda x: torch.logsumexp(x, 1), TIES),
    "softmax": one(lambda x: torch.softmax(x, 1), A), "_softmax": one(lambda x: torch._softmax(x, 1, False), A),
    "log_softmax": one(lambda x: torch.log_softmax(x, 1), A),
    "_log_softmax": one(lambda x: torch._log_softmax(x, 1, False), A),
    "cumsum": one(lambda x: torch.cumsum(x, 1), A),
    # order
    "max.default": one(torch.max, TIES), "min.default": one(torch.min, TIES),
    "max.dim": one(lambda x: torch.max(x, 1)[0], TIES) + one(lambda x: torch.max(x, 0, keepdim=True)[0], TIES),
    "min.dim": one(lambda x: torch.min(x, 1)[0], TIES),
    "max.other": one(lambda a, b: torch.max(a, b), ([1.0, 2.0], [1.0, 0.0])),
    "min.other": one(lambda a, b: torch.min(a, b), ([1.0, 2.0], [1.0, 0.0])),
    "aminmax": one(lambda x: torch.aminmax(x, dim=1)[0] - torch.aminmax(x, dim=1)[1], TIES),
    "cummax": one(lambda x: torch.cummax(x, 1)[0], TIES), "cummin": one(lambda x: torch.cummin(x, 1)[0], TIES),
    "sort": one(lambda x: torch.sort(x, 1)[0], TIES) + one(lambda x: torch.sort(x, 0, descending=True)[0], TIES)
    + one(lambda x: torch.sort(x)[0], [float(5 * i % 7) for i in range(40)]),
    "topk": one(lambda x: torch.topk(x, 2)[0], TIES) + one(lambda x: torch.topk(x, 3, largest=False)[0],
                                                         [float(5 * i % 3) for i in range(12)]),
    "kthvalue": one(lambda x: torch.kthvalue(x, 2)[0], TIES)
    + one(lambda x: torch.kthvalue(x, 5, keepdim=True)[0], [float(5 * i % 3) for i in range(12)]),
    "median.default": one(torch.median, TIES) + one(torch.median, [2.0, 1.0, 1.0, 3.0]),
    "median.dim": one(lambda x: torch.median(x, 1)[0], TIES)
    + one(lambda x: torch.median(x, 0)[0], [float(5 * i % 3) for i in range(40)]),
    "argmax": one(lambda x: (torch.argmax(x), x * x)[1], A), "argmin": one(lambda x: (torch.argmin(x), x * x)[1], A),
    "argsort": one(lambda x: (torch.argsort(x), x * x)[1], A),
    "max_pool1d": one(lambda x: F.max_pool1d(x, 2, 1), SIGNAL),
    "max_pool2d": one(lambda x: F.max_pool2d(x, 2), IMAGE) + one(lambda x: F.max_pool2d(x, 3, 2, 1), IMAGE, IMAGES)
    + one(lambda x: F.max_pool2d(x, 2, 3, 1, 2, ceil_mode=True), IMAGES),
    "max_pool3d": one(lambda x: F.max_pool3d(x[:, None], 2), IMAGES),
    "avg_pool1d": one(lambda x: F.avg_pool1d(x, 2), SIGNAL),
    "avg_pool2d": one(lambda x: F.avg_pool2d(x, 2), IMAGE) + one(lambda x: F.avg_pool2d(x, 3, 2, 1), IMAGES)
    + one(lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False), IMAGES)
    + one(lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True), IMAGES)
    + one(lambda x: F.avg_pool2d(x, 3, 2, 1, divisor_override=5), IMAGES),
    "avg_pool3d": one(lambda x: F.avg_pool3d(x[:, None], 2), IMAGES),
    "adaptive_avg_pool1d": one(lambda x: F.adaptive_avg_pool1d(x, 2), SIGNAL),
    "adaptive_avg_pool2d": one(lambda x: F.adaptive_avg_pool2d(x, 1), IMAGES)
    + one(lambda x: F.adaptive_avg_pool2d(x, (3, None)), IMAGES),
    "adaptive_max_pool1d": one(lambda x: F.adaptive_max_pool1d(x, 2), SIGNAL),
    "adaptive_max_pool2d": one(lambda x: F.adaptive_max_pool2d(x, (3, 2)), IMAGES),
    # layers
    "linear": one(F.linear, (A, W, [0.5, 1.0])), "mm": one(lambda a, b: torch.mm(a, b.T), (A, B)),
    "matmul": one(lambda a, b: a @ b.T, (A, B)) + one(torch.matmul, (IMAGES, IMAGE)),
    "bmm": one(torch.bmm, ([A, B], [[[1.0], [2.0], [0.0]], [[0.5], [-1.0], [1.0]]])),
    "mv": one(torch.mv, (A, [1.0, 2.0, -1.0])), "dot": one(torch.dot, ([1.0, 2.0], [0.5, -1.0])),
    "addmm": one(lambda a, b: torch.addmm(b[:, :2], a, b.T, beta=0.5, alpha=2), (A, B)),
    "addmv": one(torch.addmv, ([1.0, 2.0], A, [1.0, 2.0, -1.0])),
    "baddbmm": one(lambda a, b: torch.baddbmm(a, b, b.mT), ([[[0.0, 1.0], [1.0, 0.0]]], [A])),
    "outer": one(torch.outer, ([1.0, 2.0], [0.5, -1.0, 3.0])),
    "einsum": one(lambda a, b: torch.einsum("ij, kj -> ik", a, b), (A, B)),
    "dropout": one(lambda x: F.dropout(x, 0.5, False), A),
    "feature_dropout": one(lambda x: F.dropout2d(x, 0.5, False), IMAGE),
    "alpha_dropout": one(lambda x: F.alpha_dropout(x, 0.5, False), A),
    "batch_norm": one(lambda x, w, b: F.batch_norm(x, b.detach(), b.detach() + 1, w, b), (IMAGES, [1.0] * 4, [0.5] * 4))
    + one(lambda x: F.batch_norm(x, None, None, training=True), A),
    "layer_norm": one(lambda x, w: F.layer_norm(x, (3,), w, w), (A, [1.0, 0.5, 2.0])) + one(
        lambda x: F.layer_norm(x, (4, 4)), IMAGES),
    "group_norm": one(normed(lambda x, w: F.group_norm(x, 2, w, w), 4), IMAGES),
    "instance_norm": one(normed(lambda x, w: F.instance_norm(x, None, None, w, w), 4), IMAGES),
    "rms_norm": one(lambda x, w: F.rms_norm(x, (3,), w), (A, [1.0, 0.5, 2.0])),
    "scaled_dot_product_attention": one(lambda q, k: F.scaled_dot_product_attention(q, k, k, is_causal=True), (A, B))
    + one(lambda q, k: F.scaled_dot_product_attention(q, k, q, MASK[:, :2] | torch.eye(2).bool(), scale=0.5), (A, B))
    + one(lambda q, k: F.scaled_dot_product_attention(q, k, k, q[:, :2]), (A, B)),
    "conv1d": one(lambda x: F.conv1d(x, torch.ones(2, 1, 3, dtype=x.dtype), padding=1, stride=2), SIGNAL),
    "conv2d": one(lambda x, w: F.conv2d(x, w, w[:, 0, 0, 0], groups=2), (IMAGES, KERNEL))
    + one(lambda x, w: F.conv2d(x[:, :2], w, None, (2, 1), (1, 0), (1, 2)), (IMAGES, KERNEL))
    + one(lambda x: F.conv2d(x[0], torch.ones(1, 4, 3, 2, dtype=x.dtype), padding="same"), IMAGES),
    "conv3d": one(lambda x: F.conv3d(x[:, None], torch.ones(1, 1, 2, 2, 2, dtype=x.dtype)), IMAGES),
    "lstm": one(Recurrent(torch.nn.LSTM, num_layers=2, bidirectional=True), STEPS)
    + one(Recurrent(torch.nn.LSTM, batch_first=True, bias=False), STEPS),
    "gru": one(Recurrent(torch.nn.GRU, bidirectional=True), STEPS), "rnn_tanh": one(Recurrent(torch.nn.RNN), STEPS),
    "rnn_relu": one(Recurrent(torch.nn.RNN, nonlinearity="relu"), STEPS),
    "scatter_add": one(lambda a, b: a.scatter_add(1, INDEX[:, :2], b[:, :2]), (A, B)),
    "index_add": one(lambda a, b: a.index_add(1, LABELS % 2, b[:, :2], alpha=0.5), (A, B)),
    # losses
    "mse_loss": one(F.mse_loss, (A, B)), "l1_loss": one(F.l1_loss, (A, B)),
    "huber_loss": one(F.huber_loss, ([0.0, 1.0, 3.0, 0.5], [1.0, 1.0, 1.0, 1.0])),
    "smooth_l1_loss": one(lambda a, b: F.smooth_l1_loss(a, b, beta=0.5, reduction="sum"), ([0.5, 1.0, 3.0], [1.0] * 3)),
    "nll_loss": one(lambda x: torch._C._nn.nll_loss(x, LABELS), A),
    "nll_loss_nd": one(lambda x: F.nll_loss(x, LABELS), A),
    "nll_loss2d": one(lambda x: torch._C._nn.nll_loss2d(x, LABELS[:, None, None].expand(2, 4, 4)), IMAGES),
    "cross_entropy_loss": one(lambda x: F.cross_entropy(x, LABELS), A)
    + one(lambda x: F.cross_entropy(x, LABELS, torch.tensor([1.0, 2.0, 0.5], dtype=x.dtype), ignore_index=0), A)
    + one(lambda x: F.cross_entropy(x, LABELS, label_smoothing=0.25, reduction="sum"), A)
    + one(lambda x, t: F.cross_entropy(x, t.softmax(1)), (A, B)),
    "binary_cross_entropy": one(lambda x: F.binary_cross_entropy(x.sigmoid(), torch.full_like(x, 0.25)), A),
    "binary_cross_entropy_with_logits": one(lambda x: F.binary_cross_entropy_with_logits(
        x, MASK.to(x.dtype), pos_weight=torch.tensor(2.0, dtype=x.dtype)), A),
    "kl_div": one(lambda x: F.kl_div(x, MASK.to(x.dtype) / 2, reduction="sum"), A)
    + one(lambda x, t: F.kl_div(x, t, reduction="sum", log_target=True), (A, B)),
    "margin_ranking_loss": one(lambda a, b: F.margin_ranking_loss(a, b, torch.ones_like(a), 1.0), (
        [1.0, 2.0, 0.0], [0.0, 1.0, 1.0])),
    "soft_margin_loss": one(lambda x: F.soft_margin_loss(x, MASK.to(x.dtype) * 2 - 1), A),
    "linalg_vector_norm": one(lambda x: torch.linalg.vector_norm(x, float("inf"), 1), TIES)
    + one(lambda x: torch.linalg.vector_norm(x, 1), A) + one(torch.linalg.vector_norm, A, [0.0, 0.0])
    + one(lambda x: torch.linalg.vector_norm(x, 2, 1, keepdim=True), [[0.0, 0.0], [3.0, 4.0]]),
    "cosine_similarity": one(F.cosine_similarity, (A, B), ([[0.0, 0.0]], [[1.0, 1.0]])),
    "pairwise_distance": one(F.pairwise_distance, (A, B), (A, A)),
    "norm": one(lambda x: torch.ops.aten.norm.ScalarOpt_dim(x, 2, [1]), A),
}

MOVED = {
    "view": one(lambda x: x.view(3, 2), A), "reshape": one(lambda x: x.T.reshape(2, 3), A),
    "_unsafe_view": one(lambda x: torch.ops.aten._unsafe_view(x, [3, 2]), A), "view_as": one(
        lambda x: x.view_as(torch.ones(3, 2)), A),
    "reshape_as": one(lambda x: x.reshape_as(torch.ones(6)), A),
    "permute": one(lambda x: x.permute(0, 2, 3, 1), IMAGES),
    "transpose": one(lambda x: x.transpose(0, 1), A), "t": one(torch.t, A), "numpy_T": one(lambda x: x.T, A),
    "mT": one(lambda x: x.mT, A), "movedim": one(lambda x: x.movedim(0, 1), A), "moveaxis": one(
        lambda x: x.moveaxis(0, 1), A), "swapaxes": one(lambda x: x.swapaxes(0, 1), A),
    "adjoint": one(lambda x: x.adjoint(), A), "unsqueeze": one(lambda x: x.unsqueeze(1), A),
    "squeeze": one(lambda x: x.squeeze(), IMAGE), "flatten": one(lambda x: x.flatten(1), IMAGES),
    "unflatten": one(lambda x: x.unflatten(1, (1, 3)), A), "ravel": one(torch.ravel, A),
    "expand": one(lambda x: x[:, None].expand(-1, 4, -1), A), "expand_as": one(
        lambda x: x[:1].expand_as(torch.ones(2, 3)), A),
    "broadcast_to": one(lambda x: torch.broadcast_to(x, (2, 2, 3)), A), "select": one(lambda x: x[1], A),
    "slice": one(lambda x: x[:, ::2], A), "narrow": one(lambda x: x.narrow(1, 1, 2), A),
    "split": one(lambda x: x.split(2, 1)[1], A), "split_with_sizes": one(lambda x: x.split([1, 2], 1)[1], A),
    "chunk": one(lambda x: x.chunk(2, 1)[0], A), "unsafe_chunk": one(lambda x: x.unsafe_chunk(2, 1)[0], A),
    "unsafe_split": one(lambda x: x.unsafe_split(2, 1)[0], A), "unbind": one(lambda x: x.unbind(1)[2], A),
    "tensor_split": one(lambda x: x.tensor_split(2, 1)[0], A), "hsplit": one(lambda x: x.hsplit(3)[0], A),
    "vsplit": one(lambda x: x.vsplit(2)[1], A), "flip": one(lambda x: x.flip(0, 1), A), "fliplr": one(torch.fliplr, A),
    "flipud": one(torch.flipud, A), "roll": one(lambda x: x.roll(1, 1), A), "rot90": one(torch.rot90, A),
    "repeat": one(lambda x: x.repeat(2, 2), A), "tile": one(lambda x: x.tile(2), A),
    "repeat_interleave": one(lambda x: x.repeat_interleave(2, 1), A), "index": one(lambda x: x[:, INDEX], A),
    "index_select": one(lambda x: x.index_select(1, LABELS), A), "gather": one(lambda x: x.gather(1, INDEX), A),
    "take": one(lambda x: x.take(INDEX), A), "take_along_dim": one(lambda x: x.take_along_dim(INDEX, 1), A),
    "unfold": one(lambda x: x.unfold(1, 2, 1), A), "diagonal": one(torch.diagonal, A), "diag": one(torch.diag, A),
    "diag_embed": one(torch.diag_embed, A), "tril": one(torch.tril, A), "triu": one(torch.triu, A),
    "cat": one(lambda a, b: torch.cat([a, b, torch.ones_like(a)], 1), (A, B)),
    "concat": one(lambda a, b: torch.concat([a, b]), (A, B)), "stack": one(lambda a, b: torch.stack([a, b], 1), (A, B)),
    "hstack": one(lambda a, b: torch.hstack([a, b]), (A, B)), "vstack": one(lambda a, b: torch.vstack([a, b]), (A, B)),
    "column_stack": one(lambda a, b: torch.column_stack([a, b]), (A, B)), "block_diag": one(
        lambda a, b: torch.block_diag(a, b), (A, B)),
    **{f"{kind}_pad{k}d": one(lambda x, name=f"{kind}_pad{k}d", n=n: getattr(torch._C._nn, name)(x, n), points)
       for kind in ("reflection", "replication") for k, n, points in ((1, [1, 1], A), (2, [1, 1, 2, 0], IMAGES))},
    "pixel_shuffle": one(lambda x: F.pixel_shuffle(x, 2), IMAGES), "pixel_unshuffle": one(
        lambda x: F.pixel_unshuffle(x, 2), IMAGES), "channel_shuffle": one(
        lambda x: F.channel_shuffle(x, 2), IMAGES), "im2col": one(lambda x: F.unfold(x, 2, padding=1), IMAGES),
    "upsample_nearest1d": one(lambda x: F.interpolate(x, scale_factor=2), SIGNAL),
    "upsample_nearest2d": one(lambda x: F.interpolate(x, scale_factor=2), IMAGES),
    "masked_select": one(lambda x: x.masked_select(MASK), A), "select_scatter": one(
        lambda a, b: a.select_scatter(b[0], 0, 1), (A, B)),
    "slice_scatter": one(lambda a, b: a.slice_scatter(b[:, :1], 1, 1, 2), (A, B)),
    "diagonal_scatter": one(lambda a, b: a.diagonal_scatter(b[0, :2]), (A, B)),
    "index_put": one(lambda a, b: a.index_put((LABELS % 2, LABELS), b[0, :2]), (A, B)),
    "index_copy": one(lambda a, b: a.index_copy(1, LABELS, b[:, :2]), (A, B)),
    "scatter": one(lambda a, b: a.scatter(1, INDEX[:, :1], b[:, :1]), (A, B)),
    "copy": one(lambda a, b: a.clone().copy_(b[0]), (A, B)), "embedding": one(lambda w: F.embedding(LABELS, w), TIES),
    "meshgrid": one(lambda a, b: torch.meshgrid(a, b, indexing="ij")[0], ([1.0, 2.0], [3.0])),
    "broadcast_tensors": one(lambda a, b: torch.broadcast_tensors(a, b)[1], (A, [1.0, 2.0, 3.0])),
    "atleast_1d": one(torch.atleast_1d, 3.0), "atleast_2d": one(torch.atleast_2d, 3.0),
    "zero": one(lambda x: x.clone().zero_() * x + x, A), "constant_pad_nd": one(
        lambda x: torch.constant_pad_nd(x, (1, 0), 5.0), A),
    "pad": one(lambda x: F.pad(x, (1, 2), value=5.0), A) + one(lambda x: F.pad(x, (1, 1), "reflect"), A),
    "masked_fill": one(lambda x: x.masked_fill(MASK, -4.0), A), "index_fill": one(
        lambda x: x.index_fill(1, LABELS, 3.0), A), "fill": one(lambda x: x.clone()[0].fill_(2.0) * x, A),
}
