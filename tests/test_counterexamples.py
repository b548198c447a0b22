"""Each counter-example keeps the other hypotheses, loses the conclusion, and says what is so."""

from dataclasses import replace

import pytest

from selgrad.counterexamples import COUNTEREXAMPLES, Fact, step
from selgrad.counterexamples.form import KEPT, LOST


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_what_it_computes_is_what_was_worked_out_by_hand(name):
    example = COUNTEREXAMPLES[name]
    facts = example.facts()
    assert [f for f in facts if not f.holds] == []
    assert {KEPT, LOST} <= {f.role for f in facts}
    assert example.name == name and example.text and example.drops


def test_a_fact_that_is_not_so_is_seen():
    facts = step.facts()
    assert not any(replace(f, expected="something else").holds for f in facts)
    assert not Fact(LOST, "", [1.0, 2.0], [1.0, 2.5]).holds and Fact(LOST, "", (1.0, 2.0), [1, 2]).holds
    assert not Fact(KEPT, "", float("nan"), float("nan")).holds


def test_printing():
    said = str(step).splitlines()
    assert said[0].startswith('Drops "f is continuous" (Definition 3, Proposition 2, Theorem 3, Proposition 6).')
    assert "  fails:      from -1 to 1: rise, integral of the derivative: 6, 5" in said
    assert repr(step) == "Counterexample('step')"
