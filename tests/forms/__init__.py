"""Spellings of NumPy that a user may write in a traced function, and what becomes of each.

    right      value, shape, dtype and both modes' derivatives are those of plain NumPy
    refused    one of selgrad's errors; or, where NumPy itself refuses the call, NumPy's own error
    raw        any other exception
    wrong      a value, shape, dtype, or first or second derivative that is not NumPy's
    stale      right at the example, but the Program gives another answer than NumPy at another point or in a batch

A form is one lambda on a line of its own; derivatives are compared with central differences.
"""

import linecache
import warnings
from collections import namedtuple

import numpy as np

import selgrad as sg

from . import algebra, arrays, elementwise, python_forms

CLASSES = ("right", "refused", "raw", "wrong", "stale")
INSIDE = ("<lambda>", "<locals>", "()", "traced value has no attribute")  # words of what the user never wrote
STEPS = (1e-5, 1e-6, 1e-4, 1e-3)

Form = namedtuple("Form", "name f x")


def source(f):
    """The text of a lambda that has a line for itself."""
    line = linecache.getline(f.__code__.co_filename, f.__code__.co_firstlineno).strip()
    return line.removeprefix("lambda x: ").partition("  #")[0].removesuffix(",")


def all_forms():
    groups = [(module, x, f) for module in (elementwise, python_forms, arrays, algebra)
              for x, fs in module.FORMS for f in fs]
    return [Form(f"{source(f)} at {np.shape(x)} {np.asarray(x).dtype}", f, x) for _, x, f in groups]


def copied(x):
    return x.copy() if isinstance(x, np.ndarray) else x


def flat(value):
    """One vector of every number in a result."""
    if isinstance(value, (tuple, list)):
        return np.concatenate([flat(v) for v in value]) if value else np.zeros(0)
    return np.asarray(value, float).ravel()


def differences(got, plain):
    """What tells a result from NumPy's, or ''."""
    if isinstance(plain, (tuple, list)) and isinstance(got, (tuple, list)):
        if len(got) != len(plain):
            return f"{len(got)} results, not {len(plain)}"
        return next(filter(None, (differences(a, b) for a, b in zip(got, plain, strict=True))), "")
    if np.shape(got) != np.shape(plain):
        return f"shape {np.shape(got)}, not {np.shape(plain)}"
    kinds = np.asarray(got).dtype, np.asarray(plain).dtype
    if kinds[1].kind == "f" and kinds[0] != kinds[1]:
        return f"dtype {kinds[0]}, not {kinds[1]}"
    near = {2: 2e-3, 4: 2e-6}.get(kinds[1].itemsize if kinds[1].kind == "f" else 8, 1e-12)
    if isinstance(plain, np.ma.MaskedArray) and not isinstance(got, np.ma.MaskedArray):
        return "the mask is lost"
    if not np.allclose(np.asarray(got, float), np.asarray(plain, float), rtol=near, atol=near, equal_nan=True):
        return f"value {got}, not {plain}"
    return ""


def judge(form):
    """(class, reason) of a form."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            plain, own = form.f(copied(form.x)), None
        except Exception as problem:
            plain, own = None, problem
        if own is None and isinstance(plain, np.ndarray) and plain.dtype.kind in "cOSU":
            plain, own = None, TypeError("numbers that are not real")
        try:
            return compare(form, plain, own)
        except sg.SelgradError as problem:
            said = str(problem)
            named = len(said.split()) > 4 and said.endswith(".")
            return ("refused" if named else "raw"), f"{type(problem).__name__}: {said}"
        except Exception as problem:
            own_words = type(problem) is type(own) and not any(word in str(problem) for word in INSIDE)
            return ("refused" if own_words else "raw"), f"{type(problem).__name__}: {problem}"


def compare(form, plain, own):
    value, back = sg.vjp(form.f, copied(form.x))
    if own is not None:
        return "wrong", f"an answer, where NumPy refuses: {own}"
    off = differences(value, plain)
    if off:
        return "wrong", off
    d = np.random.default_rng(1).standard_normal(np.shape(form.x))[()]
    weight = np.random.default_rng(2).standard_normal(flat(plain).size)
    kind = np.asarray(form.x).dtype
    pulled = back(like(value, weight))
    if (np.shape(pulled), np.asarray(pulled).dtype) != (np.shape(form.x), kind):
        return "wrong", f"a derivative of shape {np.shape(pulled)} and dtype {np.asarray(pulled).dtype}"
    phi = lambda t: np.sum(weight * flat(form.f(np.float64(form.x) + t * d)))
    first = [(phi(h) - phi(-h)) / (2 * h) for h in STEPS]
    second = [(phi(h) - 2 * phi(0.0) + phi(-h)) / h**2 for h in STEPS]
    near = {2: 1e-2, 4: 1e-4}.get(kind.itemsize, 1e-5)
    answers = [("backward mode", first, np.sum(d * np.float64(pulled)), near),
               ("forward mode", first, np.sum(weight * flat(sg.jvp(form.f, copied(form.x), d.astype(kind))[1])), near)]
    if kind.itemsize == 8:
        slope = lambda z: sg.vjp(form.f, z)[1](like(value, weight))
        answers.append(("second derivative", second, np.sum(d * sg.jvp(slope, form.x, d)[1]), 1e-4))
    for what, seen, answer, near in answers:
        close = (abs(s - answer) <= near * (1 + abs(s) + abs(answer)) or (s != s and answer != answer) for s in seen)
        if not any(close):
            return "wrong", f"{what} {answer}, by differences {[float(s) for s in seen]}"
    return elsewhere(form)


def like(value, weight):
    """weight in the nesting and shapes of value."""
    if isinstance(value, (tuple, list)):
        cuts = np.cumsum([flat(v).size for v in value])[:-1]
        return type(value)(like(v, w) for v, w in zip(value, np.split(weight, cuts), strict=True))
    return np.reshape(weight, np.shape(value)).astype(np.asarray(value).dtype if np.asarray(value).dtype.kind == "f"
                                                      else float)[()]


def elsewhere(form):
    """Whether the Program recorded at the example is NumPy's function (or refuses) at another point too."""
    other = 1.1 * np.flip(form.x) if np.ndim(form.x) else 1.1 * form.x
    other = other.astype(form.x.dtype) if np.ndim(form.x) else other
    try:
        plain = form.f(copied(other))
    except Exception:
        return "right", ""
    P, nested = sg.trace(form.f, copied(form.x)), isinstance(plain, (tuple, list))
    for at, expected in ((other, plain), (np.stack([other] * 2), None if nested else np.stack([plain] * 2))):
        if expected is None:
            continue
        try:
            off = differences(P(copied(at)), expected)
        except sg.SelgradError:
            continue
        if off:
            return "stale", f"at {at}: {off}"
    return "right", ""
