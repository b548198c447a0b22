"""Counter-examples: for each hypothesis of the paper's statements, what fails without it.

The statements and their hypotheses stand in `selgrad.statements`; each example names the ones that it drops.
"""

from selgrad.counterexamples.derivatives import (
    cantor_function,
    kinked_identity,
    maximum_of_twins,
    oscillating,
    root_of_the_square,
    rows_of_clarke,
    wrong_on_the_tie,
    zero_on_a_fat_cantor_set,
)
from selgrad.counterexamples.descent import (
    constant_steps,
    every_c,
    every_start,
    one_term_only,
    summable_steps,
    unbounded_run,
)
from selgrad.counterexamples.fields import (
    cantor_curve,
    index_alone,
    pieces_that_accumulate,
    sorting_network,
    summed_slopes,
    takagi_curve,
    unused_piece,
    wild_piece,
)
from selgrad.counterexamples.form import Counterexample, Fact
from selgrad.counterexamples.functions import (
    constants,
    no_representation,
    own_wave,
    parity,
    power_series,
    reciprocal,
    relu_of_the_sine,
    sine,
    step,
    t_log_t,
    takagi_sum,
    without_the_hull,
)
from selgrad.counterexamples.programs import (
    clarke_operator,
    floor_program,
    folding,
    ones_for_all_tied,
    overwritten,
    reads_ahead,
    smooth_programs,
    without_projection,
    written_twice,
)

COUNTEREXAMPLES: dict[str, Counterexample] = {example.name: example for example in (
    sine, power_series, t_log_t, parity, relu_of_the_sine, step, constants, no_representation, without_the_hull,
    takagi_sum, reciprocal, own_wave, kinked_identity, wrong_on_the_tie, cantor_function, oscillating,
    zero_on_a_fat_cantor_set, maximum_of_twins, root_of_the_square, rows_of_clarke, clarke_operator,
    smooth_programs, reads_ahead, overwritten, without_projection, written_twice, ones_for_all_tied, floor_program,
    folding, cantor_curve, takagi_curve, summed_slopes, index_alone, pieces_that_accumulate, wild_piece,
    unused_piece, sorting_network, every_c, every_start, unbounded_run, constant_steps, summable_steps,
    one_term_only,
)}
"""All of them by name, in the order of the paper."""

__all__ = [
    "COUNTEREXAMPLES", "Counterexample", "Fact", "cantor_curve", "cantor_function", "clarke_operator",
    "constant_steps", "constants", "every_c", "every_start", "floor_program", "folding", "index_alone",
    "kinked_identity", "maximum_of_twins", "no_representation", "one_term_only", "ones_for_all_tied", "oscillating",
    "overwritten", "own_wave", "parity", "pieces_that_accumulate", "power_series", "reads_ahead", "reciprocal",
    "relu_of_the_sine", "root_of_the_square", "rows_of_clarke", "sine", "smooth_programs", "sorting_network",
    "step", "summable_steps", "summed_slopes", "t_log_t", "takagi_curve", "takagi_sum", "unbounded_run",
    "unused_piece", "wild_piece", "without_projection", "without_the_hull", "written_twice", "wrong_on_the_tie",
    "zero_on_a_fat_cantor_set",
]
