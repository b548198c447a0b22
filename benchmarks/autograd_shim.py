"""Stand-ins for the modules of autograd (HIPS), thin over selgrad's public functions.

`install()` puts them into sys.modules, so that code written for autograd runs on selgrad. `autograd.numpy` is NumPy
itself: what is traced reaches selgrad through NumPy's protocols or not at all. Nothing here repairs what selgrad
lacks. What selgrad does not have by design raises `NotApplicable`, with the reason.
"""

import inspect
import sys
import types
from collections import OrderedDict
from functools import partial

import numpy as np
from autograd_checks import (
    CONVENTION,
    NotApplicable,
    check_equivalent,
    check_grads,
    combo_check,
    forward,
    mapped,
    no_complex,
    of_one,
    pullback,
    scalar_close,
)

import selgrad as sg


def nary(operator):
    """operator(f, x, ...) for functions of one argument becomes operator(f, argnum)(*args)."""

    def outer(f, argnum=0, *options, **named):
        def run(*args, **kwargs):
            unary, x = of_one(f, argnum, args, kwargs)
            unary.__name__ = getattr(f, "__name__", "f")
            no_complex(x)
            return operator(unary, x, *options, **named)

        return run

    return outer


make_vjp, make_jvp = nary(pullback), nary(forward)


def _ones_like(y):
    return mapped(lambda a: np.ones(np.shape(a)), y)


def grad(f, argnum=0):
    inside = sg.grad(f, argnum, CONVENTION)

    def run(*args, **kwargs):
        no_complex(list(args))
        return inside(*args, **kwargs)

    return run


def value_and_grad(f, argnum=0):
    return sg.value_and_grad(f, argnum, CONVENTION)


def jacobian(f, argnum=0):
    return sg.jacobian(f, argnum, CONVENTION)


@nary
def elementwise_grad(f, x):
    back, value = pullback(f, x)
    return back(_ones_like(value))


@nary
def deriv(f, x):
    return forward(f, x)(_ones_like(x))[1]


def hessian(f, argnum=0):
    return jacobian(jacobian(f, argnum), argnum)


@nary
def make_hvp(f, x):
    return pullback(grad(f), x)


def hessian_tensor_product(f, argnum=0):
    def run(*args, **kwargs):
        unary, x = of_one(f, argnum, args[:-1], kwargs)
        return pullback(grad(unary), x)[0](args[-1])

    return run


def tensor_jacobian_product(f, argnum=0):
    def run(*args, **kwargs):
        unary, x = of_one(f, argnum, args[:-1], kwargs)
        return jacobian(lambda y: np.tensordot(args[-1], unary(y), axes=np.ndim(args[-1])))(x)

    return run


def make_ggnvp(f, g=lambda x: 0.5 * np.sum(x**2, axis=-1), f_argnum=0):
    def run(*args, **kwargs):
        unary, x = of_one(f, f_argnum, args, kwargs)
        back, value = pullback(unary, x)
        return lambda v: back(pullback(grad(g), value)[0](forward(unary, x)(v)[1]))

    return run


def grad_and_aux(f, argnum=0):
    return sg.grad(f, argnum, CONVENTION, has_aux=True)


def grad_named(f, name):
    return grad(f, list(inspect.signature(f).parameters).index(name))


def multigrad_dict(f):
    def run(*args, **kwargs):
        bound = inspect.signature(f).bind(*args, **kwargs)
        bound.apply_defaults()
        names = list(bound.arguments)
        found = grad(lambda d: f(**d))({k: bound.arguments[k] for k in names})
        return OrderedDict((k, found[k]) for k in names)

    return run


# ------------------------------------------------------------------ the modules


def absent(what):
    """A stand-in for a part of autograd that selgrad has no counterpart of."""
    def stop(*args, **kwargs):
        raise NotApplicable(what)

    return stop


def modules(highest=3):
    """{name: module} of everything that autograd's tests import; derivatives are checked up to the order highest."""
    own = absent("autograd's own machinery for rules (primitive, defvjp, vspace, const_graph, flatten)")
    calculus = dict(
        grad=grad, value_and_grad=value_and_grad, elementwise_grad=elementwise_grad, jacobian=jacobian, deriv=deriv,
        hessian=hessian, make_hvp=make_hvp, hessian_tensor_product=hessian_tensor_product, make_ggnvp=make_ggnvp,
        hessian_vector_product=hessian_tensor_product, tensor_jacobian_product=tensor_jacobian_product,
        vector_jacobian_product=tensor_jacobian_product, grad_and_aux=grad_and_aux, grad_named=grad_named,
        multigrad_dict=multigrad_dict, make_vjp=make_vjp, make_jvp=make_jvp, holomorphic_grad=absent("complex numbers"),
        checkpoint=absent("checkpointing of memory"),
    )
    plain = dict(isinstance=isinstance, dict=dict, list=list, tuple=tuple, type=type)
    checks = dict(check_grads=partial(check_grads, highest=highest), combo_check=partial(combo_check, highest=highest),
                  check_equivalent=check_equivalent, scalar_close=scalar_close)
    contents = {
        "autograd": {**calculus, **plain, "numpy": np, "primitive": own},
        "autograd.builtins": plain,
        "autograd.core": {"make_vjp": pullback, "make_jvp": forward, "primitive": own, "vspace": own,
                          "primitive_vjps": {}},
        "autograd.extend": {"primitive": own, "defvjp": own, "defjvp": own, "vspace": own},
        "autograd.tracer": {"primitive": own, "isbox": lambda x: not isinstance(x, (np.ndarray, np.generic, float))},
        "autograd.misc": {"const_graph": own, "flatten": own},
        "autograd.util": {"quick_grad_check": absent("a deprecated spelling")},
        "autograd.wrap_util": {"unary_to_nary": nary},
        "autograd.test_util": checks,
    }
    made = {}
    for name, content in contents.items():
        made[name] = types.ModuleType(name)
        made[name].__dict__.update(content)
    return {**made, "autograd.numpy": np, "autograd.numpy.random": np.random, "autograd.numpy.linalg": np.linalg}


def install(highest=3):
    sys.modules.update(modules(highest))
