"""Functions of JAX with a derivative of their own (custom_jvp, custom_vjp): what they are called, and that derivative.

A function f with the rule J becomes f(c) + J(c) (x - c), where c is x as a constant (`stop`): the value is that of f,
and the derivative is what the rule says, whatever f is made of. Such a program leaves the theory, as `stop` does.
"""

from __future__ import annotations

from typing import Any


def called(eqn: Any) -> str:
    """The name of such a function of JAX's; another's with its file."""
    inner = eqn.params.get("call_jaxpr", eqn.params.get("fun_jaxpr"))
    name, _, file = getattr(inner, "jaxpr", inner).debug_info.func_src_info.partition(" at ")
    return name if "/jax/_src/" in file else f"{name} of {file}"


def linearised(jax: Any, eqn: Any) -> Any:
    """The jaxpr of (c, d) -> f(c), J(c) d, by the function's own rule. Raises what JAX does where it is not linear."""
    avals = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in eqn.invars]
    real = [jax.numpy.issubdtype(a.dtype, jax.numpy.floating) for a in avals]

    def f(*xs: Any) -> tuple:
        return tuple(eqn.primitive.bind(*xs, **eqn.primitive.get_bind_params(eqn.params)))

    def both(xs: list, ds: list) -> tuple:
        moving = [x for x, is_real in zip(xs, real, strict=True) if is_real]

        def g(*ys: Any) -> tuple:
            given = iter(ys)
            return f(*(next(given) if is_real else x for x, is_real in zip(xs, real, strict=True)))

        if "jvp" in eqn.primitive.name:
            return jax.jvp(g, tuple(moving), tuple(ds))
        values, pull = jax.vjp(g, *moving)  # linear in what it pulls back; its transpose pushes forward
        return values, jax.linear_transpose(pull, values)(tuple(ds))[0]

    return jax.make_jaxpr(both)(avals, [a for a, is_real in zip(avals, real, strict=True) if is_real])
