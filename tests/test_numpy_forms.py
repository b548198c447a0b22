"""Every spelling of NumPy in tests/forms is right, or refused in one sentence: never wrong, never a raw error."""

import numpy as np
import pytest
from forms import Form, all_forms, judge

import selgrad as sg

FORMS = {form.name: form for form in all_forms()}
POINT = np.array([0.7, -0.4, 0.2])


def test_there_are_enough_forms_and_each_has_a_name_of_its_own():
    assert len(FORMS) == len(all_forms()) >= 430


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_right_or_refused(name):
    kind, reason = judge(FORMS[name])
    assert kind in ("right", "refused"), f"{kind}: {reason}"


def told(f, x=POINT):
    return judge(Form("planted", f, x))[0]


def plain(x):
    return isinstance(x, (np.ndarray, np.floating))


def test_the_judge_knows_a_right_form():
    assert told(np.tanh) == "right"


@pytest.mark.parametrize(
    ("what", "f"),
    {
        "value": lambda x: x if plain(x) else 1.001 * x,
        "shape": lambda x: x if plain(x) else x[:, None],
        "slope": lambda x: x if plain(x) else 2.0 * x - POINT,
        "second derivative": lambda x: x**2 if plain(x) else POINT**2 + 2.0 * POINT * (x - POINT),
        "answer where NumPy refuses": lambda x: np.sum(x, axis=4) if plain(x) else x,
        "NaN swallowed": lambda x: x * np.nan if plain(x) else x,
    }.items(),
)
def test_the_judge_finds_a_planted_wrong(what, f):
    assert told(f) == "wrong", what


def test_the_judge_finds_a_lost_dtype():
    assert told(lambda x: x if plain(x) else x.astype(np.float64) + np.zeros(3), POINT.astype(np.float32)) != "right"


def test_the_judge_finds_a_wrong_rule_in_either_mode(monkeypatch):
    right_vjp, right_jvp = sg.vjp, sg.jvp

    def vjp(f, x):
        value, back = right_vjp(f, x)
        return value, lambda v: 1.001 * back(v)

    def jvp(f, x, d):
        value, moved = right_jvp(f, x, d)
        return value, 1.001 * moved

    for name, planted in (("vjp", vjp), ("jvp", jvp)):
        with monkeypatch.context() as m:
            m.setattr(sg, name, planted)
            assert told(np.tanh) == "wrong"


def test_the_judge_finds_a_constant_that_stays_behind():
    assert told(lambda x: x + np.round(x[0]) if plain(x) else x + 1.0) == "stale"


def test_the_judge_finds_raw_errors_and_sentences_that_say_nothing():
    def fails(problem):
        def f(x):
            if plain(x):
                return x
            raise problem

        return f

    assert told(fails(KeyError("sinh"))) == told(fails(TypeError("rule() takes 2"))) == "raw"
    assert told(fails(sg.NotElementary("no"))) == "raw"
    assert told(fails(sg.NotElementary("np.foo is not a selgrad primitive: write np.bar."))) == "refused"
