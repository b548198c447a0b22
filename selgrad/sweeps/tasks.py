"""The tasks that have a name of ours, and those a user names as module:function."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import MappingProxyType

from selgrad.errors import InputError
from selgrad.sweeps.plan import Task

TASKS = MappingProxyType({"trapped": "selgrad.sweeps.tasks:trapped"})


def load(name: str, folder: Path | None = None) -> Task:
    """The task called `name`: one of TASKS, or `module:function`, where the module may lie in `folder`.

    Naming a module runs it, as with any import: it must be one you trust. Raises InputError.

    >>> load("trapped").__name__
    'trapped'
    """
    if name not in TASKS and not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", name):
        raise InputError(f"There is no task {name!r}; there is {', '.join(TASKS)}, or your own, as module:function.")
    module, function = TASKS.get(name, name).split(":")
    if folder is not None and str(folder.resolve()) not in sys.path:
        # the worker processes we start get this sys.path too
        sys.path.insert(0, str(folder.resolve()))
    try:
        task = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # what a user's module may raise is not for us to say
        raise InputError(f"The task {name} cannot be imported: {type(error).__name__}: {error}.") from error
    if not callable(task):
        raise InputError(f"The module {module} has no function {function}.")
    return task
