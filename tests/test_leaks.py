"""A traced value belongs to its trace: one that is kept is refused, one of an enclosing trace becomes an input."""

import copy

import numpy as np
import pytest

import selgrad as sg
from selgrad.tracing import closed_over
from selgrad.tracing.replay import inline


def test_a_value_kept_from_an_earlier_trace_is_refused_not_taken_for_a_node_of_the_next():
    kept = []

    def f(x):
        kept.append(x * 3.0)
        return np.sum(kept[0] * x)

    x = np.array([2.0, 3.0])
    assert sg.grad(f)(x).tolist() == [12.0, 18.0]
    with pytest.raises(sg.NotElementary, match=r"earlier trace .*test_leaks\.py:\d+.*return it"):
        sg.grad(f)(x)
    for use in (lambda: kept[0] + 1.0, lambda: kept[0][0], lambda: np.sum(kept[0]), lambda: sg.relu(kept[0]),
                lambda: sg.grad(lambda t: kept[0])(1.0)):
        with pytest.raises(sg.NotElementary, match="earlier trace"):
            use()


def test_a_trace_that_failed_has_ended_too():
    kept = []

    def f(x):
        kept.append(x)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        sg.trace(f, 1.0)
    with pytest.raises(sg.NotElementary, match="earlier trace"):
        kept[0] + 1.0


def test_a_value_of_the_enclosing_trace_becomes_an_input_of_the_inner_one():
    seen = []

    def outer(x):
        a = x * 3.0
        P, captured = closed_over(lambda y: (y * y, a), (2.0,))
        seen.append((P, captured))
        assert captured[0] is a and P.input_shapes == ((), ())
        return inline(P, 2.0, *captured)[1] + 0.0 * x

    assert sg.grad(outer)(5.0) == 3.0
    P, _ = seen[0]
    square, other = P(2.0, 15.0)
    assert square == 4.0 and other == 15.0
    assert [float(d) for d in sg.vjp(P, 2.0, 15.0)[1]((0.0, 1.0))] == [0.0, 1.0]  # what is captured depends on y not


def test_the_same_outer_value_is_captured_once_and_nodes_are_numbered_behind_the_inputs():
    def outer(x):
        c = x[0]
        P, captured = closed_over(lambda y: np.where(y > c, c * y + np.sum(x * y), c - y), (2.0,))
        assert len(captured) == 2 and captured[0] is c and captured[1] is x
        assert P.input_shapes == ((), (), (2,))
        for y in (2.0, 0.5):
            assert P(y, 1.0, [1.0, 4.0]) == (6.0 * y if y > 1.0 else 1.0 - y)
        return inline(P, 2.0, *captured)

    assert sg.grad(outer)(np.array([1.0, 4.0])).tolist() == [4.0, 2.0]


def test_a_branch_in_an_inner_function_guards_the_trace_that_owns_the_value():
    def outer(x):
        def inner(y):
            if x > 0 and y > x:
                return x * y
            return y

        P, captured = closed_over(inner, (2.0,))
        assert len(P.guards) == 1 and P.guards[0].at == 3
        return inline(P, 2.0 * x, *captured)

    P = sg.trace(outer, 1.5)
    assert len(P.guards) == 2 and P(2.0) == 8.0
    with pytest.raises(sg.BranchChanged):
        P(-1.0)


def test_operations_on_outer_values_alone_stay_in_the_outer_trace():
    def outer(x):
        P, captured = closed_over(lambda y: y * np.exp(x) * np.exp(x), (2.0,))
        assert len(captured) == 2 and len(P.instructions) == 2
        return captured[0]

    assert len(sg.trace(outer, 1.0).instructions) == 2


def test_three_traces_deep():
    def outer(x):
        def middle(y):
            P, captured = closed_over(lambda z: x * y * z, (3.0,))
            return inline(P, 3.0, *captured)

        P, captured = closed_over(middle, (x,))
        return inline(P, x * x, *captured)

    assert sg.trace(outer, 2.0)(2.0) == 24.0 and sg.grad(outer)(2.0) == 36.0


def test_plain_trace_says_when_a_function_uses_a_value_of_the_trace_around_it():
    with pytest.raises(sg.NotElementary, match=r"trace around it.*argument"):
        sg.trace(lambda x: sg.trace(lambda y: x * y, 1.0)(2.0), 3.0)


def test_copies_of_a_traced_value_are_the_value():
    def f(x):
        assert copy.copy(x) is x and copy.deepcopy([x])[0] is x
        return copy.deepcopy(x) * x

    assert sg.grad(f)(3.0) == 6.0
