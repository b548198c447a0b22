"""Tracing: ordinary NumPy code becomes a Program."""

from selgrad.tracing.branches import trace_branches
from selgrad.tracing.recorder import Comparison, Traced
from selgrad.tracing.trace import record, trace

__all__ = ["Comparison", "Traced", "record", "trace", "trace_branches"]
