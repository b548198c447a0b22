"""Other frameworks beside selgrad: TensorFlow replays our programs, live or as recorded values.

Nothing outside this package imports a framework, and importing this package imports none.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from selgrad.errors import SelgradError

# To be set before TensorFlow is imported: all three together silence its start-up lines, and
# without oneDNN its results do not depend on the instruction set of the machine.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}


# found in the modules of this package when first asked for, so that `import selgrad` stays light
HOMES = {
    "derivative_in_tensorflow": "recorded",
    "from_jax": "jax",
    "from_torch": "torch",
    "tensorflow_version": "recorded",
    "to_tensorflow": "tensorflow",
    "tensorflow_value_and_derivative": "tensorflow",
}


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(f"selgrad.frameworks.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class FrameworkMissing(SelgradError, ImportError):
    """A framework that is not installed."""


def tensorflow_available() -> bool:
    """Is TensorFlow installed? Looks for it without importing it.

    >>> tensorflow_available() in (True, False)
    True
    """
    return importlib.util.find_spec("tensorflow") is not None


def require_tensorflow() -> Any:
    """The module `tensorflow`, imported quietly (its log lines off, no GPU, no oneDNN).

    Raises FrameworkMissing with the way to install it when it is missing. Settings already in the
    environment are kept.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if tensorflow_available():
        return importlib.import_module("tensorflow")
    raise FrameworkMissing(
        'This needs TensorFlow, which is not installed: pip install "selgrad[tensorflow]" on Python 3.11 to '
        "3.13 (Linux, Windows, Macs with Apple silicon); elsewhere it has no wheel, and the notebooks show "
        "recorded values."
    )


def require_torch() -> Any:
    """The module `torch`. Raises FrameworkMissing with the way to install it when it is missing."""
    return _required("torch", 'PyTorch, which is not installed: pip install "torch>=2.13" (its CPU build is enough).')


def require_jax() -> Any:
    """The module `jax`. Raises FrameworkMissing with the way to install it when it is missing."""
    return _required("jax", "JAX, which is not installed: pip install jax.")


def _required(name: str, missing: str) -> Any:
    if importlib.util.find_spec(name) is None:
        raise FrameworkMissing(f"This needs {missing}")
    return importlib.import_module(name)
