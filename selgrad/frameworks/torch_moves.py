"""PyTorch's operations that only move entries: a gather, by asking PyTorch itself where each entry goes.

Every entry of every operand is given a number, from 1 on, the operation is run on these numbers, and the result
says which entry stands where; 0 is what it filled in. So views, joins, paddings and writes need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selgrad.frameworks.importing import numbers, placed
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced

# what moves: the argument that says with which number it fills up, where there is one
MOVES: dict[str, str] = dict.fromkeys((
    "view", "reshape", "_unsafe_view", "view_as", "reshape_as", "permute", "transpose", "t", "numpy_T", "mT",
    "movedim", "moveaxis", "swapaxes", "adjoint", "unsqueeze", "squeeze", "flatten", "unflatten", "ravel", "expand",
    "expand_as", "broadcast_to", "select", "slice", "narrow", "split", "split_with_sizes", "chunk", "unsafe_chunk",
    "unbind", "tensor_split", "hsplit", "vsplit", "flip", "fliplr", "flipud", "roll", "rot90", "repeat", "tile",
    "repeat_interleave", "index", "index_select", "gather", "take", "take_along_dim", "unfold", "diagonal", "diag",
    "diag_embed", "tril", "triu", "cat", "concat", "stack", "hstack", "vstack", "column_stack", "reflection_pad1d",
    "reflection_pad2d", "replication_pad1d", "replication_pad2d", "pixel_shuffle", "pixel_unshuffle",
    "channel_shuffle", "im2col", "upsample_nearest1d", "upsample_nearest2d", "masked_select", "select_scatter",
    "slice_scatter", "diagonal_scatter", "index_put", "index_copy", "scatter", "copy", "embedding", "meshgrid",
    "atleast_1d", "atleast_2d", "zero", "block_diag", "broadcast_tensors", "unsafe_split",
), "") | {"constant_pad_nd": "value", "pad": "value", "masked_fill": "value", "index_fill": "value", "fill": "value"}

# what depends on the shape of its operand alone: a constant
SHAPES = ("zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full", "sym_size", "numel", "size")


def move(torch: Any, target: Any, name: str, args: tuple, kwargs: dict) -> Any:
    """The result of an operation that only moves entries, recorded. Raises ValueError for traced indices."""
    operands: list[Any] = []
    fill = 0.0

    def number(x: Any) -> Any:
        if isinstance(x, Comparison):
            raise ValueError("a comparison of traced values says where entries go")
        if not isinstance(x, Traced) and not (isinstance(x, torch.Tensor) and x.is_floating_point()):
            return x
        operands.append(x if isinstance(x, Traced) else x.detach().numpy())
        return torch.tensor(numbers(operands)[-1], dtype=torch.float64)

    filler = MOVES[name]
    if filler:
        at = [a.name for a in target._schema.arguments].index(filler)
        given = args[at] if at < len(args) else kwargs.get(filler)
        if not isinstance(given, (Traced, torch.Tensor)):
            fill = float(given or 0.0)
            none = "constant" if given is None else 0.0  # F.pad has modes without a number
            args = (*args[:at], None if none == "constant" else 0.0, *args[at + 1 :]) if at < len(args) else args
            kwargs = {**kwargs, filler: 0.0} if filler in kwargs and given is not None else kwargs
    if args and isinstance(args[0], Comparison):  # truth values that are moved themselves, as 1 and 0
        args = (args[0].number, *args[1:])
    found = target(*mapped(number, args), **mapped(number, kwargs))
    return mapped(lambda t: placed(operands, t.numpy(), fill), found)


def mapped(f: Callable, tree: Any) -> Any:
    """f of every leaf of nested tuples, lists and dicts."""
    if isinstance(tree, (tuple, list)):
        return type(tree)(mapped(f, part) for part in tree)
    if isinstance(tree, dict):
        return {key: mapped(f, part) for key, part in tree.items()}
    return f(tree)
