"""Programs as data: validation, counts, listing, copies."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import relu2
from selgrad.programs.trees import LEAF, Branch

ONE = Branch(tuple, (), (LEAF,))


def build(*instructions, outputs=(1,), shapes=((),), in_tree=ONE, out_tree=LEAF):
    return sg.Program(shapes, instructions, outputs, in_tree, out_tree)


def test_a_program_can_be_written_down_by_hand():
    P = build(
        sg.Instruction("negative", (0,), {}, ()),
        sg.Instruction("relu", (1,), {}, ()),
        sg.Instruction("add", (2, 0), {}, ()),
        outputs=(3,),
    )
    assert P(-2.0) == 0.0 and sg.backward_mode(P, 0.0) == 1.0
    assert [i.pr for i in P.instructions] == [(0,), (1,), (2, 0)]
    assert str(P) == str(sg.trace(relu2, 0.0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: build(sg.Instruction("relu", (1,), {}, ())), "earlier nodes"),
        (lambda: build(sg.Instruction("relu", (-1,), {}, ())), "earlier nodes"),
        (lambda: build(sg.Instruction("relu", (2.0,), {}, ())), "nonempty"),
        (lambda: build(sg.Instruction("sign", (0,), {}, ())), "unknown primitive 'sign'"),
        (lambda: build(outputs=(5,)), "outputs"),
        (lambda: build(outputs=()), "at least one"),
        (lambda: build(shapes=(), in_tree=Branch(tuple, (), ())), "at least one"),
        (lambda: build(sg.Instruction("relu", (0,), {}, ()), outputs=(0, 1)), "nested"),
    ],
)
def test_data_that_is_no_program_is_refused(make, words):
    with pytest.raises(sg.InputError, match=words):
        make()


def test_a_program_is_frozen():
    P = sg.trace(relu2, 0.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        P.outputs = (0,)
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        P.instructions[0].op = "relu"
    c = sg.trace(lambda x: x * np.ones(3), np.ones(3)).instructions[0].operands[1]
    with pytest.raises(ValueError, match="read-only"):
        c[0] = 2.0


def test_counts_are_the_papers():
    P = sg.trace(relu2, 0.0)
    assert (P.p, P.q, P.m) == (1, 1, 4) and repr(P) == "Program(p=1, q=1, m=4)"
    Q = sg.trace(lambda A, x: (A @ x, np.sum(x)), np.ones((2, 3)), np.ones(3))
    assert (Q.p, Q.q, Q.m) == (9, 3, 12)
    assert P.kinked() == (2,) and P.leaves_log_exp() == ()
    assert sg.trace(lambda t: np.sin(t) * np.cos(t), 1.0).leaves_log_exp() == (1, 2)


def test_the_listing_names_kinks_shapes_branches_and_what_is_not_log_exp():
    def f(x):
        y = np.sin(np.maximum(x, 0.5))
        return np.sum(y) if x[0] > 0 else y[0]

    text = str(sg.trace(f, np.ones(3)))
    assert "kink" in text and "not log-exp" in text and "[3]" in text and "branch: x" in text
    assert "return x" in text and "maximum(x0, 0.5)" in text
    html = sg.trace(f, np.ones(3))._repr_html_()
    assert html.startswith("<table>") and "kink" in html and "branch" in html


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda P: pickle.loads(pickle.dumps(P))])
def test_copies_and_pickles_are_the_same_program(duplicate):
    def f(params, x):
        if x[0] > 0:
            return {"y": sg.leaky_relu(params["w"] * x, 0.1), "z": np.sort(x)[:2]}
        return {"y": x, "z": x[:2]}

    params, x = {"w": 2.0}, np.array([1.0, 2.0, 2.0])
    P = sg.trace(f, params, x)
    Q = duplicate(P)
    assert str(P) == str(Q)
    assert all((P(params, x)[k] == Q(params, x)[k]).all() for k in "yz")
    with pytest.raises(sg.BranchChanged):
        Q(params, -x)
    J, K = sg.jacobian(P, 1)(params, x), sg.jacobian(Q, 1)(params, x)
    assert all((J[k] == K[k]).all() for k in "yz")


def test_tracing_a_program_gives_that_program():
    P = sg.trace(relu2, 0.0)
    assert sg.trace(P) is P


def test_the_evaluation_records_every_value_and_index():
    ev = sg.trace(relu2, 0.0).evaluate([-1.0, 0.0, 1.0])
    assert ev.batch == (3,) and len(ev.values) == 4
    assert ev.indices[2].tolist() == [1, 0, 0] and [i is None for i in ev.indices] == [True, True, False, True]
