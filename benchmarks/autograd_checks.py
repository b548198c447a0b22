"""Derivatives against central differences, for functions of nested arrays: what stands in for autograd.test_util."""

from itertools import product

import numpy as np

import selgrad as sg

CONVENTION = "autograd"
STEPS = (1e-5, 1e-6, 1e-4, 1e-7, 1e-3)  # a wrong derivative agrees with a central difference of none of them


class NotApplicable(Exception):
    """The test asks for something that is autograd's own machinery, or complex; the text says what."""


# ------------------------------------------------------------------ nested tuples, lists and dicts of arrays


def is_nested(x):
    return isinstance(x, (tuple, list, dict))


def mapped(f, x, *others):
    """f on every leaf of x (and of others nested likewise)."""
    if isinstance(x, dict):
        return {k: mapped(f, x[k], *(o[k] for o in others)) for k in x}
    if is_nested(x):
        return type(x)(mapped(f, *parts) for parts in zip(x, *others, strict=True))
    return f(x, *others)


def leaves(x):
    if isinstance(x, dict):
        return [a for k in sorted(x) for a in leaves(x[k])]
    return [a for part in x for a in leaves(part)] if is_nested(x) else [x]


def inner(a, b):
    pairs = zip(leaves(a), leaves(b), strict=True)
    return sum(float(np.sum(np.asarray(p, float) * np.asarray(q, float))) for p, q in pairs)


def randn_like(x, seed):
    rng = np.random.default_rng(seed)

    def draw(a):
        a = np.asarray(a)
        return np.asarray(rng.standard_normal(a.shape), a.dtype if a.dtype.kind == "f" else float)[()]

    return mapped(draw, x)


def shapes(x):
    return [np.shape(a) for a in leaves(x)]


def no_complex(*values):
    for a in values:
        if any(np.iscomplexobj(leaf) for leaf in leaves(a) if isinstance(leaf, (np.ndarray, np.generic, complex))):
            raise NotApplicable("complex numbers")


# ------------------------------------------------------------------ from a function of many arguments to one


def of_one(f, argnum, args, kwargs):
    """(x -> f with x in the place(s) argnum, the x of args)."""
    if isinstance(argnum, int):
        return lambda x: f(*args[:argnum], x, *args[argnum + 1 :], **kwargs), args[argnum]

    def unary(xs):
        filled = list(args)
        for a, x in zip(argnum, xs, strict=True):
            filled[a] = x
        return f(*filled, **kwargs)

    return unary, tuple(args[a] for a in argnum)


def pullback(f, x):
    value, back = sg.vjp(f, x, convention=CONVENTION)
    return back, value


def forward(f, x):
    return lambda d: sg.jvp(f, (x,), (d,), convention=CONVENTION)


# ------------------------------------------------------------------ checks against central differences


def slope(f, x, d, h):
    """Central difference of f at x along d."""
    def moved(sign):
        return f(mapped(lambda a, b: np.asarray(a + sign * h * b)[()], x, d))

    return mapped(lambda p, q: (np.asarray(p, float) - np.asarray(q, float)) / (2 * h), moved(1.0), moved(-1.0))


def scalar_close(a, b, tolerance=1e-6):
    return bool(abs(a - b) <= tolerance * (1.0 + abs(a) + abs(b)))


def agrees(f, x, d, weight, answer):
    """Whether <weight, slope of f at x along d> is the answer, for one of the steps."""
    seen = []
    for h in STEPS:
        seen.append(inner(weight, slope(f, x, d, h)))
        if scalar_close(seen[-1], answer, 1e-5):
            return True, seen
    return False, seen


def check_equivalent(x, y):
    assert shapes(x) == shapes(y), f"shapes {shapes(x)} and {shapes(y)}"
    for a, b in zip(leaves(x), leaves(y), strict=True):
        assert np.allclose(a, b, rtol=1e-6, atol=1e-6), f"{a} is not {b}"


def check_grads(f, argnum=0, modes=("fwd", "rev"), order=2, highest=3):
    """A function of points that asserts: value and derivatives of f are right, up to the order, `highest` at most."""
    def run(*args, **kwargs):
        unary, x = of_one(f, argnum, args, kwargs)
        no_complex(x, list(args))
        _check(unary, x, modes or ("fwd", "rev"), min(order, highest), getattr(f, "__name__", "f"))

    return run


def _check(f, x, modes, order, name):
    plain, d = f(x), randn_like(x, 1)
    no_complex(plain)
    weight = randn_like(plain, 2)
    if "fwd" in modes:
        value, moved = forward(f, x)(d)
        check_equivalent(value, plain)
        assert shapes(moved) == shapes(plain), f"(JVP) of {name} has shapes {shapes(moved)}, not {shapes(plain)}"
        answer = inner(weight, moved)
        right, seen = agrees(f, x, d, weight, answer)
        assert right, f"Derivative (JVP) check of {name} failed at {x}: {answer}, by differences {seen}"
        if order > 1:
            _check(lambda xv: forward(f, xv[0])(xv[1])[1], (x, d), modes, order - 1, f"jvp_{name}")
    if "rev" in modes:
        back, value = pullback(f, x)
        check_equivalent(value, plain)
        pulled = back(weight)
        assert shapes(pulled) == shapes(x), f"(VJP) of {name} has shapes {shapes(pulled)}, not {shapes(x)}"
        answer = inner(d, pulled)
        right, seen = agrees(f, x, d, weight, answer)
        assert right, f"Derivative (VJP) check of {name} failed at {x}: {answer}, by differences {seen}"
        if order > 1:
            _check(lambda xv: pullback(f, xv[0])[0](xv[1]), (x, weight), modes, order - 1, f"vjp_{name}")


def combo_check(f, argnum=(0,), **options):
    """check_grads at every combination of the arguments given; complex ones are left out."""
    def real(values):
        return [v for v in values if not any(np.asarray(a).dtype.kind == "c" for a in _arrays(v))]

    def run(*args, **kwargs):
        named = [[(k, v) for v in values] for k, values in kwargs.items()]
        for point in product(*(real(values) for values in args)):
            for chosen in product(*named):
                check_grads(f, argnum, **options)(*point, **dict(chosen))

    return run


def _arrays(v):
    return [a for a in leaves(v) if isinstance(a, (np.ndarray, np.generic, float, complex))]
