"""Every error selgrad raises: one clear sentence that names what was wrong, where, and what to do."""

from __future__ import annotations


class SelgradError(Exception):
    """Base class of selgrad's own errors."""


class InputError(SelgradError, TypeError):
    """An argument that is not an array of finite real numbers, or an option that does not exist."""


class ShapeError(SelgradError, ValueError):
    """Arrays whose shapes do not fit the program or each other."""


class NotElementary(SelgradError, NotImplementedError):
    """An operation that is not an elementary selection, or not one selgrad knows (Definitions 1-3)."""


class DomainError(SelgradError, ArithmeticError):
    """An instruction evaluated outside the open domain of its elementary function (Definition 1)."""


class BranchChanged(SelgradError, RuntimeError):
    """A Python branch recorded when tracing would go the other way at this point."""


class NotContinuous(SelgradError, ValueError):
    """A selection whose pieces disagree where they meet (Definition 3 asks for continuity)."""


class TooLarge(SelgradError, ValueError):
    """A construction that is only meant for small programs."""


class OutsideTheorem4(UserWarning):
    """A run of algorithm (8) whose step sizes Theorem 4 does not speak of."""


class NonFinite(RuntimeWarning):
    """Trajectories that left the real numbers, or the domain of an instruction, and were stopped."""


class SweepError(SelgradError, RuntimeError):
    """A sweep that cannot begin or go on: its store, its task or one of its workers."""
