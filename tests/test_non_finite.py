"""Where a NaN is born: the right line on the classical patterns, silence on healthy programs and on their repairs."""

import numpy as np
import pytest

import selgrad as sg
from selgrad.audits.non_finite import births
from selgrad.examples import pitfalls

ZERO, MIXED, PAIR = np.zeros(2), np.array([0.0, -1.0, 4.0]), np.array([1000.0, 0.0])
LOGITS, LABEL = np.array([0.0, 800.0, 0.0]), 1


def standardised(x):
    return np.sum(((x - np.mean(x)) / np.std(x)) ** 3)


def distances(X):
    return np.sum(np.sqrt(np.sum((X[:, None] - X[None]) ** 2, axis=-1)))


SICK = {  # name: (function, point, the operation that is to blame, the one that was meant to protect, the value)
    "norm at 0": (np.linalg.norm, ZERO, "sqrt", None, "finite"),
    "sqrt(x @ x)": (lambda x: np.sqrt(x @ x), ZERO, "sqrt", None, "finite"),
    "root of a square": (pitfalls.root_of_square, 0.0, "sqrt", None, "finite"),
    "where and sqrt": (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), MIXED, "sqrt", "where", "finite"),
    "where and log": (lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)), MIXED, "log", "where", "finite"),
    "relu of a log": (lambda t: sg.relu(np.log(t)), 0.0, "log", "relu", "finite"),
    "log of softmax": (lambda x: -np.log(sg.softmax(x))[LABEL], LOGITS, "log", None, "finite"),
    "entropy": (lambda x: -np.sum(x * np.log(x)), np.array([0.0, 0.5, 0.5]), "log", None, "not finite"),
    "x ** 0.5": (lambda t: t**0.5, 0.0, "power", None, "finite"),
    "1/x under where": (lambda t: np.where(t != 0, 1.0 / t, 0.0), 0.0, "divide", "where", "finite"),
    "arccos at 1": (np.arccos, 1.0, "arccos", None, "finite"),
    "arcsin at -1": (np.arcsin, -1.0, "arcsin", None, "finite"),
    "sinc": (lambda t: np.where(t != 0, np.sin(t) / t, 1.0), 0.0, "divide", "where", "finite"),
    "overflow under where": (pitfalls.overflowing, 1000.0, "exp", "where", "finite"),
    "sigmoid by hand": (lambda t: 1.0 / (1.0 + np.exp(-t)), -1000.0, "exp", None, "finite"),
    "softplus by hand": (lambda t: np.log(1.0 + np.exp(t)), 1000.0, "exp", None, "not finite"),
    "logsumexp by hand": (lambda x: np.log(np.sum(np.exp(x))), PAIR, "exp", None, "not finite"),
    "std of constants": (np.std, np.ones(3), "sqrt", None, "finite"),
    "1/sqrt under where": (lambda t: np.where(t > 0, 1.0 / np.sqrt(t), 0.0), 0.0, "divide", "where", "finite"),
    "x ** x under where": (lambda t: np.where(t > 0, np.exp(t * np.log(t)), 1.0), 0.0, "log", "where", "finite"),
    "distances of points": (distances, np.array([[0.0, 0.0], [1.0, 2.0]]), "sqrt", None, "finite"),
    "cosine with 0": (lambda x: x @ np.ones(2) / np.linalg.norm(x), ZERO, "divide", None, "not finite"),
    "a row that is masked": (lambda x: np.sum(sg.softmax(np.where(x > 0, x, -np.inf))), ZERO, "where", None,
                             "not finite"),
    "a constant": (lambda x: np.sum(x * np.array([1.0, np.inf])), np.ones(2), "multiply", None, "not finite"),
}

HEALTHY = {
    "norm off 0": (np.linalg.norm, np.array([3.0, 4.0])),
    "norm, guarded twice": (pitfalls.norm_twice_guarded, ZERO),
    "norm, clipped": (pitfalls.norm_clipped, ZERO),
    "root, guarded twice": (lambda x: np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)), MIXED),
    "log, guarded": (pitfalls.guarded_log, 0.0),
    "log, guarded twice": (lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0)), MIXED),
    "cross-entropy": (lambda x: sg.logsumexp(x) - x[LABEL], LOGITS),
    "entropy, guarded": (lambda x: -np.sum(x * np.log(np.where(x > 0, x, 1.0))), np.array([0.0, 0.5, 0.5])),
    "x ** 2 at 0": (lambda t: t**2, 0.0),
    "1/x, guarded twice": (lambda t: np.where(t != 0, 1.0 / np.where(t != 0, t, 1.0), 0.0), 0.0),
    "arccos inside": (np.arccos, 0.5),
    "overflow, guarded": (pitfalls.overflowing_guarded, 1000.0),
    "sigmoid": (sg.sigmoid, -1000.0),
    "softplus": (sg.softplus, 1000.0),
    "softplus, with kinks": (pitfalls.softplus, 1000.0),
    "logsumexp": (sg.logsumexp, PAIR),
    "relu at 0": (sg.relu, 0.0),
    "max at a tie": (np.max, np.ones(3)),
    "tanh, saturated": (np.tanh, 1e6),
    "a mask of -inf": (lambda x: sg.softmax(x + np.array([0.0, 0.0, -np.inf]))[0], np.ones(3)),
    "softmax, underflown": (lambda x: np.sum(sg.softmax(x) ** 2), LOGITS),
    "sqrt of relu's other side": (lambda t: np.sqrt(np.where(t > 0, t, 0.0) + 1.0), -1.0),
    "standardised": (standardised, np.array([1.0, 2.0, 4.0])),
}


@pytest.mark.parametrize("name", SICK)
def test_the_line_where_it_is_born_is_named(name):
    f, x, op, guard, value = SICK[name]
    P = sg.tracing.trace_at(f, (x,), check=False)
    found = [b for b in births(P, (x,)) if b.reaches]
    assert [P.line(b.node).op for b in found] == [op]
    (born,) = found
    assert any("derivative" in r for r in born.reaches) or "masked" in name
    assert any("output" in r for r in born.reaches) == (value == "not finite")
    assert (P.line(int(born.guard[1 : born.guard.index(" ")])).op if born.guard else None) == guard
    assert __file__ in repr(born) and "Remedy" in repr(born)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_program_and_a_repair_give_no_alarm(name):
    f, x = HEALTHY[name]
    assert [b for b in births(f, (x,)) if b.reaches] == []
    assert np.isfinite(sg.grad(f)(x)).all()


def test_where_it_is_born_and_what_passes_it_on_are_told_apart():
    (born,) = births(lambda x: np.sqrt(x @ x) * 2.0, (ZERO,))
    assert born.node == 2 and born.slope == "adjoint 2 times slope inf is inf"
    assert born.through == ("x1 = matmul",) and born.reaches == ("the derivative by x0",)


def test_a_kink_that_lets_it_pass_is_no_guard():
    """A relu behind it has a piece that reads nothing, at another entry: it was not meant to protect."""
    (born,) = births(lambda x: np.sum(sg.relu(np.sqrt(x) - np.array([-1.0, 5.0]))), (np.array([0.0, 4.0]),))
    assert born.guard == "" and "keep the argument inside" in born.remedy
    (born,) = births(lambda x: np.sum(sg.relu(np.sqrt(x) - np.array([1.0, 1.0]))), (np.array([0.0, 4.0]),))
    assert born.guard.startswith("x3 = relu")  # the adjoint is 0 there


def test_two_births_are_two():
    found = births(lambda x: np.sqrt(x[0]) + np.log(x[1]), (ZERO,))
    assert [b.line[:4] for b in found] == ["sqrt", "log("]


def test_what_is_thrown_away_on_both_ways_reaches_nothing():
    (born,) = births(lambda t: np.exp(-np.exp(t)) * 0.0 + sg.stop_gradient(t), (1000.0,), [])
    assert born.reaches == () and "reaches no output and no derivative" in repr(born)


def test_only_the_derivatives_asked_for_count():
    f = lambda a, b: np.sqrt(a) + b
    assert births(f, (0.0, 1.0), [1]) == () and len(births(f, (0.0, 1.0), [0])) == 1


def test_the_checks_can_fail():
    """Without the accumulators of the backward loop the birth under a where would be missed: its value is finite."""
    f = SICK["where and sqrt"][0]
    assert np.isfinite(f(np.array([0.0, 4.0]))) and births(f, (np.array([0.0, 4.0]),))[0].value == ""


def test_a_birth_reaches_what_the_rules_of_the_audit_let_it_reach():
    """sqrt's slope at 0 is infinite; relu before it hands it on where its rule takes slope 1, and only there."""
    f = lambda t: np.sqrt(sg.relu(t))
    for rule, reaches in (("<", ()), (">", ("the derivative by x0",))):
        (birth,) = sg.audit(f, 0.0, convention={"relu": rule}).non_finite
        assert birth.line == "sqrt(x1)" and birth.reaches == reaches
