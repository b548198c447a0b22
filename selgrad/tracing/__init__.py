"""Tracing: ordinary NumPy code becomes a Program."""

from selgrad.tracing.recorder import Comparison, Traced
from selgrad.tracing.trace import record, trace

__all__ = ["Comparison", "Traced", "record", "trace"]
