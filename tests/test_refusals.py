"""No NumPy function is refused without a word of what to write instead, and attributes fail as attributes do."""

import copy

import numpy as np
import pytest

import selgrad as sg
from selgrad.tracing.alternatives import NO_ANSWER, instead_of
from selgrad.tracing.spellings import FUNCTIONS, METHODS, UFUNCS

KNOWN = {**FUNCTIONS, **UFUNCS}
V = np.array([0.5, -1.25, 2.0])


def public(module):
    return [n for n in dir(module) if not n.startswith("_") and callable(getattr(module, n))
            and not isinstance(getattr(module, n), type)]


@pytest.mark.parametrize("module", [np, np.linalg, np.fft], ids=lambda m: m.__name__)
def test_every_public_function_is_recorded_or_refused_with_an_answer(module):
    silent = [n for n in public(module) if getattr(module, n) not in KNOWN and instead_of(n, KNOWN) == NO_ANSWER]
    assert not silent, silent


def test_every_attribute_of_arrays_is_there_or_refused_with_an_answer():
    def f(x):
        for name in dir(np.ndarray):
            if name.startswith("_") or name in METHODS or hasattr(type(x), name) or name in vars(x):
                continue
            with pytest.raises(sg.NotElementary, match=f"x.{name} is nothing") as caught:
                getattr(x, name)
            assert NO_ANSWER not in str(caught.value), name
        return x

    sg.trace(f, V)


@pytest.mark.parametrize("jumps, at, beside", [
    (np.floor, 1.0, 1.5), (np.ceil, 0.0, 0.5), (np.trunc, -2.0, 0.0), (np.rint, 0.5, 1.0), (np.round, 1.5, 1.0),
])
def test_rounding_is_a_constant_off_its_jumps_and_refused_on_them(jumps, at, beside):
    f = lambda t: t * jumps(t)
    assert sg.grad(f)(beside) == jumps(beside)
    with pytest.raises(sg.NotElementary, match=f"jumps at {at:g}"):
        sg.grad(f)(at)


def test_a_name_that_does_not_exist_gets_no_made_up_answer():
    assert instead_of("frobnicate", KNOWN) == NO_ANSWER
    assert instead_of("expmm1", KNOWN) == "the nearest function that is recorded is np.expm1"


def test_attributes_that_are_missing_are_both_refused_and_attribute_errors():
    def f(x):
        assert not hasattr(x, "item") and getattr(x, "relu", 7) == 7 and not hasattr(x, "_repr_html_")
        assert copy.copy(x) is x
        with pytest.raises(AttributeError, match=r"x\.relu is nothing .*test_refusals\.py:\d+"):
            _ = [x.relu]
        return x

    sg.trace(f, V)


def test_setting_an_entry_of_a_plain_array_says_what_to_write():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        return y

    with pytest.raises(sg.NotElementary, match=r"y\[i\] = x\[i\].*test_refusals\.py:\d+.*np\.stack or np\.where"):
        sg.grad(f)(V)


def test_numbers_that_are_not_there_and_values_of_other_packages():
    for empty in ([], {}, (), [[], {}]):
        with pytest.raises(sg.InputError, match="holds no numbers"):
            sg.trace(lambda x: x, empty)

    class Tensor:
        __module__ = "torch"

        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    for use in (lambda: sg.trace(lambda x: x * Tensor(), V), lambda: sg.relu(Tensor())):
        with pytest.raises(sg.NotElementary, match=r"torch\.Tensor.*x\.detach\(\)\.numpy\(\)"):
            use()


def test_a_foreign_function_that_is_handed_a_traced_value():
    def foreign(x):
        raise TypeError("foreign(): argument 'input' must be Tensor, not Traced")

    with pytest.raises(sg.NotElementary, match=r"cannot take it .*test_refusals\.py:\d+.*use NumPy's functions"):
        sg.trace(foreign, V)
    with pytest.raises(TypeError, match="a word of its own"):  # an error of the user's own stays as it is
        sg.trace(lambda x: (_ for _ in ()).throw(TypeError("a word of its own")), V)


def test_windows_and_orders_that_are_no_whole_numbers_from_one_on():
    for window in (0, -1, (0,), (), (2, 2)):
        with pytest.raises(sg.ShapeError, match="window"):
            sg.max_pool(V, window)
    for call in (lambda: sg.max_pool(V, 1.5), lambda: sg.kth_largest(V, 1.0), lambda: sg.top_k(V, "a")):
        with pytest.raises(sg.InputError, match="sg"):
            call()
    with pytest.raises(sg.NotElementary, match="real numbers"):
        sg.relu("a")


def test_masked_arrays_keep_their_mask_by_being_refused():
    masked = np.ma.masked_array(V, V > 0)
    with pytest.raises(sg.InputError, match=r"x0.*masked array.*filled"):
        sg.grad(np.sum)(masked)
    with pytest.raises(sg.NotElementary, match=r"masked array.*np\.where"):
        sg.trace(lambda x: x * masked, V)


def test_a_schedule_that_divides_by_zero_at_its_first_step():
    with pytest.raises(sg.InputError, match=r"k counts from 0.*1 / \(k \+ 1\)"):
        sg.sgd(lambda x: x**2, [1.0], steps=3, alpha=lambda k: 1 / k)


def test_a_selection_of_vectors_that_does_not_say_so():
    with pytest.raises(sg.ShapeError, match=r"piece 0.*shape=2"):
        sg.Selection(lambda x: x[0] > 0, [lambda x: x[0], lambda x: x[1]])
    S = sg.Selection(lambda x: x[0] > 0, [lambda x: np.sum(x), lambda x: 2 * np.sum(x)])
    with pytest.raises(sg.ShapeError, match=r"index.*shape=2"):
        S(np.ones(2))
    assert sg.Selection(S.index, [lambda x: x[0], lambda x: x[1]], shape=2)(np.array([1.0, 5.0])) == 5.0
