"""Facts about primitives: every row states them, and nothing is presumed of a new one."""

from dataclasses import fields, replace

import numpy as np
import pytest

import selgrad as sg
from selgrad.primitives import ROWS
from selgrad.primitives.facts import ALL, CALL, EACH, FIRST, NONE, SAME, Facts
from selgrad.primitives.kinked import AFFINE, ZERO, Piece, piecewise
from selgrad.primitives.rows import Kinked, Row, column
from selgrad.tracing.recorder import elementwise


@pytest.mark.parametrize("column", [field.name for field in fields(Facts)])
def test_a_row_that_leaves_a_fact_out_is_an_error(column):
    known = {field.name: getattr(AFFINE, field.name) for field in fields(Facts) if field.name != column}
    with pytest.raises(TypeError, match=column):
        Facts(**known)


@pytest.mark.parametrize(("column", "given"), [("facts", {"prints": CALL}), ("prints", {"facts": AFFINE})])
def test_a_row_without_facts_or_print_is_an_error(column, given):
    with pytest.raises(TypeError, match=column):
        Row("half", lambda t: t / 2, (0.5,), **given)
    assert Row("half", lambda t: t / 2, (0.5,), facts=AFFINE, prints=CALL).elementwise


def test_a_kinked_row_has_no_default_either():
    given = {field.name: getattr(ROWS["relu"], field.name) for field in fields(Kinked)}
    for missing in ("facts", "prints", "pieces", "switches", "index", "select", "frozen", "choices", "ties", "rules",
                    "unread"):
        with pytest.raises(TypeError, match=missing):
            Kinked(**{name: value for name, value in given.items() if name != missing})


BENT = Piece(lambda t: t * t + t, (lambda t: 2 * t + 1,))


@pytest.fixture
def bend(monkeypatch):
    """0 for t < 0, t^2 + t for t > 0: kinked, and not piecewise affine."""
    row = piecewise("bend", column("<", "-", "-", "-", "-"), (ZERO, BENT), lambda t: (t,),
                    facts=replace(AFFINE, affine=NONE, growth=None), prints=CALL)
    monkeypatch.setitem(ROWS, "bend", row)
    return lambda t: elementwise("bend", t)


def test_a_kinked_row_with_a_bent_piece_is_not_presumed_affine(bend):
    def squared(t):  # t^2, of kinks alone
        return bend(t) + bend(-t) - np.abs(t)

    def f(x):  # y - x^2 where x^2 < y < 2 x^2
        return sg.relu(x[1] - squared(x[0])) - sg.relu(x[1] - 2 * squared(x[0]))

    assert sg.grad(f)(np.array([0.1, 0.015])).tolist() == pytest.approx([-0.2, 1.0])
    C = sg.clarke(f, np.zeros(2))
    assert C.outer.contains([0.0, 1.0]) and C.outer.contains([0.0, 0.0])
    assert not C.exact or C.inner.contains([0.0, 1.0])
    # negative control: were the row said to be affine, the claim would be false
    ROWS["bend"] = replace(ROWS["bend"], facts=AFFINE)
    false = sg.clarke(f, np.zeros(2))
    assert false.exact and not false.outer.contains([0.0, 1.0])


def test_affine_in_some_operands():
    assert replace(AFFINE, affine=ALL).affine_in([0, 1, 2])
    assert replace(AFFINE, affine=EACH).affine_in([1]) and not replace(AFFINE, affine=EACH).affine_in([0, 1])
    assert replace(AFFINE, affine=FIRST).affine_in([0]) and not replace(AFFINE, affine=FIRST).affine_in([0, 1])
    assert not replace(AFFINE, affine=NONE).affine_in([0])


POINTS = (np.array([[0.5, 1.5], [2.0, 0.75]]), np.array([[1.25, 0.5], [0.25, 3.0]]), np.array([[3.0, 2.5], [4.0, 5.0]]))


@pytest.mark.parametrize("op", [op for op, row in ROWS.items() if row.elementwise and row.facts.affine != NONE])
def test_what_a_row_says_of_being_affine_is_so(op):
    """Along the pieces of one point, second differences vanish."""
    row = ROWS[op]
    n = len(row.pieces[0].slopes) if row.kinked and hasattr(row.pieces[0], "slopes") else len(row.partials)
    params = {"leaky_relu": {"negative_slope": 0.25}, "where": {"relation": ">"}}.get(op, {})
    s = row.apply(list(POINTS[:n]), params)[1]
    for moved in [range(n)] if row.facts.affine == ALL else [[0]] if row.facts.affine == FIRST else [[0], [1]]:
        values = []
        for step in (0.0, 0.125, 0.25):
            xs = [x + step * (i + 1) if i in moved else x for i, x in enumerate(POINTS[:n])]
            values.append(row.frozen(s, *xs, **params) if row.kinked else row.value(*xs, **params))
        assert np.allclose(values[0] - 2 * np.asarray(values[1]) + values[2], 0, atol=1e-15)


def test_exactness_of_a_power_is_that_of_its_exponent():
    facts = ROWS["power"].facts
    assert facts.irrational(None, 3.0) == "" and facts.irrational(None, np.array([2.0, -1.0])) == ""
    assert "not rational" in facts.irrational(None, 0.5)
    assert "not rational" in facts.irrational(2.0, None)  # an exponent that is a node


def test_what_engines_agree_on_bit_for_bit():
    different = {op for op, row in ROWS.items() if row.facts.bits != SAME}
    assert {"exp", "power", "softmax", "median", "selu"} <= different
    assert not different & {"add", "divide", "sqrt", "relu", "max", "sort", "where", "reshape"}
