"""The program as an object one runs: P(x) is Algorithm 1, print(P) its listing."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.primitives import Convention
from selgrad.programs import listing
from selgrad.programs.evaluate import evaluate
from selgrad.programs.program_data import Evaluation, ProgramData
from selgrad.programs.trees import flatten, unflatten


class Program(ProgramData):
    """A program P = (p, q, m, pr, G): frozen, validated data (Section 3).

    `P(*args)` runs Algorithm 1; arguments may carry leading batch axes. `p` and `q` count scalar
    inputs and outputs, `m` the scalars in memory. Raises InputError when the data is no program.

    >>> import selgrad as sg
    >>> sg.trace(lambda t: sg.relu(-t) + t, 0.0)
    Program(p=1, q=1, m=4)
    """

    def evaluate(self, *args: Any, convention: Convention = "paper") -> Evaluation:
        """The record of Algorithm 1: every x_k and the index s_k at every kinked instruction."""
        return evaluate(self, args, convention)

    def __call__(self, *args: Any) -> Any:
        """Algorithm 1; on values that are being recorded, its lines are recorded too."""
        for leaf in flatten(args)[0]:
            if hasattr(leaf, "replay"):
                return leaf.replay(self, args)
        ev = self.evaluate(*args)
        outs = [np.broadcast_to(ev.values[k], ev.batch + self.shapes[k])[()] for k in self.outputs]
        return unflatten(self.out_tree, [np.array(y)[()] for y in outs])

    def __str__(self) -> str:
        return listing.listing(self)

    def _repr_html_(self) -> str:
        return listing.html(self)
