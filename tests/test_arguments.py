"""What a call says is what is recorded: axes that exist, arguments that are honoured or refused by name."""

import numpy as np
import pytest

import selgrad as sg

S = np.array([[1.0, 2.0], [3.0, 4.0]])
V = np.array([3.0, 1.0, 2.0])
A = np.array([[0.3, -1.2, 0.5], [2.0, 0.7, -0.4]])
T = np.arange(24.0).reshape(2, 3, 4)


def same(f, x, smooth=True):
    """f at x is what NumPy says, in value, shape and dtype."""
    P, plain = sg.trace(f, x), f(x)
    found = P(x)
    assert np.shape(found) == np.shape(plain) and np.asarray(found).dtype == np.asarray(plain).dtype
    np.testing.assert_allclose(found, plain, rtol=1e-14)


# --- item 4: axes ---

NO_SUCH_AXIS = [
    ("np.sum", lambda x: np.sum(x, axis=2), S), ("np.sort", lambda x: np.sort(x, axis=1), V),
    ("np.cumsum", lambda x: np.cumsum(x, axis=1), V), ("np.linalg.norm", lambda x: np.linalg.norm(x, axis=1), V),
    ("np.median", lambda x: np.median(x, axis=1), V), ("sg.softmax", lambda x: sg.softmax(x, axis=1), V),
    ("np.var", lambda x: np.var(x, axis=-3), S), ("np.diff", lambda x: np.diff(x, axis=2), S),
    ("np.max", lambda x: np.max(x, axis=(0, 2)), S), ("sg.sort", lambda x: sg.sort(x, axis=1), V),
    ("sg.kth_largest", lambda x: sg.kth_largest(x, 1, axis=1), V),
    ("np.concatenate", lambda x: np.concatenate([x], 2), S),
]


@pytest.mark.parametrize(("name", "f", "x"), NO_SUCH_AXIS, ids=[n[0] for n in NO_SUCH_AXIS])
def test_an_axis_that_does_not_exist_is_one_sentence_of_numpys_kind(name, f, x):
    with pytest.raises(sg.ShapeError, match=rf"{name} .*test_arguments\.py:\d+.*axis") as caught:
        sg.trace(f, x)
    assert isinstance(caught.value, IndexError) and isinstance(caught.value, ValueError)


def test_an_axis_named_twice_and_one_that_is_no_whole_number():
    with pytest.raises(sg.ShapeError, match=r"np\.sum.*repeated axis"):
        sg.trace(lambda x: np.sum(x, axis=(0, 0)), S)
    with pytest.raises(sg.InputError, match=r"np\.sum.*integer"):
        sg.trace(lambda x: np.sum(x, axis=1.0), S)


def test_all_axes_at_once():
    same(lambda x: np.sort(x, axis=None), A)
    same(lambda x: np.median(x, axis=(0, 1)), A)
    same(lambda x: np.cumsum(x, axis=None), A)
    for axes in ((0, 1), (1, 0), (-1, -2)):
        for x in (A, T[:, :, 0]):
            assert sg.logsumexp(x, axis=axes) == pytest.approx(np.log(np.exp(x).sum()), rel=1e-14)
            np.testing.assert_allclose(sg.softmax(x, axis=axes), np.exp(x) / np.exp(x).sum(), rtol=1e-13)
            assert sg.median(x, axis=axes) == np.median(x)
    np.testing.assert_allclose(sg.softmax(0.1 * T, (0, 2)),
                               np.exp(0.1 * T) / np.exp(0.1 * T).sum(axis=(0, 2), keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(sg.grad(lambda x: np.sum(x * sg.softmax(x, (0, 1))))(A).sum(), 1.0, rtol=1e-12)


# --- item 5: arguments ---

def test_fortran_order_is_honoured():
    same(lambda x: np.ravel(x, order="F"), T)
    same(lambda x: x.flatten("F"), T)
    same(lambda x: np.reshape(x, (4, 6), order="F"), T)
    same(lambda x: x.reshape(6, -1, order="F"), T)
    with pytest.raises(sg.NotElementary, match=r"order 'A'.*memory"):
        sg.trace(lambda x: np.ravel(x, order="A"), T)


def test_arguments_are_read_where_numpy_reads_them():
    same(lambda x: np.sum(x, 0, np.float64), A)
    same(lambda x: np.sum(x, 0, None, None, True), A)
    same(lambda x: np.where(np.all(x > -1, axis=0), 2.0 * x, x), A)
    same(lambda x: np.where(np.any(x > 1, axis=1, keepdims=True), 2.0 * x, x), A)
    same(lambda x: np.linalg.norm(x, "fro", axis=(0, 1)), A)
    same(lambda x: np.linalg.norm(x, 2, axis=(0, 1)), A)
    same(lambda x: np.trace(x), T)
    same(lambda x: np.trace(x, 1, 0, 2), T)
    same(lambda x: x[True], A)
    same(lambda x: x[False], A)
    same(lambda x: x[None, True, ..., 0], A)
    same(lambda x: np.ones_like(x, shape=(2, 2)) * x[0, 0], A)
    same(lambda x: np.full_like(x, 2.7, dtype=int) * x, A)


REFUSED = [
    ("where", lambda x: np.sum(x, where=x[0] > 0)), ("initial", lambda x: np.max(x, initial=0.0)),
    ("out", lambda x: np.sum(x, axis=0, out=np.zeros(3))), ("dtype", lambda x: np.mean(x, dtype=np.float32)),
    ("weights", lambda x: np.quantile(x, 0.5, weights=np.ones(6), method="inverted_cdf")),
    ("fweights", lambda x: np.cov(x, fweights=[1, 2, 3])), ("period", lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0],
                                                                                          period=1.0)),
    ("stat_length", lambda x: np.pad(x, 1, mode="mean", stat_length=1)),
]


@pytest.mark.parametrize(("name", "f"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_is_not_honoured_is_refused_by_name(name, f):
    with pytest.raises(sg.NotElementary, match=rf"{name}=.*test_arguments\.py:\d+"):
        sg.trace(f, A)


def test_a_call_that_numpy_would_not_take_is_one_sentence():
    for f in (lambda x: x.sum(0, 1, 2, 3, 4, 5, 6), lambda x: x.reshape(7), lambda x: x.swapaxes(0), lambda x: x.dot()):
        with pytest.raises((sg.InputError, sg.ShapeError), match=r"x\.\w+ .*test_arguments\.py:\d+"):
            sg.trace(f, A)


# --- item 8: shapes, formats, infinities ---

NO_FIT = [
    lambda x: np.tensordot(x, np.ones((1, 2)), axes=1), lambda x: np.inner(x, np.ones((4, 1))),
    lambda x: np.dot(x, np.ones((1, 2))), lambda x: x @ np.ones((1, 2)), lambda x: np.matmul(np.ones((4, 1)), x),
]


@pytest.mark.parametrize("f", NO_FIT)
def test_an_axis_of_length_one_is_not_stretched_in_a_product(f):
    with pytest.raises(ValueError):
        f(A)
    with pytest.raises(sg.ShapeError, match=r"test_arguments\.py:\d+"):
        sg.trace(f, A)


def test_einsum_stretches_axes_of_length_one_as_numpy_does():
    f = lambda x: np.einsum("ij,ij->ij", x, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    x = np.ones((1, 2))
    same(f, x)
    assert sg.grad(lambda x: np.sum(f(x)))(x).tolist() == [[9.0, 12.0]]
    same(lambda x: np.einsum("ii->i", x), S)
    same(lambda x: np.einsum("ii,jj", x, x), S)


def test_comparisons_with_infinity():
    inf = np.inf
    for f in (lambda x: (x * 0 + inf) == inf, lambda x: x < inf,
              lambda x: x <= inf, lambda x: x > inf, lambda x: x >= inf,
              lambda x: x != inf, lambda x: x == -inf, lambda x: x > -inf, lambda x: inf > x, lambda x: -inf >= x,
              lambda x: np.isfinite(x), lambda x: np.isinf(x * 0 + inf), lambda x: np.isnan(x)):
        g = lambda x, f=f: np.where(f(x), x, 5.0 * x)
        assert sg.trace(g, V)(V).tolist() == g(V).tolist()
        assert sg.grad(lambda x, g=g: np.sum(g(x)))(V).tolist() == (g(V) / V).tolist()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_formats_are_numpys(dtype):
    for f in (np.diag, np.tril, np.triu, lambda x: np.zeros_like(x) + x, lambda x: np.ones_like(x) * x,
              lambda x: x * np.float64(2.0), lambda x: x * np.ones(2), lambda x: np.logaddexp(x, 0.0), np.exp2):
        P = sg.trace(f, S.astype(dtype))
        assert P(S.astype(dtype)).dtype == f(S.astype(dtype)).dtype
    for f in (np.sinh, np.log10, np.log2, np.cosh, np.arctan):
        x = dtype(1e-4)
        assert sg.trace(f, x)(x) == f(x)


def test_the_size_of_zero_is_not_minus_zero():
    assert not np.signbit(sg.trace(np.abs, 1.0)(0.0)) and not np.signbit(sg.trace(np.abs, 1.0)(-0.0))
