"""Chunks through an executor, a window at a time, until they are done or someone asks to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from itertools import islice
from queue import SimpleQueue

from selgrad.errors import SweepError
from selgrad.sweeps.plan import Outputs, Plan, run_chunk

WINDOW = 1024
"""Chunks handed to a user's executor at once: enough to feed a thousand workers, few enough to hold in memory."""


def results(
    plan: Plan, todo: Iterable[int], executor: Executor | None, stop: Callable[[], bool], window: int
) -> Iterator[tuple[int, Outputs]]:
    """(k, outputs of chunk k) for the chunks to do, as they come in; `window` of them are handed in at once.

    After `stop()` no chunk is begun, and those a worker has begun still come in. Raises SweepError when a chunk fails.
    """
    if executor is None:
        for k in todo:
            if stop():
                return
            try:
                outputs = run_chunk(plan.task, plan.options, plan.points(k))
            except Exception as error:
                raise failure(plan, k, error) from error
            yield k, outputs
        return

    todo = iter(todo)
    waiting: dict[Future, int] = {}
    finished: SimpleQueue[Future] = SimpleQueue()
    try:
        while True:
            if not stop():
                for k in islice(todo, window - len(waiting)):
                    future = executor.submit(run_chunk, plan.task, plan.options, plan.points(k))
                    waiting[future] = k
                    future.add_done_callback(finished.put)
            if not waiting:
                return
            future = finished.get()
            if stop():
                for other in waiting:
                    other.cancel()
            k = waiting.pop(future)
            if not future.cancelled():
                try:
                    outputs = future.result()
                except Exception as error:
                    raise failure(plan, k, error) from error
                yield k, outputs
    except BrokenExecutor as error:  # from submit
        raise failure(plan, 0, error) from error
    finally:
        for future in waiting:
            future.cancel()


def failure(plan: Plan, k: int, error: Exception) -> SweepError:
    """One sentence about a chunk that has no result."""
    if isinstance(error, BrokenExecutor):
        return SweepError(
            "A worker process died: killed, out of memory, or started by a script whose call of sweep does not stand "
            "below `if __name__ == '__main__':`"
        )
    start, stop = plan.span(k)
    what = str(error) if isinstance(error, SweepError) else f"{type(error).__name__}: {error}"
    return SweepError(f"Chunk {k} (points {start} to {stop - 1}) failed: {' '.join(what.split()).rstrip('.')}")


@contextmanager
def interruptible(message: str) -> Iterator[Callable[[], bool]]:
    """A function that tells whether Ctrl-C was pressed. Pressed once more, it stops at once, as it always does."""
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    # where Ctrl-C is not ours to handle (another thread, a job in the background) it stays as it is
    if threading.current_thread() is not threading.main_thread() or before in (signal.SIG_IGN, None):
        yield lambda: False
        return

    def first(number: int, frame: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, before)
        print(message, file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, first)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """`count` fresh Python processes, which leave Ctrl-C to this one and end when it ends, however it does."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    others = set(multiprocessing.active_children())
    # spawn, as on every system: a fork copies the locks of threads (of Zarr, BLAS, Numba) that it does not copy
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin_worker)
    try:
        yield pool
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    import multiprocessing

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
