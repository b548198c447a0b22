"""`sg.sweep`: a task over a grid, to the end or to an interruption that can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path

from selgrad.errors import InputError, SweepError
from selgrad.sweeps import execute
from selgrad.sweeps.execute import interruptible, processes, results
from selgrad.sweeps.grid import Points
from selgrad.sweeps.plan import Outputs, Plan, Task
from selgrad.sweeps.store import PIP, Missing, opened


def sweep(
    task: Task,
    grid: Points,
    executor: Executor | int | None = None,
    store: str | Path | None = None,
    *,
    options: Mapping[str, object] | None = None,
    chunk: int = 1024,
    seed: int = 0,
    progress: bool | None = None,
) -> Outputs:
    """The outputs of a task at every point of a grid, the same whoever computes them and in whatever order.

    The points i = 0, ..., n-1 are those of the Cartesian product of the grid's axes in C order, or of a list of
    points. `task(chunk, **options)` gets `chunk` consecutive points at a time (a `Chunk`: `chunk["x0"]`,
    `chunk.index`, `chunk.seed`, `chunk.generators()`) and returns a dict of arrays, points along the first axis. It
    must be a function of the points, their indices, the seed and the options alone.

    executor: None for this process, a number for that many processes, or any `concurrent.futures.Executor`: a Dask
        cluster's `client.get_executor()`, or mpi4py's `MPIPoolExecutor()`.
    store: a folder for the results, a Zarr group (extra `cluster`). A sweep that was stopped, by Ctrl-C or a kill,
        goes on from there when it is called again; a finished one is only read. Ctrl-C lets the chunks that are
        being computed end; pressed twice it stops at once.
    progress: show a bar that counts chunks (default: with a store).

    Returns a dict name -> array of shape grid shape + shape of one output (a list of points has shape (n,)).

    Raises InputError for a wrong argument, SweepError when the store belongs to another sweep (naming the first
    field that differs), when a chunk fails, or when a package is missing; KeyboardInterrupt after Ctrl-C.

    Ours; the paper has no experiments.

    >>> def square(chunk):
    ...     return {"y": chunk["x"] ** 2 + chunk["shift"]}
    >>> sweep(square, {"x": [1.0, 2.0, 3.0], "shift": [0.0, 0.5]}, chunk=4)
    {'y': array([[1. , 1.5],
           [4. , 4.5],
           [9. , 9.5]])}
    """
    if isinstance(executor, int) and (isinstance(executor, bool) or executor < 1):
        raise InputError(f"A number of worker processes must be 1 or more, and is {executor!r}.")
    if executor is not None and not isinstance(executor, int) and not callable(getattr(executor, "submit", None)):
        raise InputError(f"executor must be None, a number or an executor with a method submit, not {executor!r}.")
    plan = Plan.of(task, grid, options, chunk, seed)
    typed_in = getattr(task, "__module__", None) == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
    if isinstance(executor, int) and typed_in:
        raise InputError(f"{task!r} cannot be imported by worker processes: put it in a file and import it.")
    shown = store is not None if progress is None else progress
    tqdm = _tqdm() if shown else None
    with ExitStack() as stack:
        results_so_far = stack.enter_context(opened(plan, store))
        todo = results_so_far.missing()
        done = plan.chunks - len(todo)
        if todo:
            window = execute.WINDOW
            if isinstance(executor, int):
                # One waits beside those being computed. No more: Ctrl-C lets all of them end, and cancelling one
                # whose process is then killed makes the pool of Python 3.11 print a traceback.
                window = executor + 1
                executor = stack.enter_context(processes(executor))
            bar = stack.enter_context(tqdm(total=plan.chunks, initial=done, unit="chunk")) if tqdm else None
            stop = stack.enter_context(interruptible("Stopping after the chunks at work; Ctrl-C again stops at once."))
            try:
                for k, outputs in results(plan, todo, executor, stop, window):
                    results_so_far.write(k, outputs)
                    done += 1
                    if bar is not None:
                        bar.update()
            except SweepError as error:
                kept = "" if store is None else f"; {done} of {plan.chunks} chunks are kept in {store}"
                raise SweepError(f"{error}{kept}.") from error.__cause__
            if done < plan.chunks:
                kept = "nothing is kept without a store" if store is None else f"the same call goes on from {store}"
                raise KeyboardInterrupt(f"Stopped with {done} of {plan.chunks} chunks done; {kept}.")
        return results_so_far.read()


def _tqdm():
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise Missing(f"The progress bar needs tqdm, which is not installed: {PIP}, or progress=False") from error
    return tqdm
