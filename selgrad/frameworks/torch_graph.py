"""A graph of torch.export, read node by node: what its operations become, memory written to, lines, layers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from selgrad.errors import InputError, SelgradError
from selgrad.frameworks.importing import Imported, Unsupported, placed, pruned
from selgrad.frameworks.torch_activations import ACTIVATIONS
from selgrad.frameworks.torch_layers import LAYERS
from selgrad.frameworks.torch_moves import MOVES, SHAPES, mapped, move
from selgrad.frameworks.torch_ops import NUMBERS
from selgrad.frameworks.torch_order import ORDERS, POSITIONS, Positions
from selgrad.frameworks.torch_recurrent import RECURRENT
from selgrad.programs.trees import flatten
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Recorder, Traced
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS
from selgrad.tracing.tracer import finished

FILE = re.compile(r'File "([^"]+)", line (\d+)')
SAME = ("alias", "contiguous", "clone", "lift_fresh_copy", "lift_fresh", "to", "_to_copy", "type_as", "float",
        "double", "dropout", "feature_dropout", "alpha_dropout")
STOPPED = ("detach", "detach_")
CHECKS = ("_assert_tensor_metadata", "sym_constrain_range", "_assert_async", "_assert_scalar")

OPS: dict[str, Callable] = {**NUMBERS, **ACTIVATIONS, **ORDERS, **LAYERS, **RECURRENT}


class Unknown:
    """What an operation that is not supported would give."""


UNKNOWN = Unknown()


def _line(node: Any) -> tuple[str, int] | None:
    """The user's file and line."""
    frames = [(file, int(n)) for file, n in FILE.findall(node.meta.get("stack_trace") or "")]
    own = [frame for frame in frames if "site-packages" not in frame[0]]
    return (own or frames or [None])[-1]


def _layer(node: Any) -> str:
    """The path of the innermost module."""
    return [path for path, _ in (node.meta.get("nn_module_stack") or {"": ("", "")}).values()][-1]


class Reader:
    """One exported graph, and what became of its values: traced ones, and constants, which PyTorch computes."""

    def __init__(self, torch: Any, exported: Any, args: tuple, parameters: bool, buffers: bool):
        self.torch, self.exported, self.args = torch, exported, args
        self.recorder = Recorder(UFUNCS, FUNCTIONS, METHODS)
        self.recorder.check = False
        self.layers: list[str] = []
        self.unsupported = Unsupported("torch.export")
        self.named: dict[str, Any] = {}  # parameters and buffers that are inputs
        kinds = {"PARAMETER": parameters, "BUFFER": buffers}
        self.specs = [(s.kind.name, s.arg.name, s.target, kinds.get(s.kind.name, False))
                      for s in exported.graph_signature.input_specs]

    def program(self, f: Any) -> Imported:
        """The whole graph, read."""
        torch, pytree = self.torch, self.torch.utils._pytree
        state = {**self.exported.constants, **self.exported.state_dict}
        leaves, spec = pytree.tree_flatten(self.args)
        real = [x.is_floating_point() for x in leaves]
        numbered = pytree.tree_unflatten(range(len(leaves)), spec)
        kept = [a for a in numbered if any(real[i] for i in flatten(a)[0])]
        if not all(real[i] for i in flatten(kept)[0]):
            raise InputError("from_torch: an argument holds real numbers and others: give them as separate arguments.")
        named = {t: state[t] for _, _, t, asked in self.specs if asked and state[t].is_floating_point()}
        order, in_tree = flatten(((named,) if named else ()) + tuple(kept))
        if not order:
            raise InputError("from_torch: no argument holds real numbers, so there is nothing to differentiate.")
        inputs, by_key = [], {}
        for leaf in flatten((named,) if named else ())[0] + flatten(kept)[0]:
            tensor = leaf if isinstance(leaf, torch.Tensor) else leaves[leaf]
            inputs.append(self.recorder.input(tensor.detach().numpy().copy()[()]))
            by_key[id(leaf) if isinstance(leaf, torch.Tensor) else leaf] = inputs[-1]
        values, user = [], iter(range(len(leaves)))
        for kind, _, target, _ in self.specs:
            if kind == "USER_INPUT":
                i = next(user)
                values.append(by_key.get(i, leaves[i].detach().clone()))
            else:
                tensor = state[target]
                values.append(by_key[id(tensor)] if id(tensor) in by_key and target in named
                              else tensor.detach().clone() if isinstance(tensor, torch.Tensor) else tensor)
        try:
            with np.errstate(all="ignore"), torch.no_grad():
                results = self.run(self.exported.graph_module, values)
            self.unsupported.check()
            result = pytree.tree_unflatten(list(results), self.exported.call_spec.out_spec)
            result = mapped(lambda y: y.detach().numpy() if isinstance(y, torch.Tensor) else y, result)
            name = getattr(f, "__name__", type(f).__name__)
            P, _ = finished(inputs, result, in_tree, name)
        finally:
            self.recorder.closed = True
        return pruned(P, self.layers, "torch")

    def run(self, graph_module: Any, values: list[Any]) -> tuple:
        """The results of a graph on these values."""
        env: dict[Any, Any] = {}
        given = iter(values)
        order = {node: i for i, node in enumerate(graph_module.graph.nodes)}
        inputs = set(graph_module.graph.find_nodes(op="placeholder"))
        for node in order:
            if node.target == "output":
                return tuple(env.get(n, n) for n in node.args[0])
            if isinstance(node.target, str):
                env[node] = next(given) if node in inputs else getattr(graph_module, node.target)
                continue
            before = len(self.recorder.instructions)
            env[node] = self.call(node, env)
            self._write(node, env, order)
            self._sign(node, before)
        return ()

    def _sign(self, node: Any, before: int) -> None:
        """Every instruction that came of this node gets its line and its layer."""
        where, layer, lines = _line(node), _layer(node), self.recorder.instructions
        for i in range(before, len(lines)):
            lines[i] = replace(lines[i], where=where)
        self.layers += [layer] * (len(lines) - len(self.layers))

    def call(self, node: Any, env: dict) -> Any:
        """The value of one node."""
        look = lambda n: env[n] if isinstance(n, self.torch.fx.Node) else n
        args = mapped(look, tuple(node.args))
        kwargs = mapped(look, dict(node.kwargs))
        leaves = list(_leaves((args, kwargs)))
        if any(isinstance(x, Unknown) for x in leaves):
            return UNKNOWN
        if node.target is operator.getitem:
            return args[0][args[1]]
        name, overload = _name(node.target)
        if name == "wrap_with_set_grad_enabled":
            found = self.run(args[1], list(args[2:]))
            return found if args[0] else tuple(map(self.stopped, found))
        try:
            if not any(isinstance(x, Traced | Comparison | Positions) for x in leaves):
                return self.constant(node.target, args, kwargs)
            if name in CHECKS:
                return None
            if any(x is POSITIONS for x in leaves):
                raise ValueError("it reads positions that values decide")
            return self.recorded(node.target, name, overload, args, kwargs)
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError, SelgradError) as problem:
            why = "" if isinstance(problem, KeyError) else str(problem)
            self.unsupported.add(str(node.target), _layer(node), _line(node), why)
            return UNKNOWN

    def constant(self, target: Any, args: tuple, kwargs: dict) -> Any:
        """What depends on no input PyTorch computes itself."""
        tags = getattr(target, "tags", ())
        name, _ = _name(target)
        drawn = self.torch.Tag.nondeterministic_seeded in tags
        if drawn and not (name in LAYERS and (args[-1] is False or name == "scaled_dot_product_attention")):
            raise ValueError("it draws random numbers")
        return target(*args, **kwargs)

    def recorded(self, target: Any, name: str, overload: str, args: tuple, kwargs: dict) -> Any:
        """An operation on traced values."""
        torch = self.torch
        if name in STOPPED:
            return self.stopped(args[0])
        rule = OPS.get(f"{name}.{overload}") or OPS.get(name)
        chosen = any(isinstance(x, Traced | Comparison) for x in _leaves(args[1:2]))  # values say where entries go
        if name in MOVES and not (rule and chosen):
            if kwargs.get("accumulate") or (name == "index_put" and len(args) > 3 and args[3]) or overload in (
                    "reduce", "value_reduce"):
                raise ValueError("entries that are added up where they meet")
            return move(torch, target, name, args, kwargs)
        if name in SHAPES:
            shape = lambda x: torch.zeros(x.shape, dtype=_dtype(torch, x)) if isinstance(x, Traced) else x
            return target(*mapped(shape, args), **mapped(shape, kwargs))
        if name in SAME and rule is None:
            to = [x for x in _leaves((args[1:], kwargs)) if isinstance(x, torch.dtype)]
            if to and not to[0].is_floating_point:
                if isinstance(args[0], Comparison):
                    return args[0]
                raise ValueError(f"a real number becomes {to[0]}")
            return args[0].number if to and isinstance(args[0], Comparison) else args[0]
        if rule is None:
            raise KeyError(name)
        args, kwargs = mapped(_array(torch), args), mapped(_array(torch), kwargs)
        return rule(*args, **{k: v for k, v in kwargs.items() if k not in ("dtype", "out")})

    def stopped(self, x: Any) -> Any:
        return x.then("stop") if isinstance(x, Traced) else x

    def _write(self, node: Any, env: dict, order: dict) -> None:
        """After an operation in place: what it wrote to, and every view of that memory which is read later."""
        schema = getattr(node.target, "_schema", None)
        writes = schema and any(a.alias_info and a.alias_info.is_write for a in schema.arguments)
        if not writes or not isinstance(env[node], Traced) or not isinstance(node.args[0], self.torch.fx.Node):
            return
        written, new = node.args[0], env[node]
        for other in [n for n in env if n is not node and isinstance(n.meta.get("val"), self.torch.Tensor)]:
            if other is written:
                env[other] = new
            elif _memory(other) == _memory(written) and any(order[user] > order[node] for user in other.users):
                old = env[other]
                old = old if isinstance(old, Traced) else old.detach().numpy()
                here, there = _positions(self.torch, other), _positions(self.torch, written)
                source = np.zeros(max(here.max(initial=0), there.max(initial=0)) + 1, dtype=np.int64)
                source[there.ravel()] = np.arange(here.size + 1, here.size + there.size + 1)
                own = np.arange(1, here.size + 1).reshape(here.shape)
                env[other] = placed([old, new], np.where(source[here] > 0, source[here], own))


def _memory(node: Any) -> Any:
    return node.meta["val"].untyped_storage()._cdata


def _positions(torch: Any, node: Any) -> np.ndarray:
    """Where the entries of a tensor stand in the memory that it views."""
    val = node.meta["val"]
    n = val.untyped_storage().nbytes() // val.element_size()
    return torch.as_strided(torch.arange(n), val.size(), val.stride(), val.storage_offset()).numpy()


def _name(target: Any) -> tuple[str, str]:
    """An operation's name, without the underscore of one that works in place, and its overload."""
    schema = getattr(target, "_schema", None)
    if schema is None:
        return getattr(target, "__name__", str(target)), ""
    name = schema.name.partition("::")[2]
    return (name[:-1] if name.endswith("_") and not name.endswith("__") else name), schema.overload_name or "default"


def _dtype(torch: Any, x: Traced) -> Any:
    return torch.from_numpy(np.zeros(1, x.dtype)).dtype


def _array(torch: Any) -> Callable:
    """A constant tensor as NumPy has it; one number as a Python number, which keeps float32 programs in float32."""

    def of(x: Any) -> Any:
        if not isinstance(x, torch.Tensor):
            return x
        return x.item() if x.ndim == 0 else x.detach().numpy()

    return of


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, (tuple, list)):
        for part in tree:
            yield from _leaves(part)
    elif isinstance(tree, dict):
        yield from _leaves(list(tree.values()))
    else:
        yield tree
