"""Read a PyTorch module as a Program, with PyTorch's own rule at every kink: `from_torch`.

The graph is that of `torch.export`, as exported. It is never decomposed to core ATen, which changes derivatives at
kinks: hardsigmoid's at 3 from 0 to 1/6.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

from selgrad.errors import InputError, NotElementary
from selgrad.frameworks import require_torch
from selgrad.frameworks.importing import Imported
from selgrad.frameworks.torch_graph import Reader


def from_torch(f: Callable, *args: Any, parameters: str = "constants", buffers: str = "constants") -> Imported:
    """A module or function of PyTorch as a Program that has PyTorch's own derivative at every kink.

    The arguments give the shapes; those of whole numbers or truth values (targets, tokens) are constants. With
    parameters="inputs" (buffers="inputs") the Program takes a dict of them, by name, before the arguments. Every
    instruction carries its rule, its line and, in `layers`, its layer. Raises NotElementary, which names all
    operations that are not supported and custom autograd functions; InputError for other arguments. Source: Section 3.

    >>> P = from_torch(torch.nn.ReLU(), torch.zeros(2))  # doctest: +SKIP
    >>> P(np.array([-1.0, 2.0]))  # doctest: +SKIP
    array([0., 2.])
    """
    torch = require_torch()
    for given in (parameters, buffers):
        if given not in ("constants", "inputs"):
            raise InputError(f"from_torch: parameters and buffers are \"constants\" or \"inputs\", not {given!r}.")
    module = f if isinstance(f, torch.nn.Module) else _wrapped(torch, f)
    if not args or not all(isinstance(x, torch.Tensor) for x in torch.utils._pytree.tree_leaves(args)):
        raise InputError("from_torch needs example arguments that are tensors: sg.from_torch(module, x).")
    _refuse_custom(torch, module, args)
    exported = torch.export.export(module, args)
    return Reader(torch, exported, args, parameters == "inputs", buffers == "inputs").program(f)


def _wrapped(torch: Any, f: Callable) -> Any:
    """A function as a module; a builtin one has no signature that torch.export could read."""
    forward = f if inspect.isfunction(f) else lambda *args: f(*args)
    return type("Function", (torch.nn.Module,), {"forward": staticmethod(forward)})()


def _refuse_custom(torch: Any, module: Any, args: tuple) -> None:
    """torch.export reads the forward part of a torch.autograd.Function and forgets its derivative."""
    live = torch.utils._pytree.tree_map(
        lambda x: x.detach().clone().requires_grad_() if x.is_floating_point() else x, args)
    ends = torch.utils._pytree.tree_leaves(copy.deepcopy(module)(*live))
    todo, seen, found = [y.grad_fn for y in ends if isinstance(y, torch.Tensor)], set(), set()
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            if isinstance(node, torch.autograd.function.BackwardCFunction):
                found.add(type(node).__name__.removesuffix("Backward"))
            todo += [before for before, _ in node.next_functions]
    if found:
        raise NotElementary(f"The model uses {', '.join(sorted(found))}, of torch.autograd.Function, whose derivative "
                            "torch.export forgets: write it in PyTorch's own operations.")
