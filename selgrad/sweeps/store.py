"""Where results are kept: in memory, or in a Zarr group on disk that any Zarr reader opens.

The group DIR holds one array per output, the points along its first axis, cut into the chunks of the sweep. Its
attributes name the sweep. A chunk is done when all its files are there and their checksums hold, so nothing else
need be kept in step. Zarr writes each file beside its place and renames it; the one writer is the process that
calls `sweep`, and it holds a lock on the file DIR.lock, which the system drops when the process ends.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from selgrad.errors import SweepError
from selgrad.sweeps.plan import Layout, Outputs, Plan, difference

ATTRIBUTE, OUTPUTS = "selgrad sweep", "outputs"
PIP = 'pip install "selgrad[cluster]"'


class Missing(SweepError, ImportError):
    """A package of the extra `cluster` is not installed."""


class Memory:
    """Results in this process, gone with it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.layout: Layout | None = None
        self.arrays: Outputs = {}

    def missing(self) -> list[int]:
        return list(range(self.plan.chunks))

    def write(self, k: int, outputs: Outputs) -> None:
        """Keep chunk k. Raises SweepError when it does not look like the chunks before it."""
        layout = Layout.of(outputs)
        if self.layout is None:
            self.create(layout)
            self.layout = layout
        elif layout != self.layout:
            raise SweepError(f"Chunk {k} has the outputs {layout}, and earlier chunks have {self.layout}")
        for name, array in outputs.items():
            self.arrays[name][slice(*self.plan.span(k))] = array

    def create(self, layout: Layout) -> None:
        for name, (dtype, core) in layout.outputs.items():
            self.arrays[name] = np.empty((self.plan.grid.size, *core), dtype)

    def read(self) -> Outputs:
        """name -> array whose leading axes are the grid's."""
        arrays = {name: np.asarray(array[:]) for name, array in self.arrays.items()}
        return {name: array.reshape(self.plan.grid.shape + array.shape[1:]) for name, array in arrays.items()}


class ZarrStore(Memory):
    """Results in a Zarr group; made by `opened`, which has compared the sweeps."""

    def __init__(self, plan: Plan, path: Path) -> None:
        import zarr

        super().__init__(plan)
        self.path = path
        for litter in path.rglob("*.partial"):  # a kill in the middle of a write leaves one
            litter.unlink()
        if not (path / "zarr.json").exists():
            zarr.create_group(path, attributes={ATTRIBUTE: plan.description})
        self.group = zarr.open_group(path, mode="r+")
        outputs: Any = self.group.attrs.get(OUTPUTS)
        if outputs is not None:
            self.layout = Layout({name: (dtype, tuple(core)) for name, (dtype, core) in outputs.items()})
            self.create(self.layout)

    def create(self, layout: Layout) -> None:
        from zarr.codecs import Crc32cCodec

        self.group.update_attributes({OUTPUTS: {name: list(output) for name, output in layout.outputs.items()}})
        for name, (dtype, core) in layout.outputs.items():
            if name not in self.group:
                # Not compressed: the bytes of a store are then a function of the results alone, whatever the
                # version of a compressor. A missing chunk reads as NaN where there is one.
                fill = np.nan if np.dtype(dtype).kind in "fc" else 0
                self.group.create_array(
                    name, shape=(self.plan.grid.size, *core), chunks=(self.plan.chunk, *core), dtype=dtype,
                    fill_value=fill, filters=None, compressors=[Crc32cCodec()],
                )
            array: Any = self.group[name]
            # a chunk that holds nothing but the fill value is a result too
            self.arrays[name] = array.with_config({"write_empty_chunks": True})

    def file(self, name: str, k: int) -> Path:
        array: Any = self.arrays[name]
        return self.path / name / array.metadata.encode_chunk_key((k, *(0,) * (array.ndim - 1)))

    def missing(self) -> list[int]:
        """The chunks to compute. One whose checksum fails is deleted, with a warning, and is among them."""
        todo, damaged = [], []
        for k in range(self.plan.chunks):
            files = {name: self.file(name, k) for name in self.arrays}
            if not files or not all(file.exists() for file in files.values()):
                todo.append(k)
            elif not all(self.sound(name, k) for name in files):
                damaged.append(k)
                for file in files.values():
                    file.unlink()
        if damaged:
            text = ", ".join(map(str, damaged[:5])) + (", ..." if len(damaged) > 5 else "")
            warnings.warn(f"Damaged chunks of {self.path} are computed again: {text}.", stacklevel=3)
        return sorted(todo + damaged)

    def sound(self, name: str, k: int) -> bool:
        array: Any = self.arrays[name]
        try:
            array.blocks[k]
        except ValueError:  # the checksum or the length is wrong
            return False
        return True


@contextmanager
def opened(plan: Plan, path: str | Path | None) -> Iterator[Memory]:
    """The store of a sweep. Everything is checked before anything is written. Raises SweepError."""
    if path is None:
        yield Memory(plan)
        return
    try:
        import zarr  # noqa: F401
        from filelock import FileLock, Timeout
    except ImportError as error:
        raise Missing(f"A store needs Zarr and filelock, and {error.name} is not installed: {PIP}") from error
    path = Path(path)
    check(plan, path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{path}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise SweepError(f"Another sweep is at work on {path}: wait for it, or name another folder.") from None
    except OSError as error:
        raise SweepError(f"The store {path} cannot be written ({error.strerror}): name another folder.") from error
    try:
        try:
            kept = ZarrStore(plan, path)
        except (ValueError, LookupError, TypeError) as error:
            raise SweepError(f"The store {path} is damaged ({error!r}): delete it, or name another folder.") from error
        yield kept
    finally:
        lock.release()


def check(plan: Plan, path: Path) -> None:
    """Whether this sweep may write here. Raises SweepError."""
    import zarr

    mine = plan.description
    if path.is_dir() and (path / "zarr.json").exists():
        try:
            theirs = zarr.open_group(path, mode="r").attrs[ATTRIBUTE]
            differs = difference(theirs, mine)  # type: ignore[arg-type]
        except Exception as error:
            raise SweepError(f"The folder {path} is not a store of a sweep that can be read: {error!r}.") from error
        if differs:
            raise SweepError(f"The store {path} belongs to another sweep ({differs}): name another folder.")
    elif path.exists() and (not path.is_dir() or any(file.suffix != ".partial" for file in path.iterdir())):
        raise SweepError(f"{path} is not empty and is not a store of a sweep: name another folder.")
