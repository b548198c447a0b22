"""A program as canonical JSON: what it computes and nothing else, so that equal programs have equal text.

Left out are names, places in the user's files and how arguments are nested; numbers keep every bit.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np

from selgrad.errors import InputError
from selgrad.geometry.rationals import Rational
from selgrad.primitives import ROWS
from selgrad.programs.program import Program
from selgrad.programs.program_data import Guard, Instruction, ProgramData
from selgrad.programs.trees import LEAF, Branch

FORMAT = "selgrad program 1"


def text(data: Any) -> str:
    """JSON in one spelling: sorted keys, no blanks."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encoded(value: Any) -> Any:
    """A constant or a parameter as JSON. Raises InputError for what has no such form.

    >>> encoded((1, 0.5, np.array([1.0, 2.0])))
    [1, 0.5, {'dtype': 'float64', 'shape': [2], 'data': [1.0, 2.0]}]
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if np.isfinite(value) else {"float": str(value)}
    if isinstance(value, Fraction):
        return {"rational": str(value)}
    if isinstance(value, (np.ndarray, np.generic)):
        a = np.asarray(value)
        if a.dtype.kind not in "fiubO":
            raise InputError(f"An array of dtype {a.dtype} has no canonical form.")
        return {"dtype": a.dtype.name, "shape": list(a.shape), "data": [encoded(x) for x in a.ravel().tolist()]}
    if isinstance(value, (tuple, list)):
        return [encoded(part) for part in value]
    if isinstance(value, dict):
        return {"dict": {str(name): encoded(part) for name, part in value.items()}}
    if isinstance(value, slice):
        return {"slice": [encoded(value.start), encoded(value.stop), encoded(value.step)]}
    if value is Ellipsis:
        return {"ellipsis": 1}
    raise InputError(f"A {type(value).__name__} has no canonical form.")


def decoded(data: Any) -> Any:
    """What `encoded` made JSON of. Raises InputError for anything else.

    >>> decoded(encoded({"shape": (2, 3), "at": slice(0, None, 2)}))
    {'shape': (2, 3), 'at': slice(0, None, 2)}
    """
    if data is None or type(data) in (bool, int, float, str):
        return data
    if isinstance(data, list):
        return tuple(decoded(part) for part in data)
    if isinstance(data, dict):
        if set(data) == {"dtype", "shape", "data"}:
            entries = [decoded(x) for x in data["data"]]
            kind = object if data["dtype"] == "object" else np.dtype(data["dtype"])
            a = np.empty(len(entries), dtype=kind)
            a[:] = entries
            return a.reshape(data["shape"])
        if set(data) == {"rational"}:
            return Rational(data["rational"])
        if set(data) == {"float"}:
            return float(data["float"])
        if set(data) == {"slice"}:
            return slice(*map(decoded, data["slice"]))
        if set(data) == {"ellipsis"}:
            return Ellipsis
        if set(data) == {"dict"}:
            return {name: decoded(part) for name, part in data["dict"].items()}
    raise InputError(f"This is no canonical form: {str(data)[:60]}")


def canonical(P: ProgramData) -> dict[str, Any]:
    """The program as JSON data. Raises InputError where a primitive of the user's own stands in it.

    >>> import selgrad as sg
    >>> text(canonical(sg.trace(lambda t: sg.relu(t) + 1.0, 0.0))["lines"])
    '[{"op":"relu","operands":[0],"params":{"dict":{}},"rule":null,"shape":[]},{"op":"add","operands":[1,1.0],\
"params":{"dict":{}},"rule":null,"shape":[]}]'
    """
    for k, line in P.lines():
        if ROWS.get(line.op) is not line.row:
            raise InputError(f"x{k} = {line.op} is a primitive of your own, which no file can carry.")
    lines = [{"op": i.op, "operands": [encoded(o) for o in i.operands], "params": encoded(dict(i.params)),
              "shape": list(i.shape), "rule": i.rule} for i in P.instructions]
    guards = [{"node": g.node, "relation": g.relation, "taken": encoded(g.taken), "at": g.at} for g in P.guards]
    return {"format": FORMAT, "inputs": [list(shape) for shape in P.input_shapes], "lines": lines,
            "outputs": list(P.outputs), "guards": guards}


def program(data: dict[str, Any]) -> Program:
    """The program of `canonical` again, with its arguments as a flat tuple. Raises InputError for other data.

    >>> import selgrad as sg
    >>> P = program(canonical(sg.trace(lambda x: np.max(x) + 1.0, np.zeros(3))))
    >>> float(P(np.array([1.0, 5.0, 2.0])))
    6.0
    """
    if data.get("format") != FORMAT:
        raise InputError(f"This is no {FORMAT}.")
    inputs = tuple(tuple(map(int, shape)) for shape in data["inputs"])
    lines = tuple(Instruction(i["op"], tuple(decoded(o) for o in i["operands"]), decoded(i["params"]),
                              tuple(i["shape"]), rule=i["rule"]) for i in data["lines"])
    guards = tuple(Guard(g["node"], g["relation"], decoded(g["taken"]), g["at"]) for g in data["guards"])
    outputs = tuple(data["outputs"])
    nest = lambda n: LEAF if n == 1 else Branch(tuple, (), (LEAF,) * n)
    return Program(inputs, lines, outputs, Branch(tuple, (), (LEAF,) * len(inputs)), nest(len(outputs)), guards)
