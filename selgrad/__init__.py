"""selgrad: what automatic differentiation does where a program is not smooth."""

import importlib
from typing import TYPE_CHECKING

from selgrad.differentiation.derivative_program import differentiate
from selgrad.differentiation.grad import grad, jacobian, value_and_grad
from selgrad.differentiation.lemma1 import lemma1
from selgrad.differentiation.modes import backward_mode, forward_mode
from selgrad.differentiation.products import hessian, hvp, jvp, vjp
from selgrad.differentiation.vmap import vmap
from selgrad.errors import (
    BranchChanged,
    DomainError,
    InputError,
    NonFinite,
    NotContinuous,
    NotElementary,
    OutsideTheorem4,
    SelgradError,
    ShapeError,
    SweepError,
    TooLarge,
)
from selgrad.examples.prescribed import with_derivatives
from selgrad.examples.random_programs import random_program
from selgrad.geometry.jacobians import JacobianSet
from selgrad.primitives import CONVENTIONS
from selgrad.programs.lowering import scalar_view
from selgrad.programs.program import Program
from selgrad.programs.program_data import Evaluation, Guard, Instruction
from selgrad.programs.scalar import ScalarProgram
from selgrad.selections.of_program import selection
from selgrad.selections.primitive import primitive
from selgrad.selections.selection import Selection, compose
from selgrad.sets.certificates import verify
from selgrad.sets.clarke import ClarkeBounds, clarke
from selgrad.sets.conservative import conservative
from selgrad.sets.theorem3 import check_conservative
from selgrad.sets.verdicts import Verdict, classify
from selgrad.tracing import trace
from selgrad.tracing.operations import (
    elu,
    erf,
    hard_sigmoid,
    hard_tanh,
    huber,
    kth_largest,
    leaky_relu,
    logsumexp,
    max_pool,
    median,
    relu,
    relu6,
    selu,
    sigmoid,
    softmax,
    softplus,
    sort,
    stop_gradient,
    top_k,
)

__version__ = "0.1.0"
_LATER = {
    "FiniteSum": "selgrad.descent.finite_sum",
    "GradCheck": "selgrad.audits.gradient_check",
    "Report": "selgrad.audits.report",
    "Trajectories": "selgrad.descent.trajectories",
    "audit": "selgrad.audits.one_input",
    "check_grads": "selgrad.audits.gradient_check",
    "compile": "selgrad.compilation",
    "find_traps": "selgrad.descent.traps",
    "from_jax": "selgrad.frameworks",
    "from_torch": "selgrad.frameworks",
    "sgd": "selgrad.descent.sgd",
    "sweep": "selgrad.sweeps",
    "to_tensorflow": "selgrad.frameworks",
}

if TYPE_CHECKING:  # a type checker must see which names there are, and that there are no others
    from selgrad.audits.gradient_check import GradCheck, check_grads
    from selgrad.audits.one_input import audit
    from selgrad.audits.report import Report
    from selgrad.compilation import compile
    from selgrad.descent.finite_sum import FiniteSum
    from selgrad.descent.sgd import sgd
    from selgrad.descent.trajectories import Trajectories
    from selgrad.descent.traps import find_traps
    from selgrad.frameworks.jax import from_jax
    from selgrad.frameworks.tensorflow import to_tensorflow
    from selgrad.frameworks.torch import from_torch
    from selgrad.sweeps import sweep
else:

    def __getattr__(name: str) -> object:
        """What starts processes or needs a framework is imported when it is first asked for."""
        if name in _LATER:
            return getattr(importlib.import_module(_LATER[name]), name)
        raise AttributeError(f"module 'selgrad' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """The public names alone, for sg.+Tab."""
        return sorted(__all__)


__all__ = [
    "CONVENTIONS", "BranchChanged", "ClarkeBounds", "DomainError", "Evaluation", "FiniteSum", "GradCheck", "Guard",
    "InputError", "Instruction", "JacobianSet", "NonFinite", "NotContinuous", "NotElementary", "OutsideTheorem4",
    "Program", "Report", "ScalarProgram", "Selection", "SelgradError", "ShapeError", "SweepError", "TooLarge",
    "Trajectories", "Verdict", "audit", "backward_mode", "check_conservative", "check_grads", "clarke", "classify",
    "compile", "compose", "conservative", "differentiate", "elu", "erf", "find_traps", "forward_mode", "from_jax",
    "from_torch", "grad", "hard_sigmoid", "hard_tanh", "hessian", "huber", "hvp", "jacobian", "jvp", "kth_largest",
    "leaky_relu", "lemma1", "logsumexp", "max_pool", "median", "primitive", "random_program", "relu", "relu6",
    "scalar_view", "selection", "selu", "sgd", "sigmoid", "softmax", "softplus", "sort", "stop_gradient", "sweep",
    "to_tensorflow", "top_k", "trace", "value_and_grad", "verify", "vjp", "vmap", "with_derivatives",
]
