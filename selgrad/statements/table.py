"""The statements as data: what each is called, whose it is, what it rests on, and its hypotheses.

Numbers are the paper's; Proposition 6 and Remark 1 stand in its appendix, which is reconstructed here. What the code,
the cells, the tests and the counter-examples of a statement are is read off the markers (`markers.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER, LATER, OURS = "paper", "later", "ours"


@dataclass(frozen=True)
class Statement:
    """One statement: its id is what cells, tests and counter-examples call it.

    rests_on: ids of the statements it uses. hypotheses: what one may drop; each has a counter-example. objects: public
    names (`sg.` is selgrad), files: where they stand, below the project's folder or selgrad/. note: what is to be
    known when reading the paper beside it.
    """

    id: str
    name: str
    place: str
    says: str
    objects: tuple[str, ...]
    files: tuple[str, ...]
    rests_on: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    whose: str = PAPER
    note: str = ""

    @property
    def kind(self) -> str:
        """Definition, Proposition, Theorem, Lemma, Algorithm, Equation, Remark, Illustration, Figure or Notion."""
        first = self.id.split()[0]
        return first if first in KINDS else "Notion"


KINDS = ("Definition", "Proposition", "Theorem", "Lemma", "Algorithm", "Equation", "Remark", "Illustration", "Figure")
