"""Sweeps: a pure function over a grid of points, in chunks, on any executor, into a store that survives a kill.

grid -> plan -> execute, store -> sweep -> tasks, config
"""

from selgrad.sweeps.grid import Chunk
from selgrad.sweeps.run import sweep

__all__ = ["Chunk", "sweep"]
