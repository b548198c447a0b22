"""TensorFlow's answers, recorded: what a machine without TensorFlow shows in its place.

`recorded.json` holds the version of TensorFlow, derivatives of programs (with the programs
themselves, so that a test can ask again), and the output of notebook cells. It is written by
`python -m selgrad.frameworks.record`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from selgrad.errors import InputError, SelgradError
from selgrad.examples.paper import relu2, relu3, sine, t_minus_zero, zero
from selgrad.frameworks import require_tensorflow, tensorflow_available
from selgrad.frameworks.tensorflow import tensorflow_value_and_derivative
from selgrad.programs.arguments import bind
from selgrad.programs.program import Program
from selgrad.programs.program_data import Guard, Instruction
from selgrad.programs.trees import LEAF, Branch, Leaf, Structure
from selgrad.tracing.operations import relu

PATH = Path(__file__).with_name("recorded.json")
RECORD = "python -m selgrad.frameworks.record"


class NotRecorded(SelgradError, LookupError):
    """TensorFlow is missing, and what is asked of it was not recorded."""


RECORDED: list[tuple[Callable, tuple[Any, ...]]] = [
    (relu, (0.0,)),
    (relu2, (0.0,)),
    (relu3, (0.0,)),
    (zero, (0.0,)),
    (t_minus_zero, (0.0,)),
    (sine, (1.0,)),
]


def encode(value: Any) -> Any:
    """A value as JSON that `decode` turns back into the same value: numbers, arrays, slices, nested.

    >>> encode((1, slice(None), 0.5))
    {'tuple': [1, {'slice': [None, None, None]}, 0.5]}
    """
    if isinstance(value, np.bool_):
        return bool(value)
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if isinstance(value, float):  # np.float64 is one, and repr brings every bit back
        return float(value)
    if isinstance(value, (np.ndarray, np.generic)):
        a = np.asarray(value)
        return {"array": a.ravel().tolist(), "shape": list(a.shape), "dtype": a.dtype.name}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if type(value) in (tuple, list):
        return {type(value).__name__: [encode(v) for v in value]}
    if type(value) is dict:
        return {"dict": [[key, encode(v)] for key, v in sorted(value.items())]}
    raise InputError(f"A {type(value).__name__} cannot be recorded: use numbers, arrays, tuples, lists or dicts.")


def decode(data: Any) -> Any:
    """The inverse of `encode`.

    >>> decode(encode({"a": [1.5, (2, slice(0, 3))]}))
    {'a': [1.5, (2, slice(0, 3, None))]}
    """
    if not isinstance(data, dict):
        return data
    if "array" in data:
        a = np.array(data["array"], dtype=data["dtype"]).reshape(data["shape"])
        a.setflags(write=False)
        return a[()]
    if "slice" in data:
        return slice(*data["slice"])
    if "dict" in data:
        return {key: decode(v) for key, v in data["dict"]}
    if "tuple" in data:
        return tuple(decode(v) for v in data["tuple"])
    return [decode(v) for v in data["list"]]


def _tree_to_json(tree: Structure) -> Any:
    if isinstance(tree, Leaf):
        return "leaf"
    if tree.kind not in (tuple, list, dict):
        raise InputError(f"Arguments nested in a {tree.kind.__name__} cannot be recorded: use tuples, lists or dicts.")
    return [tree.kind.__name__, list(tree.keys), [_tree_to_json(child) for child in tree.children]]


def _tree_from_json(data: Any) -> Structure:
    if data == "leaf":
        return LEAF
    kind, keys, children = data
    return Branch({"tuple": tuple, "list": list, "dict": dict}[kind], tuple(keys),
                  tuple(_tree_from_json(child) for child in children))


def program_to_json(P: Program) -> dict[str, Any]:
    """The canonical JSON form of a program: two programs with the same listing have the same form.

    The name and the user's lines are left out. Raises InputError for a parameter or a nesting
    that has no JSON form. `program_from_json` is the inverse.

    >>> import selgrad
    >>> P = selgrad.trace(zero, 0.0)
    >>> program_to_json(program_from_json(program_to_json(P))) == program_to_json(P)
    True
    """
    return {
        "inputs": [list(shape) for shape in P.input_shapes],
        "instructions": [
            [i.op, [encode(o) for o in i.operands], {n: encode(v) for n, v in i.params.items()}, list(i.shape),
             *([] if i.rule is None else [i.rule])]
            for i in P.instructions
        ],
        "outputs": list(P.outputs),
        "guards": [[g.node, g.relation, encode(g.taken), g.at] for g in P.guards],
        "in_tree": _tree_to_json(P.in_tree),
        "out_tree": _tree_to_json(P.out_tree),
    }


def program_from_json(data: dict[str, Any]) -> Program:
    """The program with this canonical form; raises InputError when the data is no program.

    >>> import selgrad
    >>> P = program_from_json(program_to_json(selgrad.trace(zero, 0.0)))
    >>> print(P(2.0))
    0.0
    """
    return Program(
        tuple(tuple(shape) for shape in data["inputs"]),
        tuple(
            Instruction(op, tuple(decode(o) for o in operands), {n: decode(v) for n, v in params.items()}, tuple(shape),
                        rule=rule[0] if rule else None)
            for op, operands, params, shape, *rule in data["instructions"]
        ),
        tuple(data["outputs"]),
        _tree_from_json(data["in_tree"]),
        _tree_from_json(data["out_tree"]),
        tuple(Guard(node, relation, decode(taken), at) for node, relation, taken, at in data["guards"]),
    )


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _rounded(data: Any) -> Any:
    """JSON with its numbers cut to 12 digits: machines differ in the last bit of a cosine, say."""
    if isinstance(data, float):
        return float(f"{data:.12g}") + 0.0  # + 0.0: -0.0 is the same point
    if isinstance(data, list):
        return [_rounded(item) for item in data]
    return {key: _rounded(item) for key, item in data.items()} if isinstance(data, dict) else data


def program_key(P: Program, *args: Any) -> str:
    """The key of a program at a point: sha256 of its canonical form and of the arguments.

    Numbers count to 12 digits.

    >>> from selgrad import trace
    >>> program_key(trace(zero, 0.0), 0) == program_key(trace(lambda t: zero(t), 5.0), -0.0)
    True
    """
    leaves, _ = bind(P, args)
    point = [encode(np.asarray(leaf, dtype=float)) for leaf in leaves]
    return _sha(json.dumps(_rounded([program_to_json(P), point]), sort_keys=True))


def cell_key(source: str) -> str:
    """The key of a notebook cell: sha256 of its code, whatever blank lines stand around it."""
    return _sha(source.strip())


@cache
def store() -> dict[str, Any]:
    """What `recorded.json` holds: "tensorflow" (a version), "programs" and "cells", by key."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def tensorflow_version() -> str:
    """The version of TensorFlow whose values are shown here: live, or else recorded."""
    return require_tensorflow().__version__ if tensorflow_available() else store()["tensorflow"]


def derivative_in_tensorflow(P: Program, *args: Any) -> Any:
    """The derivative TensorFlow gives for P at a point: live where it is installed, else recorded.

    Nesting and shapes as in `backward_mode(P, *args)`. Raises NotRecorded when TensorFlow
    is missing and this program was not recorded at this point.

    >>> import selgrad
    >>> print(derivative_in_tensorflow(selgrad.trace(relu3, 0.0), 0.0))
    0.5
    """
    if tensorflow_available():
        return tensorflow_value_and_derivative(P, *args)[1]
    entry = store()["programs"].get(program_key(P, *args))
    if entry is None:
        raise NotRecorded(
            f"TensorFlow is not installed, and its derivative of {P.name} at this point is not among the "
            f'recorded ones: pip install "selgrad[tensorflow]" (Python 3.11 to 3.13) to ask it live.'
        )
    return decode(entry["derivative"])


def recorded_cell(source: str) -> str:
    """The recorded output of a `%%tensorflow` cell; raises NotRecorded when there is none."""
    entry = store()["cells"].get(cell_key(source))
    if entry is None:
        raise NotRecorded(
            "This cell needs TensorFlow, which is not installed here, and its code is not the recorded one: "
            'pip install "selgrad[tensorflow]" (Python 3.11 to 3.13), or undo the change to see the recorded output.'
        )
    return entry["output"]
