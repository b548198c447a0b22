"""Algorithm 2: forward and backward mode, two short loops over the instructions.

The names are the paper's: `dx[k]` is the derivative of x_k in the inputs, `v[j]` the reverse
accumulator of node j, and d_k the selection derivative of g_k at x_pr(k). No gradient is kept on
a program or on an evaluation, so two calls never disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

import numpy as np

from selgrad.errors import DomainError
from selgrad.primitives import Convention, Map
from selgrad.programs.arguments import all_finite
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Instruction, ProgramData, place
from selgrad.programs.trees import Branch, unflatten


def partials(
    k: int, instruction: Instruction, ev: Evaluation, edges: Iterable[tuple[int, Any]] | None = None
) -> Iterator[tuple[int, Map]]:
    """(j, d_k[j]) for the predecessors j of instruction k (along these edges only): the derivative of g_k."""
    row = instruction.row
    params, s, x_k = instruction.params, ev.indices[k], ev.values[k]
    xs = instruction.of(ev.values)
    for i, j in instruction.reads() if edges is None else edges:
        d = row.partial(i, s, x_k, xs, params)
        if d is not None:
            yield j, d


def push(P: ProgramData, ev: Evaluation, dx: list[Any]) -> list[Any]:
    """Forward loop of Algorithm 2: from derivatives of the inputs (None: zero) to all nodes'."""
    dx = list(dx)
    with np.errstate(all="ignore"):
        for k, instruction in P.lines():
            total = None
            for j, d_kj in partials(k, instruction, ev):
                if dx[j] is not None:
                    term = d_kj.push(dx[j])
                    total = term if total is None else total + term
            dx.append(total)
    return dx


def edges_from(P: ProgramData, inputs: list[int]) -> list[tuple[tuple[int, int], ...]]:
    """(i, j) for every instruction: its operand number i is node j, which depends on one of these inputs."""
    reach = bytearray(len(P.input_shapes) + len(P.instructions))
    for j in inputs:
        reach[j] = 1
    edges = []
    for k, instruction in P.lines():
        edges.append(tuple((i, j) for i, j in instruction.reads() if reach[j]))
        reach[k] = bool(edges[-1])
    return edges


def backward(P: ProgramData, seeds: dict[int, Any], terms: Callable) -> list[Any]:
    """The backward loop of Algorithm 2: v[j] := v[j] + v[t] d_t[j] for t = m, ..., p + 1 and j in pr(t).

    terms(t, v[t], v) yields (j, v[t] d_t[j]). An accumulator is dropped once it is read; those of the inputs remain.
    """
    p = len(P.input_shapes)
    v: list[Any] = [None] * (p + len(P.instructions))
    for k, seed in seeds.items():
        v[k] = seed
    with np.errstate(all="ignore"):
        for t in range(len(v) - 1, p - 1, -1):
            v_t, v[t] = v[t], None
            if v_t is not None:
                for j, term in terms(t, v_t, v):
                    v[j] = term if v[j] is None else v[j] + term
    return v


def pull(P: ProgramData, ev: Evaluation, seeds: dict[int, Any], edges: list | None = None) -> list[Any]:
    """Backward mode along the pieces of an evaluation: from the accumulators of the outputs to those of the inputs.

    With `edges` given (see `edges_from`), along those only.
    """
    p, lines, x = len(P.input_shapes), P.instructions, ev.values

    def terms(t: int, v_t: Any, v: list[Any]) -> Iterator[tuple[int, Any]]:
        i = lines[t - p]  # `partials` spelled out: a generator in a generator costs a tenth of the loop
        partial, s, y, xs, params = i.row.partial, ev.indices[t], x[t], i.of(x), i.params
        for n, j in edges[t - p] if edges else i.reads():
            d_tj = partial(n, s, y, xs, params)
            if d_tj is not None:
                yield j, d_tj.pull(v_t)

    return backward(P, seeds, terms)


def _spread(a: Any, lead: tuple[int, ...], ev: Evaluation, core: tuple[int, ...]) -> np.ndarray:
    """a, with every axis at its full length: (lead, batch, core)."""
    shape = lead + ev.batch + core
    if a is not None and np.shape(a) == shape:
        return a
    return np.zeros(shape, ev.values[0].dtype) if a is None else np.broadcast_to(a, shape)


def in_format(a: Any, x: Any) -> Any:
    """A derivative by x in the floating-point format of x."""
    if type(a) is type(x) is np.ndarray and a.dtype is x.dtype:
        return a
    kind = np.asarray(x).dtype
    return a if kind.kind != "f" or np.asarray(a).dtype == kind else np.asarray(a).astype(kind)[()]


def owned(arrays: list[Any], inputs: list[Any]) -> list[Any]:
    """The derivatives by the inputs as results: in the inputs' formats, each in memory of its own."""
    seen: set[int] = set()
    results = []
    for a, x in zip(arrays, inputs, strict=True):
        a = in_format(a, x)
        alone = isinstance(a, np.ndarray) and a.base is None and a.ndim and id(a) not in seen
        seen.add(id(a))
        results.append(a if alone else np.array(a)[()])
    return results


def check_finite(P: Program, ev: Evaluation, arrays: list[Any]) -> None:
    """Raise DomainError, naming an instruction whose derivative is not finite."""
    if all_finite(*arrays):
        return
    for k, instruction in P.lines():
        ones = {k: np.ones((1,) * len(ev.batch) + instruction.shape)}
        with np.errstate(all="ignore"):
            for j, d in partials(k, instruction, ev):
                if not np.isfinite(np.asarray(d.pull(ones[k]))).all():
                    raise DomainError(
                        f"The derivative of x{k} = {instruction.op}(...) in x{j} overflowed"
                        f"{place(instruction.where)}; rescale its operands."
                    )
    raise DomainError(f"The derivative of {P.name} overflowed where its instructions combine; rescale the inputs.")


def unit_seeds(shapes: list[tuple[int, ...]], nodes: list[int], nb: int, dtype: Any) -> dict[int, Any]:
    """e_1, ..., e_n for n scalars spread over several nodes: (n, 1 per batch axis, *core) each."""
    sizes = [prod(shape) for shape in shapes]
    n, start, seeds = sum(sizes), 0, {}
    for node, shape, size in zip(nodes, shapes, sizes, strict=True):
        e = np.zeros((n, size), dtype=dtype)
        e[start : start + size] = np.eye(size, dtype=dtype)
        e = e.reshape((n,) + (1,) * nb + shape)
        seeds[node] = seeds[node] + e if node in seeds else e
        start += size
    return seeds


def dtype_of(P: Program, ev: Evaluation) -> Any:
    return np.result_type(*(np.asarray(ev.values[k]).dtype for k in P.outputs))


def jacobian_blocks(P: Program, ev: Evaluation, mode: str) -> list[list[np.ndarray]]:
    """blocks[o][i] of shape batch + output core + input core, by either mode."""
    first, nb, shapes = len(P.input_shapes), len(ev.batch), P.shapes
    outs = [shapes[k] for k in P.outputs]
    ins = list(P.input_shapes)
    dtype = dtype_of(P, ev)
    if mode == "forward":
        seeds = unit_seeds(ins, list(range(first)), nb, dtype)
        dx = push(P, ev, [seeds[j] for j in range(first)])
        columns = [_spread(dx[k], (P.p,), ev, shapes[k]) for k in P.outputs]
        check_finite(P, ev, columns)
        ends = np.cumsum([prod(s) for s in ins])[:-1]
        return [
            [np.moveaxis(part, 0, -1).reshape(ev.batch + out + s)
             for part, s in zip(np.split(c, ends), ins, strict=True)]
            for c, out in zip(columns, outs, strict=True)
        ]
    n = sum(prod(s) for s in outs)
    seeds = unit_seeds(outs, list(P.outputs), nb, dtype)
    v = pull(P, ev, seeds)
    lines = [_spread(v[j], (n,), ev, ins[j]) for j in range(first)]
    check_finite(P, ev, lines)
    ends = np.cumsum([prod(s) for s in outs])[:-1]
    split = [np.split(line, ends) for line in lines]
    blocks = []
    for o, out in enumerate(outs):
        blocks.append([
            np.moveaxis(split[i][o], 0, nb).reshape(ev.batch + out + ins[i]) for i in range(first)
        ])
    return blocks


def derivative(P: Program, ev: Evaluation, mode: str) -> Any:
    """The derivative along the pieces of an evaluation, by "forward" or "backward", in the user's shape."""
    blocks = jacobian_blocks(P, ev, mode)
    trees = [unflatten(P.in_tree, [np.array(b)[()] for b in row]) for row in blocks]
    assert isinstance(P.in_tree, Branch)
    if len(P.in_tree.children) == 1:
        trees = [tree[0] for tree in trees]
    return unflatten(P.out_tree, trees)


def forward_mode(P: Program, *args: Any, convention: Convention = "paper") -> Any:
    """The derivative of P by the forward column of Algorithm 2.

    dx_k = sum over j in pr(k) of d_k[j] dx_j, from dx_j = e_j at the inputs. Shape: batch +
    output core + input core; a tuple with one entry per argument when there are several. Raises
    what `evaluate` raises. Source: Algorithm 2, left column.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda t: sg.relu(-t) + t, 0.0)
    >>> print(sg.forward_mode(P, 0.0))
    1.0
    """
    return derivative(P, evaluate(P, args, convention), "forward")


def backward_mode(P: Program, *args: Any, convention: Convention = "paper") -> Any:
    """The derivative of P by the backward column of Algorithm 2.

    v[j] := v[j] + v[t] d_t[j], from v = e_m at the output. Shapes and errors as in
    `forward_mode`, whose result it equals (Lemma 1). Source: Algorithm 2, right column.

    >>> import selgrad as sg
    >>> P = sg.trace(lambda t: sg.relu(-t) + t, 0.0)
    >>> sg.backward_mode(P, [-1.0, 0.0, 1.0])
    array([0., 1., 1.])
    """
    return derivative(P, evaluate(P, args, convention), "backward")
