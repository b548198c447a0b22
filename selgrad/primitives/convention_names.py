"""Tie conventions: what is taken at a kink, by framework, by operation, or by a rule of the user's own."""

from __future__ import annotations

from collections.abc import Mapping

from selgrad.errors import InputError

CONVENTIONS = ("paper", "tensorflow", "torch", "jax", "autograd")
OTHERWISE = "otherwise"

Convention = str | Mapping[str, str]


def name_of(convention: Convention) -> str:
    """The framework that a convention falls back on.

    >>> name_of({"relu": ">", "otherwise": "torch"})
    'torch'
    """
    return convention if isinstance(convention, str) else convention.get(OTHERWISE, CONVENTIONS[0])


def check_convention(convention: Convention, rows: Mapping) -> None:
    """Raise InputError for a convention that does not exist, or a rule that a row does not know."""
    known = name_of(convention) if isinstance(convention, str | Mapping) else None
    if known not in CONVENTIONS:
        raise InputError(f"Unknown convention {convention!r}: choose one of {', '.join(CONVENTIONS)}, or give a dict "
                         "of rules by operation, such as {'relu': '>', 'otherwise': 'paper'}.")
    if isinstance(convention, str):
        return
    for op, rule in convention.items():
        if op == OTHERWISE:
            continue
        if op not in rows or not rows[op].kinked:
            kinked = ", ".join(name for name, row in rows.items() if row.kinked)
            raise InputError(f"The convention names {op!r}, which is no kinked primitive: choose among {kinked}.")
        rows[op].check_rule(rule)
