"""Python branches exactly on their switch: both sides count, and the answers are those of np.where."""

from pathlib import Path

import numpy as np
import pytest

import selgrad as sg
from selgrad.tracing import trace_branches

ROOT, SINC = "    return np.sqrt(t) if t > 0 else 0.0 * t", "    return np.sin(t) / t if t != 0 else 1.0 + 0.0 * t"


def relu(t):
    if t > 0:
        return t
    return 0 * t


def clip(t):
    if t < 0:
        return 0 * t
    if t > 1:
        return 1 + 0 * t
    return t


def quarter(x):
    if x[0] > 0 and x[1] > 0:
        return x[0] * x[1]
    if x[0] <= 0:
        return 0 * x[0]
    return 0 * x[1]


def zero(t):
    return relu(-t) + t - relu(t)


@pytest.mark.parametrize("x", [-1.0, 0.0, 1e-300, 2.0])
def test_a_branch_means_what_where_means(x):
    spelled = lambda t: np.where(t > 0, t, 0 * t)
    one, other = sg.classify(relu, x), sg.classify(spelled, x)
    assert one.kind == other.kind and str(one.field) == str(other.field) and one.clarke.exact
    assert trace_branches(relu, x)(x) == relu(x)


@pytest.mark.parametrize("f, x, field, clarke", [
    (zero, 0.0, [-1, 1], [0]),
    (lambda t: t if t == 0 else np.sin(t), 0.0, [1], [1]),
    (lambda t: 0 * t if t == 0 else np.sin(t), 0.0, [0, 1], [1]),
    (clip, 0.0, [0, 1], [0, 1]), (clip, 1.0, [0, 1], [0, 1]), (clip, 0.5, [1], [1]),
])
def test_sets_at_a_switch(f, x, field, clarke):
    assert sg.conservative(f, x).vertices.ravel().tolist() == field
    bounds = sg.clarke(f, x)
    assert bounds.exact and bounds.inner.vertices.ravel().tolist() == clarke
    assert sg.clarke(f, x, exact=x != 0.0 or f in (zero, clip)).inner.vertices.ravel().tolist() == clarke


def test_compound_conditions_and_several_switches():
    assert sg.conservative(quarter, np.zeros(2)).vertices.tolist() == [[[0, 0]]]
    assert sg.clarke(quarter, np.array([0.0, 2.0])).inner.vertices.tolist() == [[[0, 0]], [[2, 0]]]


def test_a_jump_is_refused_and_so_are_sides_of_different_structure():
    with pytest.raises(sg.NotContinuous, match="the values 0 and -1"):
        sg.classify(lambda t: t if t > 0 else t - 1.0, 0.0)
    with pytest.raises(sg.InputError, match="different structures"):
        sg.conservative(lambda t: (t, t) if t > 0 else t, 0.0)


def root(t):
    return np.sqrt(t) if t > 0 else 0.0 * t


def entropy(t):
    if t == 0:
        return 0.0 * t
    return t * np.log(t)


def cardinal_sine(t):
    return np.sin(t) / t if t != 0 else 1.0 + 0.0 * t


@pytest.mark.parametrize("f", [root, entropy, cardinal_sine, lambda t: t + abs(t) + root(t)])
def test_a_side_outside_its_domain_leaves_the_point_undecided_and_the_branch_is_named(f):
    v = sg.classify(f, 0.0)
    assert v.kind == "undecided" and v.ad == sg.grad(f)(0.0) and v.ad_is_clarke is None and sg.verify(v)
    assert (v.ad_to_inner, v.zero_to_inner, v.zero_to_field, v.zero_to_outer) == (np.inf, np.inf, 0.0, 0.0)
    line = next(n for n, text in enumerate(Path(__file__).read_text().splitlines(), 1)
                if text == {entropy: "    if t == 0:", cardinal_sine: SINC}.get(f, ROOT))
    for said in (v.explain(), v.clarke.reason):
        assert f"test_branches.py:{line}) sits on its switch" in said and "lies outside the domain" in said
    for ask in (sg.conservative, sg.clarke):
        with pytest.raises(sg.DomainError, match=rf"branch of .*test_branches.py:{line}\) sits on its switch"):
            ask(f, 0.0)


def test_a_side_outside_its_domain_is_no_matter_beside_the_switch():
    assert sg.classify(root, -1e-12).kind == "clarke-critical" and sg.classify(root, 1e-12).kind == "smooth"
    two = lambda t: relu(t) + root(t - 1.0)  # another branch ties, and both its sides count
    assert sg.conservative(two, 0.0).vertices.ravel().tolist() == [0, 1]


def test_where_the_side_taken_is_outside_its_domain_it_is_a_domain_error_as_before():
    with pytest.raises(sg.DomainError, match="sqrt"):
        sg.classify(lambda t: np.sqrt(t) if t >= 0 else 0.0 * t, 0.0)


def test_too_many_switches_are_refused():
    def many(x):
        total = 0.0
        for t in x:
            total = total + (t if t > 0 else -t)
        return total

    assert sg.classify(many, np.zeros(4)).kind == "clarke-critical"
    with pytest.raises(sg.InputError, match="More than 12 Python branches"):
        sg.classify(many, np.zeros(13))


def test_tracing_itself_still_records_guards():
    P = sg.trace(relu, 1.0)
    assert len(P.guards) == 1
    with pytest.raises(sg.BranchChanged):
        P(-1.0)
