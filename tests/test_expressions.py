"""Expressions: what NumPy's functions write down is what they compute, and the rest is refused by name."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import interpreted
from hypothesis import given
from hypothesis import strategies as st

import selgrad as sg
from selgrad.compilation.expressions import FUNCTIONS, OPERATORS, Expression, Unspelled, name
from selgrad.compilation.forms import FORMS
from selgrad.compilation.languages import Python
from selgrad.primitives import ROWS, Row
from selgrad.primitives.facts import CALL, ENTRYWISE, MATRIX, NONE, SPELLED, Vector
from selgrad.primitives.groups import AXIS
from selgrad.primitives.kinked import AFFINE, IDENTITY, ZERO, Piece, piecewise
from selgrad.primitives.rows import column
from selgrad.programs.trees import LEAF, Branch

python = Python()
UNKNOWN = replace(AFFINE, affine=NONE, growth=None)
NAMES = ("a", "b")


def ran(o, **values):
    """What the text of an expression computes."""
    names = {**vars(np), "real": float, "larger": max, "smaller": min, "abs": abs, "asin": np.arcsin, **values}
    return eval(python.spell(o), names)


numbers = st.recursive(
    st.sampled_from([*NAMES, 0.0, 1.0, -2.0, 0.5]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["add", "subtract", "multiply", "maximum", "minimum"]), inner, inner),
        st.tuples(st.sampled_from(["negative", "square", "absolute", "tanh", "arctan", "number"]), inner),
        st.tuples(st.just("where"), st.tuples(st.sampled_from(["greater", "less_equal", "equal"]), inner, inner),
                  inner, inner),
    ),
    max_leaves=8,
)
truths = st.recursive(
    st.tuples(st.sampled_from(["greater", "greater_equal", "less", "less_equal", "equal", "not_equal"]),
              numbers, numbers),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["bitwise_and", "bitwise_or", "bitwise_xor", "logical_and", "logical_or",
                                   "logical_xor", "equal", "add", "multiply"]), inner, inner),
        st.tuples(st.sampled_from(["invert", "logical_not"]), inner),
        st.tuples(st.just("where"), inner, inner, inner),
    ),
    max_leaves=6,
)


def built(tree, values):
    """The tree by NumPy's functions, on what stands for the names."""
    if not isinstance(tree, tuple):
        return values.get(tree, tree)
    head, *args = tree
    xs = [built(arg, values) for arg in args]
    if head == "number":  # a comparison as a number
        return np.greater(xs[0], 0).astype(float) + xs[0] * (xs[0] >= 1)
    return getattr(np, head)(*xs)


@given(st.one_of(numbers, truths), st.sampled_from([-2.0, -1.0, 0.0, 1.0, 0.5]), st.sampled_from([-1.0, 0.0, 1.0, 3.0]))
def test_an_expression_is_what_numpy_computes(tree, a, b):
    values = {"a": np.float64(a), "b": np.float64(b)}
    written = built(tree, {key: name(key) for key in NAMES})
    assert ran(written, **values) == built(tree, values)


def test_both_operands_of_and_are_kept():
    """(a == 0) & (b == 0) was compiled to a == 0, and an unknown function ended in a KeyError."""
    a, b = name("a"), name("b")
    assert python.spell((a == 0) & (b == 0)) == "(a == real(0.0)) and (b == real(0.0))"
    assert python.spell((a == 0) | ~(b < 0)) == "(a == real(0.0)) or (not (b < real(0.0)))"
    assert python.spell(np.logical_and(a > 0, True)) == "a > real(0.0)" and ((a > 0) & False) is False
    assert python.spell(np.logical_or(a, b > 0)) == "(a != real(0.0)) or (b > real(0.0))"
    assert python.spell((a > 0) * b) == "(real(1.0) if a > real(0.0) else real(0.0)) * b"


def test_nan_stays_nan():
    larger = interpreted("def larger(a, b):\n    return a if a >= b or a != a else b\n").larger
    for a, b in ((name("a"), 1.0), (1.0, name("a")), (name("a"), name("one")), (name("one"), name("a"))):
        assert np.isnan(ran(np.maximum(a, b), a=np.nan, one=1.0, larger=larger))


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda t: np.floor(t), "numpy.floor"), (lambda t: np.round(t), "numpy.round"),
        (lambda t: np.sum(t), "numpy.sum"), (lambda t: np.add.reduce(t), "numpy.add.reduce"),
        (lambda t: np.add(t, 1.0, dtype=float), "numpy.add with dtype"),
        (lambda t: t & 1.0, "bitwise_and of numbers"), (lambda t: t if t > 0 else 0.0, "Python branch"),
        (lambda t: float(t), "float"), (lambda t: t.real, r"\.real"), (lambda t: t + np.ones(2), "a constant array"),
        (lambda t: t % 2.0, "numpy.remainder"), (lambda t: list(t), "loop over entries"),
        (lambda t: t @ t, "numpy.matmul"),
        (lambda t: np.clip(t, 0, 1), "numpy.clip"), (lambda t: t + "no", "a constant 'no'"),
    ],
)
def test_what_cannot_be_written_is_named(formula, words):
    with pytest.raises(Unspelled, match=words):
        formula(name("a"))
    row = Row("mine", formula, (1.0,), facts=UNKNOWN, prints=CALL)
    with pytest.raises(sg.NotElementary, match=rf"(?s)x1 = mine.*{words}.*engine='numpy'"):
        sg.compile(of(row))


def test_python_spells_all_of_it():
    assert {*python.infix, *python.prefix, *python.calls} == {*OPERATORS, *FUNCTIONS}


def uncovered(rows):
    """Rows with no form, that act neither entry by entry nor are written out, or refused, by the scalar view."""
    return [op for op, row in rows.items() if op not in FORMS and row.facts.scalar not in (ENTRYWISE, SPELLED, MATRIX)]


def test_every_row_is_compiled():
    assert uncovered(ROWS) == [] and {*FORMS} <= {*ROWS}
    assert uncovered({**ROWS, "argsort": ROWS["sort"]}) == ["argsort"]  # a negative control


def of(row, operands=(0,), params=None, n=1, rule=None):
    """The program x_n = row(...)."""
    line = sg.Instruction(row.name, operands, params or {}, (), row=row, rule=rule)
    return sg.Program(((),) * n, (line,), (n,), Branch(tuple, (), (LEAF,) * n), LEAF)


HUBER = piecewise(
    "huber", column("<<", "<>", "==", "><", "-"),
    (Piece(lambda t, width: -t * width, (lambda t, width: -width,)),
     Piece(lambda t, width: t * t, (lambda t, width: 2 * t,)),
     Piece(lambda t, width: t * width, (lambda t, width: width,))),
    lambda t, width: (t + width, t - width), facts=UNKNOWN, prints=CALL,
)
AWAY = Row("away", np.hypot, (lambda y, a, b: a / y, lambda y, a, b: b / y), facts=UNKNOWN, prints=CALL,
           domain=lambda a, b: np.equal(a, 0) & np.equal(b, 0), outside="not at the origin")
STEP = piecewise("exp(x)\n; import os", column("<", "<", "<", "<", "<"), (ZERO, IDENTITY), lambda t: (t,),
                 facts=AFFINE, prints=CALL)


def by_source(P, x, convention):
    """(value, outside, slope) of the derivative in the generated module, run by Python."""
    module = interpreted(sg.compile(P, convention=convention).source)
    with np.errstate(all="ignore"):
        return module.derivative(*np.atleast_1d(x))


@pytest.mark.parametrize("convention", [*sg.CONVENTIONS, {"huber": "<=", "otherwise": "jax"}])
def test_a_row_of_the_users_is_compiled(convention):
    P = of(HUBER, params={"width": 1.5})
    for t in (-2.0, -1.5, 0.25, 1.5, 3.0):
        value, outside, d = by_source(P, t, convention)
        assert (value, outside, d) == (P(t), False, sg.backward_mode(P, t, convention=convention))


def test_the_domain_of_a_row_of_the_users_needs_both_operands():
    """Its condition (a == 0) & (b == 0) was compiled to a == 0."""
    P = of(AWAY, (0, 1), n=2)
    source = sg.compile(P).source
    assert "outside = (x0 == 0.0) and (x1 == 0.0)" in source and "from math import cos, exp, expm1, hypot" in source
    module = interpreted(source)
    assert module.derivative(0.0, 2.0) == (2.0, False, 0.0) and module.derivative(3.0, 4.0) == (5.0, False, 0.6)
    with np.errstate(all="ignore"):
        assert module.derivative(np.float64(0.0), np.float64(0.0))[1]


def test_the_name_of_a_row_of_the_users_is_no_code():
    source = sg.compile(of(STEP)).source
    assert "def g0(a):  # exp(x)?; import os" in source and "\n; import" not in source
    assert by_source(of(STEP), 2.0, "paper")[2] == 1.0
    shadow = Row("relu", np.tanh, (lambda y, t: 1.0 - y * y,), facts=UNKNOWN, prints=CALL)  # not the row of that name
    assert "x1 = tanh(x0)" in sg.compile(of(shadow)).source


@pytest.mark.parametrize(("kind", "value"), [
    (Vector(AXIS, True), lambda x, axis: np.sum(x, axis=axis)), (SPELLED, lambda x, axis: np.sum(np.exp(x), axis=axis)),
])
def test_what_acts_on_a_vector_and_has_no_form_is_refused_by_name(kind, value):
    row = Row("mixed", value, (None,), facts=replace(UNKNOWN, scalar=kind), prints=CALL)
    line = sg.Instruction("mixed", (0,), {"axis": -1}, (), row=row)
    P = sg.Program(((2,),), (line,), (1,), Branch(tuple, (), (LEAF,)), LEAF)
    with pytest.raises(sg.NotElementary, match="mixed"):
        sg.compile(P)


def test_two_lines_of_one_row_with_rules_of_their_own():
    lines = (
        sg.Instruction("relu", (0,), {}, (), rule=">"), sg.Instruction("relu", (0,), {}, (), rule="="),
        sg.Instruction("relu", (0,), {}, ()), sg.Instruction("relu6", (0,), {}, (), rule="=<"),
        sg.Instruction("add", (1, 2), {}, ()), sg.Instruction("multiply", (3, 8.0), {}, ()),
        sg.Instruction("multiply", (4, 16.0), {}, ()), sg.Instruction("add", (5, 6), {}, ()),
        sg.Instruction("add", (8, 7), {}, ()),
    )
    P = sg.Program(((),), lines, (9,), Branch(tuple, (), (LEAF,)), LEAF)
    for convention in ("paper", {"relu": ">", "otherwise": "torch"}):
        d = 1.0 + 0.5 + 8.0 * (convention != "paper") + 16.0 * 0.5
        assert by_source(P, 0.0, convention)[2] == d == sg.backward_mode(P, 0.0, convention=convention)
    source = sg.compile(P).source
    assert all(f"def {one}(a):  # ties: {rule} ({by})" in source for one, rule, by in (
        ("relu_above_s", ">", "its own"), ("relu_mean_s", "=", "its own"), ("relu_s", "<", "paper"),
        ("relu6_mean_below_s", "=<", "its own")))
    assert source.count("def relu(a)") == 1  # the value is one formula, whatever the rule


def test_a_vector_read_twice_adds_up():
    """Two slices of one entry used to overwrite each other's accumulator."""
    P = sg.trace(lambda x: np.sum(sg.sort(x) * np.array([1.0, 2.0])) + np.max(sg.sort(x)) * 4.0, np.ones(2))
    for x in ([1.0, 2.0], [3.0, -1.0]):
        assert np.array_equal(by_source(P, x, "paper")[2:], sg.backward_mode(P, np.array(x)))


def test_names_are_expressions_of_their_own():
    assert isinstance(name("a") + 1.0, Expression) and name("a").atom and not (name("a") + 1.0).atom
