"""Tracing: ordinary NumPy code becomes a Program."""

from selgrad.tracing.both_branches import trace_branches
from selgrad.tracing.comparisons import Comparison
from selgrad.tracing.recorder import Traced
from selgrad.tracing.tracer import closed_over, trace, trace_at

__all__ = ["Comparison", "Traced", "closed_over", "trace", "trace_at", "trace_branches"]
