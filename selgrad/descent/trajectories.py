"""N trajectories of algorithm (8), and the verdict on where they end (Theorem 4)."""

from __future__ import annotations

from typing import Any

import numpy as np

from selgrad.descent.ends import Ends, ends
from selgrad.descent.runs import Run
from selgrad.displays import table
from selgrad.errors import ShapeError

MOST_SHOWN = 8


class Trajectories(Run):
    """N trajectories of algorithm (8).

    x are the last iterates, shape (N, *core); iterates those numbered `recorded`, shape
    (N, len(recorded), *core), or None; start the first ones. A trajectory that left the real
    numbers, or the domain of an instruction, at step broke[j] >= 0 is nan from there on; broke is
    -1 for the others. c (N,) and alpha (steps,) make the step sizes gamma_k = c alpha_k. Trajectory
    number 0 here is number `first` of the run with this seed. Source: algorithm (8), Theorem 4.
    """

    def classify(self, *, tol: float = 1e-6, ulps: float = 0.0, most: int = 1000, refine: int = 0) -> Ends:
        """What the last iterates are: a verdict each (Section 5.2), and clusters of the critical ones.

        J is judged in the format of the run and with its tie convention. Equal ends are judged once. Off
        every kink AD's derivative settles the kind, for all ends at once: "clarke-critical" where it is at
        most tol, else "smooth", on the way. The `most` most frequent points on a kink go through
        `sg.classify`; with ulps=0 an end sits on a kink only when it does so exactly, as the program
        computes it. Critical ends of one kind within tol of each other are one cluster.

        >>> import numpy as np
        >>> import selgrad as sg
        >>> J = lambda t: np.square(t - 1) / 2 + sg.relu(-t) + t - sg.relu(t)
        >>> T = sg.sgd(J, [-1.0, -1.0, 1.0], steps=9, c=[0.5, 0.501, 1.0], alpha=lambda k: 1 / (k + 1))
        >>> print(T.classify())
        kind                 ends  exactly at  centre  near, not there  distance of 0 to D_P
        artificial-critical     1           1  0.                    0                     0
        clarke-critical         1           1  1.                    0                     0
        smooth                  1
        """
        return ends(self, tol=tol, ulps=ulps, most=most, refine=refine)

    def plot(self, ax: Any, **look: Any) -> list[Any]:
        """Draw the recorded iterates: x_k over k for one number, the path in the plane for two.

        `look` are arguments of `Axes.plot`. Returns the artists. Raises ShapeError where x has more than two
        entries, ValueError where no iterates were recorded.
        """
        if self.iterates is None:
            raise ValueError('No iterates were recorded: run sg.sgd(..., record="all") to draw them.')
        paths = self.iterates.reshape(len(self), len(self.recorded), -1)
        if paths.shape[2] > 2:
            raise ShapeError(f"Trajectories of one or two numbers can be drawn, not of {paths.shape[2]}.")
        look = {"linewidth": 0.8, **look}
        if paths.shape[2] == 1:
            ax.set(xlabel="$k$", ylabel="$x_k$")
            return ax.plot(self.recorded, paths[:, :, 0].T, **look)
        ax.set(xlabel="$x_1$", ylabel="$x_2$")
        return [line for path in paths for line in ax.plot(*path.T, **look)]

    def _repr_html_(self) -> str:
        def text(x: Any) -> str:
            return np.array2string(np.asarray(x), precision=6, separator=", ", threshold=6)

        rows = [(str(j), text(self.start[j]), f"{float(self.c[j]):.6g}", text(self.x[j]),
                 "" if self.broke[j] < 0 else f"left its domain at step {self.broke[j]}")
                for j in range(min(len(self), MOST_SHOWN))]
        more = f"<p>... and {len(self) - MOST_SHOWN} more</p>" if len(self) > MOST_SHOWN else ""
        said = f"{len(self)} trajectories of algorithm (8), {self.steps} steps, {self.dtype}"
        return table(["j", "start", "c", "end", ""], rows, said) + more
