"""Read a function of JAX as a Program, with JAX's own rule at every kink: `from_jax`.

The jaxpr is walked equation by equation. What depends on no input JAX computes itself; what only moves entries it is
asked to do with their numbers. A custom_jvp or custom_vjp stays what it is called, or follows its own
rule, since its inner equations have another derivative.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from selgrad.errors import InputError, SelgradError
from selgrad.frameworks import require_jax
from selgrad.frameworks.importing import Imported, Unsupported, numbers, placed, pruned
from selgrad.frameworks.jax_custom import called, linearised
from selgrad.frameworks.jax_ops import CUSTOM, MOVES, PRIMITIVES
from selgrad.programs.trees import flatten
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Recorder, Traced
from selgrad.tracing.refusals import INNER
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS
from selgrad.tracing.tracer import finished

Where = tuple[str, int] | None
CALLS = ("jit", "remat2", "custom_jvp_call", "custom_vjp_call")
LOOPS = ("scan", "while", "cond")
SCANNED = ("cummax", "cummin", "cumprod", "cumlogsumexp")  # JAX differentiates them as an associative scan
SCATTERED = {"scatter-add": np.add, "scatter-mul": np.multiply}
MOST = 10_000  # turns of a loop


class Unknown:
    """What an operation that is not supported would give, or what no output needs."""


UNKNOWN = Unknown()


def from_jax(f: Callable, *args: Any) -> Imported:
    """A function of JAX as a Program that has JAX's own derivative at every kink.

    The arguments (arrays, or nested tuples, lists and dicts of them, such as weights) give the shapes; an argument of
    whole numbers or truth values is a constant. Every instruction carries its rule, its line and, in `layers`, its
    jax.named_scope. Raises NotElementary, which names all primitives that are not supported; InputError for arguments
    that are no real numbers. Source: Section 3.

    >>> P = from_jax(jax.nn.relu, jnp.zeros(2))  # doctest: +SKIP
    >>> P(np.array([-1.0, 2.0]))  # doctest: +SKIP
    array([0., 2.])
    """
    jax = require_jax()
    real = [[np.issubdtype(np.asarray(leaf).dtype, np.floating) for leaf in jax.tree.leaves(a)] for a in args]
    if any(any(kinds) and not all(kinds) for kinds in real):
        raise InputError("from_jax: an argument holds real numbers and others: give them as separate arguments.")
    kept = tuple(a for a, kinds in zip(args, real, strict=True) if all(kinds) and kinds)
    if not kept:
        raise InputError("from_jax: no argument holds real numbers, so there is nothing to differentiate.")
    leaves, in_tree = flatten(kept)
    if len(leaves) != sum(map(sum, real)):
        raise InputError("from_jax: arguments may be nested tuples, lists and dicts of arrays, and nothing else.")
    closed, out = jax.make_jaxpr(f, return_shape=True)(*args)
    reader = Reader(jax)
    try:
        inputs = [reader.recorder.input(np.array(leaf)[()]) for leaf in leaves]
        given = iter(inputs)
        values = [next(given) if is_real else np.asarray(leaf) for a, kinds in zip(args, real, strict=True)
                  for leaf, is_real in zip(jax.tree.leaves(a), kinds, strict=True)]
        with np.errstate(all="ignore"):
            results = reader.run(closed.jaxpr, closed.consts, values)
        reader.unsupported.check()
        results = [r if isinstance(r, Traced | Comparison) else np.asarray(r)[()] for r in results]
        result = jax.tree.unflatten(jax.tree.structure(out), results)
        P, _ = finished(inputs, result, in_tree, getattr(f, "__name__", "f"))
    finally:
        reader.recorder.closed = True
    return pruned(P, reader.layers, "jax")


class Reader:
    """The equations of a jaxpr, and what became of its values: traced ones, and constants, which JAX computes."""

    def __init__(self, jax: Any):
        self.jax, self.recorder, self.unsupported = jax, Recorder(UFUNCS, FUNCTIONS, METHODS), Unsupported("JAX")
        self.recorder.check = False
        self.layers: list[str] = []
        self.stopped = False  # within a rule, where no derivative passes to the operands

    def run(self, jaxpr: Any, consts: Any, args: list[Any], where: Where = None, layer: str = "",
            wanted: list[bool] | None = None) -> list[Any]:
        """The outputs of a jaxpr on these values; those that are not wanted are unknown."""
        env = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*map(_constant, consts), *args], strict=True))
        is_literal = lambda v: hasattr(v, "val")
        ends = [v for v, want in zip(jaxpr.outvars, wanted or [True] * len(jaxpr.outvars), strict=True) if want]
        needed = {v for v in ends if not is_literal(v)}
        live = []
        for eqn in reversed(jaxpr.eqns):
            if needed.intersection(eqn.outvars):
                live.append((eqn, [v in needed for v in eqn.outvars]))
                needed.update(v for v in eqn.invars if not is_literal(v))
        look = lambda v: _constant(v.val) if is_literal(v) else env.get(v, UNKNOWN)
        for eqn, outs in reversed(live):
            scope = "/".join(part for part in (layer, str(eqn.source_info.name_stack)) if part)
            found = self.call(eqn, [look(v) for v in eqn.invars], where or self._line(eqn), scope, outs)
            env.update(zip(eqn.outvars, found, strict=True))
        return [look(v) for v in jaxpr.outvars]

    def call(self, eqn: Any, xs: list[Any], where: Where, layer: str, wanted: list[bool]) -> list[Any]:
        """The values of one equation, whose lines get its place."""
        name, before, branches = eqn.primitive.name, len(self.recorder.instructions), len(self.recorder.guards)
        try:
            if any(x is UNKNOWN for x in xs) and name not in (*CALLS, *LOOPS):
                return [UNKNOWN] * len(wanted)
            found = self.value(eqn, name, xs, where, layer, wanted)
        except (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, SelgradError) as problem:
            why = "" if isinstance(problem, KeyError) else str(problem)
            said = f"{name} {called(eqn)}" if name.startswith("custom") else name
            self.unsupported.add(said, layer, where, why)
            found = [UNKNOWN] * len(wanted)
        lines, guards = self.recorder.instructions, self.recorder.guards
        for i in range(branches, len(guards)):
            guards[i] = replace(guards[i], where=where)
        for i in range(max(before, len(self.layers)), len(lines)):
            lines[i] = replace(lines[i], where=where)
        self.layers += [layer] * (len(lines) - len(self.layers))
        return found

    def value(self, eqn: Any, name: str, xs: list[Any], where: Where, layer: str, wanted: list[bool]) -> list[Any]:
        """What an equation becomes. Raises KeyError where nothing is known of it."""
        if name in LOOPS:
            return getattr(self, f"_{name}")(eqn, xs, where, layer, wanted)
        if name in CALLS:
            if name.startswith("custom") and _recorded(xs) and not self.stopped:
                opaque = CUSTOM.get(called(eqn))
                return [opaque(*map(_operand, xs))] if opaque else self._by_own_rule(eqn, xs, where, layer)
            inner = next(eqn.params[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in eqn.params)
            jaxpr, consts = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())
            return self.run(jaxpr, consts, xs, where, layer, wanted)
        if not _recorded(xs):
            return _several(eqn, eqn.primitive.bind(*xs, **eqn.params))
        if name in SCANNED:
            return self._associative(eqn, xs, where, layer)
        if name in SCATTERED:
            return [self._scattered(eqn, *xs)]
        if name in MOVES:
            return self._move(eqn, name, xs)
        return _several(eqn, PRIMITIVES[name](*map(_operand, xs), **eqn.params))

    def _by_own_rule(self, eqn: Any, xs: list[Any], where: Where, layer: str) -> list[Any]:
        """A function with a derivative of its own: its value at a constant, and that derivative times nothing."""
        closed = linearised(self.jax, eqn)
        fixed = [PRIMITIVES["stop_gradient"](_operand(x.number if isinstance(x, Comparison) else x)) for x in xs]
        moving = [x - c if isinstance(x, Traced) else np.zeros_like(c) for x, c in zip(xs, fixed, strict=True)
                  if c.dtype.kind == "f"]
        self.stopped = True  # the rule may call the function itself, for its value
        try:
            found = self.run(closed.jaxpr, closed.consts, [*fixed, *moving], where, layer)
        finally:
            self.stopped = False
        n = len(found) // 2
        return [_operand(y) + _operand(d) for y, d in zip(found[:n], found[n:], strict=True)]

    def _line(self, eqn: Any) -> Where:
        """The user's file and line."""
        inner = (*INNER, str(Path(self.jax.__file__).resolve().parent))
        frames = getattr(eqn.source_info.traceback, "frames", None) or ()
        return next(((f.file_name, f.line_num) for f in frames if not f.file_name.startswith(inner)), None)

    def _move(self, eqn: Any, name: str, xs: list[Any]) -> list[Any]:
        """Entries that move: JAX moves their numbers."""
        count = MOVES[name]
        entries = [0, 2] if name == "scatter" else list(range(len(xs) if count is None else count))
        if any(isinstance(x, Traced | Comparison) for i, x in enumerate(xs) if i not in entries):
            raise ValueError("values decide which positions it reads")
        operands = [_operand(xs[i].number if isinstance(xs[i], Comparison) else xs[i]) for i in entries]
        given = dict(zip(entries, numbers(operands), strict=True))
        found = eqn.primitive.bind(*(given.get(i, x) for i, x in enumerate(xs)), **eqn.params)
        moved = [np.asarray(y) for y in _several(eqn, found)]
        if any(np.any(at <= 0) for at in moved):
            raise ValueError("it reads beyond the end of its operand")
        truth = all(isinstance(xs[i], Comparison) or xs[i].dtype == bool for i in entries)
        return [y > 0.5 if truth else y for y in (placed(operands, at) for at in moved)]

    def _scattered(self, eqn: Any, x: Any, positions: Any, updates: Any) -> Any:
        """x with updates added or multiplied: the transpose of JAX's sum says where each of them goes."""
        if isinstance(positions, Traced | Comparison):
            raise ValueError("values decide which positions it writes to")
        n, dtype = int(np.prod(np.shape(x))), eqn.outvars[0].aval.dtype
        if n + 1 > 1 / np.finfo(dtype).eps:
            raise ValueError(f"its operand has more entries than {dtype} can number")
        zero = np.zeros(np.shape(x), dtype=dtype)
        add = functools.partial(self.jax.lax.scatter_add, **{
            key: eqn.params[key] for key in ("dimension_numbers", "indices_are_sorted", "unique_indices", "mode")})
        pull = self.jax.vjp(lambda u: add(zero, positions, u), np.zeros(np.shape(updates), dtype=dtype))[1]
        at = np.asarray(pull(np.arange(1, n + 1, dtype=dtype).reshape(np.shape(x)))[0]).astype(np.int64)
        join = SCATTERED[eqn.primitive.name]
        if not isinstance(updates, Traced):
            joined = np.full(n + 1, join.identity, dtype=dtype)
            join.at(joined, at, updates)
            return join(x, joined[1:].reshape(np.shape(x)))
        if join is np.multiply:
            if np.any(np.unique(at[at > 0], return_counts=True)[1] > 1):
                raise ValueError("several factors meet in one entry")
            source = np.zeros(n + 1, dtype=int)
            source[at] = np.arange(1, at.size + 1).reshape(at.shape)
            return _operand(x) * placed([updates], source[1:].reshape(np.shape(x)), fill=1.0)
        added = updates.then("scatter", core=(n + 1,), at=at)[1:]
        return _operand(x) + np.reshape(added, np.shape(x))

    def _associative(self, eqn: Any, xs: list[Any], where: Where, layer: str) -> list[Any]:
        lax = self.jax.lax
        pair = {"cummax": lax.max, "cummin": lax.min, "cumprod": lax.mul,
                "cumlogsumexp": self.jax.numpy.logaddexp}[eqn.primitive.name]
        spelled = self.jax.make_jaxpr(lambda x: lax.associative_scan(pair, x, **eqn.params))(
            self.jax.ShapeDtypeStruct(eqn.invars[0].aval.shape, eqn.invars[0].aval.dtype))
        return self.run(spelled.jaxpr, spelled.consts, xs, where, layer)

    def _scan(self, eqn: Any, xs: list[Any], where: Where, layer: str, wanted: list[bool]) -> list[Any]:
        inner, n, c = eqn.params["jaxpr"], eqn.params["num_consts"], eqn.params["num_carry"]
        length, fixed, carry, scanned = eqn.params["length"], xs[:n], list(xs[n : n + c]), xs[n + c :]
        turns: list[list[Any]] = [[]] * length
        for i in range(length)[:: -1 if eqn.params["reverse"] else 1]:
            found = self.run(inner.jaxpr, inner.consts, [*fixed, *carry, *(_entry(x, i) for x in scanned)],
                             where, layer)
            carry, turns[i] = found[:c], found[c:]
        return [*carry, *(_stacked(list(column)) if wanted[c + j] else UNKNOWN
                          for j, column in enumerate(zip(*turns, strict=True)))]

    def _while(self, eqn: Any, xs: list[Any], where: Where, layer: str, wanted: list[bool]) -> list[Any]:
        a, b = eqn.params["cond_nconsts"], eqn.params["body_nconsts"]
        test, body, carry = eqn.params["cond_jaxpr"], eqn.params["body_jaxpr"], xs[a + b :]
        for _ in range(MOST):
            (goes_on,) = self.run(test.jaxpr, test.consts, [*xs[:a], *carry], where, layer)
            if _recorded([goes_on]):
                raise ValueError("values decide how often it turns")
            if not goes_on:
                return carry
            carry = self.run(body.jaxpr, body.consts, [*xs[a : a + b], *carry], where, layer)
        raise ValueError(f"it turns more than {MOST} times")

    def _cond(self, eqn: Any, xs: list[Any], where: Where, layer: str, wanted: list[bool]) -> list[Any]:
        branches, which = eqn.params["branches"], xs[0]
        if not _recorded([which]):
            chosen = branches[min(max(int(which), 0), len(branches) - 1)]
            return self.run(chosen.jaxpr, chosen.consts, xs[1:], where, layer, wanted)
        if not isinstance(which, Comparison) or len(branches) != 2:
            raise ValueError("values decide a whole number that picks a branch")
        off, on = (self.run(b.jaxpr, b.consts, xs[1:], where, layer, wanted) for b in branches)
        return [PRIMITIVES["select_n"](which, *pair) if want else UNKNOWN
                for *pair, want in zip(off, on, wanted, strict=True)]


def _recorded(xs: list[Any]) -> bool:
    return any(isinstance(x, Traced | Comparison | Unknown) for x in xs)


def _constant(x: Any) -> Any:
    return x if getattr(getattr(x, "dtype", None), "kind", "V") == "V" else np.asarray(x)


def _operand(x: Any) -> Any:
    """A constant as an array of NumPy's."""
    return x if isinstance(x, Traced | Comparison) else np.asarray(x)


def _several(eqn: Any, found: Any) -> list[Any]:
    results = list(found) if eqn.primitive.multiple_results or isinstance(found, tuple) else [found]
    return [UNKNOWN if y is None else y if isinstance(y, Traced | Comparison) else _constant(y) for y in results]


def _entry(x: Any, i: int) -> Any:
    return UNKNOWN if x is UNKNOWN else x[i]


def _stacked(parts: list[Any]) -> Any:
    if any(part is UNKNOWN for part in parts):
        return UNKNOWN
    if not _recorded(parts):
        return np.stack(parts)
    return np.stack([part.number if isinstance(part, Comparison) else part for part in parts])
