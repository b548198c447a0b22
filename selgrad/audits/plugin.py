"""The pytest plugin `selgrad`: the fixture check_grads, for the tests of rules of your own.

    def test_my_rule(check_grads):
        check_grads(np.max, np.array([2.0, 2.0]), grad=my_gradient_of_max)

fails where the rule gives what is no derivative of the function, at a tie too, and says which direction convicts it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def check_grads() -> Callable[..., Any]:
    """`sg.check_grads` that fails the test where the gradient is wrong; else it returns what was found."""

    def check(f: Callable, x: Any, grad: Any = None, **options: Any) -> Any:
        __tracebackhide__ = True
        from selgrad.audits.gradient_check import check_grads

        found = check_grads(f, x, grad, **options)
        if not found:
            pytest.fail(repr(found))
        return found

    return check
