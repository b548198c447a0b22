"""The paper's statements: object, cells, tests and counter-examples of each, and what rests on what."""

from selgrad.statements.section_1_to_2 import SECTION_1_TO_2
from selgrad.statements.section_3_to_5 import SECTION_3_TO_5
from selgrad.statements.table import Statement

STATEMENTS: dict[str, Statement] = {s.id: s for s in (*SECTION_1_TO_2, *SECTION_3_TO_5)}
"""All statements by id, in the order of the paper."""

__all__ = ["STATEMENTS", "Statement"]
