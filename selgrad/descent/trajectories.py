"""N trajectories of algorithm (8), and the verdict on where they end (Theorem 4)."""

from __future__ import annotations

from selgrad.descent.ends import Ends, ends
from selgrad.descent.runs import Run


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
