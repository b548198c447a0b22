"""A call of a function as a program of those arguments that are differentiated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from selgrad.errors import InputError, ShapeError
from selgrad.programs.program import Program
from selgrad.programs.trees import Branch, Structure, count, flatten, unflatten
from selgrad.tracing.recorder import Traced
from selgrad.tracing.tracer import closed_over

FunctionOrProgram = Callable | Program
Argnums = int | Sequence[int]


@dataclass(frozen=True)
class Asked:
    """P, the arguments it is run on, the inputs asked for and their nesting.

    out_tree is the nesting of the value, which the first `values` outputs of P are. result(outputs) makes of all
    outputs, nested as P's, what f returned: its value, or (value, aux). traced: an argument is being recorded.
    """

    P: Program
    args: tuple[Any, ...]
    wanted: list[int]
    nesting: Structure
    out_tree: Structure
    values: int
    result: Callable[[Any], Any]
    traced: bool


def is_traced(args: Any) -> bool:
    """Whether one of these nested arrays is being recorded."""
    if isinstance(args, tuple | list):
        return any(type(a) is not np.ndarray and is_traced(a) for a in args)
    return any(map(is_traced, args.values())) if isinstance(args, dict) else isinstance(args, Traced)


def check_asked(f: Any, argnums: Any, name: str) -> None:
    """Raise InputError unless f can be called and argnums names arguments."""
    if not callable(f):
        raise InputError(f"{name} takes a function or a Program, not {_shown(f)}: write {name}(f)(x), where f is "
                         "the function and x the point.")
    listed = argnums if isinstance(argnums, Sequence) and not isinstance(argnums, str) else (argnums,)
    if not listed or not all(isinstance(a, int) and not isinstance(a, bool) for a in listed):
        raise InputError(f"argnums={argnums!r} must be the number of an argument, counted from 0, or several of them; "
                         f"the point is given to the result: {name}(f)(x).")


def asked(f: FunctionOrProgram, argnums: Argnums, args: tuple, kwargs: dict[str, Any], has_aux: bool) -> Asked:
    """The program of f in the arguments number `argnums`; all others pass through f untouched.

    A Program takes all its arguments. With has_aux f returns a pair, of which only the first is differentiated.
    """
    if isinstance(f, Program):
        if kwargs or has_aux:
            raise InputError("A Program takes its arguments in order, and returns what it was traced to return: "
                             "keywords and has_aux are for functions.")
        wanted, nesting = flatten(_picked(f, list(range(len(f.input_shapes))), argnums))
        return Asked(f, args, wanted, nesting, f.out_tree, len(f.outputs), lambda outs: outs, is_traced(args))
    numbers = [_number(a, len(args), f) for a in (argnums if isinstance(argnums, Sequence) else (argnums,))]
    distinct = list(dict.fromkeys(numbers))
    found: list[Any] = [None, []]

    def of_these(*picked: Any) -> Any:
        every = list(args)
        for a, x in zip(distinct, picked, strict=True):
            every[a] = x
        result = f(*every, **kwargs)
        if not has_aux:
            return (result,)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise InputError(f"{_name(f)} must return (value, aux) because of has_aux=True, not {_shown(result)}.")
        found[:] = flatten(result[1])
        return result[0], [leaf for leaf in found[0] if isinstance(leaf, Traced)]

    of_these.__name__ = _name(f)
    picked = tuple(args[a] for a in distinct)
    P, captured = closed_over(of_these, picked)
    assert isinstance(P.in_tree, Branch) and isinstance(P.out_tree, Branch)
    parts = unflatten(P.in_tree, range(len(P.input_shapes)))
    wanted, nesting = flatten(tuple(parts[distinct.index(a)] for a in numbers)
                              if isinstance(argnums, Sequence) else parts[0])
    out_tree = P.out_tree.children[0]
    return Asked(P, (*picked, *captured), wanted, nesting, out_tree,
                 count(out_tree), _rejoined(*found) if has_aux else lambda outs: outs[0],
                 bool(captured) or is_traced(picked))


def check_scalar(call: Asked) -> None:
    """Raise ShapeError unless the value is one number."""
    P = call.P
    if call.values != 1 or P.shapes[P.outputs[0]] != ():
        shown = [P.shapes[k] for k in P.outputs[: call.values]]
        raise ShapeError(f"grad needs a scalar output, but {P.name} returns shape(s) {shown}: use sg.jacobian.")


def _rejoined(leaves: list[Any], tree: Structure) -> Callable[[list[Any]], Any]:
    def result(outs: Any) -> Any:
        value, found = outs
        rest = iter(found)
        return value, unflatten(tree, [next(rest) if isinstance(leaf, Traced) else leaf for leaf in leaves])

    return result


def _picked(P: Program, leaves: list[Any], argnums: Argnums) -> Any:
    """The part of a result, given per input leaf, that belongs to the arguments asked for."""
    assert isinstance(P.in_tree, Branch)
    parts = unflatten(P.in_tree, leaves)
    if isinstance(argnums, Sequence):
        return tuple(parts[_number(a, len(parts), P)] for a in argnums)
    return parts[_number(argnums, len(parts), P)]


def _number(a: int, n: int, f: Any) -> int:
    if not -n <= a < n:
        raise InputError(f"argnums asks for argument {a}, but {_name(f)} has {n} argument(s).")
    return a % n


def _name(f: Any) -> str:
    return f.name if isinstance(f, Program) else getattr(f, "__name__", "f")


def _shown(x: Any) -> str:
    return f"a {type(x).__name__}"
