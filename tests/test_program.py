"""Programs as data: validation, counts, listing, copies."""

import copy
import dataclasses
import pickle
from collections import OrderedDict, defaultdict

import numpy as np
import pytest

import selgrad as sg
from selgrad.examples.paper import relu2
from selgrad.programs.arguments import all_finite
from selgrad.programs.program_data import Instruction
from selgrad.programs.trees import LEAF, Branch

ONE = Branch(tuple, (), (LEAF,))


def build(*instructions, outputs=(1,), shapes=((),), in_tree=ONE, out_tree=LEAF):
    return sg.Program(shapes, instructions, outputs, in_tree, out_tree)


@pytest.mark.statement("Program")
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
@pytest.mark.statement("Program", "Algorithm 1")
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


@pytest.mark.statement("Program", "Definition 1")
def test_counts_are_the_papers():
    P = sg.trace(relu2, 0.0)
    assert (P.p, P.q, P.m) == (1, 1, 4) and repr(P) == "Program(p=1, q=1, m=4)"
    Q = sg.trace(lambda A, x: (A @ x, np.sum(x)), np.ones((2, 3)), np.ones(3))
    assert (Q.p, Q.q, Q.m) == (9, 3, 12)
    assert P.kinked() == (2,) and P.leaves_log_exp() == ()
    assert sg.trace(lambda t: np.sin(t) * np.cos(t), 1.0).leaves_log_exp() == (1, 2)


@pytest.mark.statement("Definition 1", "Remark 1")
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


@pytest.mark.statement("Algorithm 1")
def test_the_evaluation_records_every_value_and_index():
    ev = sg.trace(relu2, 0.0).evaluate([-1.0, 0.0, 1.0])
    assert ev.batch == (3,) and len(ev.values) == 4
    assert ev.indices[2].tolist() == [1, 0, 0] and [i is None for i in ev.indices] == [True, True, False, True]


@pytest.mark.parametrize("value", [np.zeros(2), [np.zeros(2), 1.0], (np.zeros(2), (np.zeros(1),)), {"a": np.zeros(2)},
                                   np.broadcast_to(np.zeros(1), 3)])
def test_parameters_are_frozen_to_the_bottom(value):
    mine = value.base if isinstance(value, np.ndarray) and value.base is not None else value
    kept = Instruction("constant", (0,), {"value": value}, (2,)).params["value"]

    def arrays(part):
        if isinstance(part, np.ndarray):
            yield part
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
            yield from arrays(inner)

    assert list(arrays(kept)) and type(kept) is not list and type(kept) is not dict
    before = [a.copy() for a in arrays(kept)]
    for a in arrays(mine):
        a[...] = 7.0  # the caller's arrays remain the caller's
    for a, was in zip(arrays(kept), before, strict=True):
        assert np.array_equal(a, was)
        with pytest.raises(ValueError):
            a[...] = 7.0


def test_a_program_cannot_be_changed_through_its_instructions():
    P = sg.trace(lambda x: sg.leaky_relu(x, 0.25) @ np.array([1.0, 2.0]), np.zeros(2))
    with pytest.raises(TypeError, match="frozen"):
        P.instructions[0].params["negative_slope"] = 0.5
    by_hand = Instruction("multiply", (0, np.ones(2)), {}, (2,))
    for a in (P.instructions[1].operands[1], by_hand.operands[1]):
        with pytest.raises(ValueError):
            a[0] = 5.0
    assert P([-1.0, 1.0]) == -0.25 + 2.0


class Settings(dict):
    """A dict of the user's."""


@pytest.mark.parametrize("make", [dict, OrderedDict, Settings, lambda items: defaultdict(list, items)])
def test_dicts_come_back_as_their_own_kind(make):
    given = make([("b", np.array([1.0, 2.0])), ("a", 3.0)])
    g = sg.grad(lambda d: d["a"] * np.sum(np.square(d["b"])))(given)
    assert type(g) is type(given) and g["a"] == 5.0 and g["b"].tolist() == [6.0, 12.0]
    assert list(g) == (["b", "a"] if make is OrderedDict else ["a", "b"])
    if isinstance(given, defaultdict):
        assert g.default_factory is list
    P = sg.trace(lambda d: d["a"] * d["b"], given)
    assert P({"a": 2.0, "b": np.array([1.0, 3.0])}).tolist() == [2.0, 6.0]  # nested as the example, in any order
    assert type(sg.trace(lambda d: d, given)(given)) is type(given)
    with pytest.raises(sg.InputError, match="keys"):
        P(make([("a", 1.0)]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 50, 20_000])
def test_large_numbers_are_finite_without_a_warning(dtype, n):
    """Warnings are errors in this suite."""
    large = np.full(n, np.finfo(dtype).max, dtype=dtype)
    assert all_finite(large) and all_finite(large, -large) and all_finite(large[0])
    assert not all_finite(large, dtype(np.inf)) and not all_finite(np.append(large, dtype(np.nan)))
    assert not all_finite(np.append(large, dtype(np.inf)), np.append(large, dtype(-np.inf)))
