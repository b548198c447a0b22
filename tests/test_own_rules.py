"""A user's own tie rules: a dict of them is a convention wherever one is taken, and an instruction's own goes first."""

from dataclasses import replace

import numpy as np
import pytest

import selgrad as sg
from selgrad.compilation import available

OWN = {"relu": ">", "maximum": "=", "otherwise": "torch"}


def f(t):
    """1, 4/2 and 16 times 0: each row's rule can be read off the derivative at 0."""
    return sg.relu(t) + 4 * np.maximum(t, 0.0) + 16 * np.abs(t)


P = sg.trace(f, 0.0)


def descended(convention, engine):
    return -sg.sgd(f, np.zeros(1), steps=1, alpha=[1.0], convention=convention, engine=engine).x[0]


TAKES = {
    "grad": lambda c: sg.grad(f, convention=c)(0.0),
    "value_and_grad": lambda c: sg.value_and_grad(P, convention=c)(0.0)[1],
    "jacobian": lambda c: sg.jacobian(f, convention=c)(0.0),
    "jvp": lambda c: sg.jvp(f, 0.0, 1.0, convention=c)[1],
    "vjp": lambda c: sg.vjp(f, 0.0, convention=c)[1](1.0),
    "forward_mode": lambda c: sg.forward_mode(P, 0.0, convention=c),
    "backward_mode": lambda c: sg.backward_mode(P, 0.0, convention=c),
    "differentiate": lambda c: sg.differentiate(P, convention=c)(0.0),
    "lemma1": lambda c: sg.lemma1(P, 0.0, convention=c)[0][0, -1],
    "classify": lambda c: sg.classify(f, 0.0, convention=c).ad,
    "selection": lambda c: sg.selection(P, convention=c).derivative(0.0),
    "sgd": lambda c: descended(c, "numpy"),
    **({"compiled sgd": lambda c: descended(c, "numba")} if available() else {}),
}


@pytest.mark.parametrize("name", TAKES)
def test_rules_by_operation_hold_wherever_a_convention_is_taken(name):
    assert TAKES[name](OWN) == 1 + 4 / 2 + 0
    assert TAKES[name]({"abs": "<", "otherwise": "jax"}) == 0 + 4 / 2 - 16
    assert TAKES[name]({"relu": ">"}) == 1 + 4 - 16  # otherwise: the paper's
    assert TAKES[name]("torch") == 0 + 4 / 2 + 0


WRONG = [
    ({"reluu": ">"}, r"names 'reluu', which is no kinked primitive: choose among relu, "),
    ({"add": ">"}, r"names 'add', which is no kinked primitive"),
    ({"relu": "?"}, r"'\?' is no tie rule of relu: choose among <, >, =\."),
    ({"relu": "first"}, r"'first' is no tie rule of relu"),
    ({"otherwise": "theano"}, r"choose one of paper, tensorflow, torch, jax, autograd, or give a dict"),
    ("theano", r"Unknown convention 'theano': choose one of"),
    (["relu"], r"Unknown convention \['relu'\]"),
    (None, r"Unknown convention None"),
]


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize(("convention", "said"), WRONG, ids=[str(w[0]) for w in WRONG])
def test_a_rule_that_does_not_exist_is_one_sentence_with_the_choices(name, convention, said):
    with pytest.raises(sg.InputError, match=said) as caught:
        TAKES[name](convention)
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize("rule", ["<<", "<>", "><", ">>", "==", "<=", "=>"])
def test_a_clip_between_equal_bounds_is_one_piece_in_every_engine(rule):
    def clipped(t):
        return np.clip(t[0], t[1], t[2])

    own, x = {"clip": rule}, np.ones(3)
    d = sg.grad(clipped, convention=own)(x)
    assert d.sum() == 1.0
    assert np.array_equal(sg.differentiate(sg.trace(clipped, x), convention=own)(x), d)
    for engine in ("numpy", *(["numba"] if available() else [])):
        moved = sg.sgd(clipped, x[None], steps=1, alpha=[0.5], convention=own, engine=engine).x[0]
        assert np.array_equal(moved, x - 0.5 * d)
    if rule == "==":
        assert d.tolist() == [0.25, 0.25, 0.5]


def test_the_scalar_view_asks_for_rules_that_exist():
    assert sg.scalar_view(P).run([0.0], OWN)[1][1, 0] == 1.0
    with pytest.raises(sg.InputError, match="no tie rule of relu"):
        sg.scalar_view(P).run([0.0], {"relu": "?"})


def test_the_rule_of_an_instruction_goes_before_every_convention():
    lines = [replace(i, rule=">") if i.op == "relu" else i for i in P.instructions]
    Q = sg.Program(P.input_shapes, tuple(lines), P.outputs, P.in_tree, P.out_tree)
    for convention in (*sg.CONVENTIONS, {"relu": "<", "otherwise": "torch"}):
        known = {**(convention if isinstance(convention, dict) else {"otherwise": convention}), "relu": "<"}
        others = sg.grad(P, convention=known)(0.0)
        for call in (lambda c: sg.grad(Q, convention=c)(0.0), lambda c: sg.forward_mode(Q, 0.0, convention=c),
                     lambda c: sg.differentiate(Q, convention=c)(0.0),
                     lambda c: sg.selection(Q, convention=c).derivative(0.0),
                     lambda c: sg.grad(lambda t: Q(t), convention=c)(0.0)):  # traced into another program
            assert call(convention) == others + 1.0


def test_an_instruction_with_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(sg.InputError, match="'all' is no tie rule of relu: choose among <, >, ="):
        sg.Instruction("relu", (0,), {}, (), rule="all")
    with pytest.raises(sg.InputError, match="An instruction exp has the tie rule '<', but nothing ties there"):
        sg.Instruction("exp", (0,), {}, (), rule="<")
