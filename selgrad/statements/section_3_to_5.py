"""The statements of Sections 3 to 5, in the order of the paper."""

from selgrad.statements.table import OURS, Statement

SECTION_3_TO_5 = (
    Statement(
        "Program", "P = (p, q, m, pr, G)", "Section 3", "memory cells, each an elementary selection of earlier ones",
        ("sg.trace", "sg.Program", "sg.scalar_view"), ("programs/program_data.py", "programs/scalar.py"),
        ("Definition 3",)),
    Statement(
        "Algorithm 1", "program evaluation", "Section 3", "x_k = g_k(x_pr(k)), for k = p+1, ..., m",
        ("sg.Program.evaluate", "sg.Program.__call__"), ("programs/evaluate.py",), ("Program",),
        ("pr(k) holds earlier cells only",)),
    Statement(
        "Proposition 5", "programs represent elementary selections", "Section 3", "F(P) is in S", ("sg.selection",),
        ("selections/of_program.py",), ("Algorithm 1", "Proposition 1"),
        ("each g_k is in S", "m is fixed: finitely many instructions")),
    Statement(
        "Algorithm 2", "algorithmic differentiation, forward and backward", "Section 4",
        "the chain rule, line by line, with the selection derivatives of the g_k",
        ("sg.forward_mode", "sg.backward_mode"), ("differentiation/modes.py",), ("Algorithm 1", "Definition 4"),
        ("the variables are those of Algorithm 1, none overwritten",)),
    Statement(
        "Lemma 1", "both modes are one product", "Section 4", "forward and backward mode return the same",
        ("sg.lemma1",), ("differentiation/lemma1.py",), (),
        ("the products are projected on the inputs", "each cell is written once")),
    Statement(
        "Equation (6)", "the identity of the products", "Section 4",
        "P_p prod (I - e_k e_k^T + d_k e_k^T) = P_p prod (I + d_k e_k^T)", ("sg.lemma1",),
        ("differentiation/lemma1.py",), ("Lemma 1",),
        ("the products are projected on the inputs", "each cell is written once")),
    Statement(
        "Theorem 2", "AD outputs a selection gradient", "Section 4", "F(A(P)) is a selection derivative of F(P)",
        ("sg.selection", "sg.Selection.derivative"), ("selections/of_program.py",),
        ("Operator A", "Proposition 5", "Equation (6)", "Equation (5)"),
        ("each d_k is a selection derivative of g_k",)),
    Statement(
        "Definition 5", "representation minimal operator", "Section 5.1",
        "the hull of the gradients of the active pieces", ("sg.Selection.field", "sg.Selection.active",
        "sg.JacobianSet"), ("selections/selection.py", "geometry/jacobians.py"), ("Definition 4",),
        ("the convex hull is taken", "all active pieces count, not s(x) alone")),
    Statement(
        "Field D_P", "everything AD could have returned", "Section 5.1",
        "Definition 5 for the representation that a program composes", ("sg.conservative",
        "selgrad.widgets.FieldExplorer"), ("sets/conservative.py",), ("Definition 5", "Proposition 5"),
        whose=OURS),
    Statement(
        "Theorem 3", "the field is conservative", "Section 5.1",
        "along absolutely continuous curves all its elements give the derivative of f", ("sg.check_conservative",
        "selgrad.widgets.CurveExplorer"), ("sets/theorem3.py",), ("Definition 5", "Proposition 2"),
        ("the curve is absolutely continuous", "f is continuous",
         "v is in D_f: the hull of the gradients of the active pieces")),
    Statement(
        "Proposition 6", "the field has a closed graph", "Appendix A.3",
        "x_k -> x, v_k in D(x_k) and v_k -> v imply v in D(x)", ("sg.Selection.field",),
        ("selections/selection.py",), ("Definition 5",),
        ("f is continuous", "all active pieces count, not s(x) alone", "finitely many pieces",
         "the pieces are continuously differentiable"), OURS,
        "Section 5.1 refers to it; its text and proof stand in the appendix; we reconstruct them."),
    Statement(
        "Essential index set", "S_E(x) in place of I(x)", "Section 5.1",
        "the pieces that are f on open sets reaching to x", ("sg.Selection.essential",),
        ("selections/selection.py",), ("Definition 5",)),
    Statement(
        "Clarke's subdifferential", "the hull of limits of gradients", "Section 5.1",
        "a set of the function alone, inside D_P", ("sg.clarke",), ("sets/clarke.py",),
        ("Essential index set", "Proposition 3")),
    Statement(
        "Illustration (a)", "relu", "Section 5.1", "for the pieces 0 and x, D_f is the convex subdifferential",
        ("sg.Selection.field", "sg.relu"), ("selections/selection.py",), ("Definition 5",),
        ("the list is the two pieces 0 and x",)),
    Statement(
        "Illustration (b)", "sorting", "Section 5.1", "D_F is the hull of the permutations that sort x, and Clarke's",
        ("sg.sort",), ("primitives/order.py", "figures/fig_sorting.py"), ("Definition 5", "Clarke's subdifferential"),
        ("the pieces are the permutations, chosen as one",)),
    Statement(
        "Artificial critical point", "0 in D_f(x), and not in Clarke's set", "Section 5.2",
        "critical for AD, and for nothing else", ("sg.classify", "sg.verify"),
        ("sets/verdicts.py", "sets/certificates.py"), ("Definition 5", "Clarke's subdifferential")),
    Statement(
        "Equation (7)", "the problem: a mean of n terms", "Section 5.2", "min J(x) = (1/n) sum f_i(x)",
        ("sg.FiniteSum",), ("descent/finite_sum.py",), ("Proposition 1",)),
    Statement(
        "Equation (8)", "stochastic gradient descent with what AD returns", "Section 5.2",
        "x_(k+1) = x_k - gamma_k times the selection derivative of f_(I_k)", ("sg.sgd", "sg.Trajectories"),
        ("descent/sgd.py",), ("Equation (7)", "Theorem 2"),
        ("the I_k are drawn independently and uniformly",),
        note="The I_k are printed as subsets of {0, ..., n} and used as subsets of {1, ..., n}."),
    Statement(
        "Theorem 4", "convergence, and insignificance of artefacts", "Section 5.2",
        "limits are selection critical, and Clarke critical for almost all c and x_0", ("sg.Trajectories.classify",
        "sg.find_traps", "selgrad.widgets.TrapExplorer"), ("descent/schedules.py", "descent/ends.py",
        "descent/traps.py"), ("Equation (8)", "Theorem 3", "Proposition 6", "Proposition 3",
        "Artificial critical point"),
        ("almost all c, not all", "almost all x_0, not all", "the sequence is bounded almost surely",
         "alpha_k = o(1/log k)", "the alpha_k add up to infinity (understood, not printed)",
         "the I_k are drawn independently and uniformly"),
        note="As printed it covers step sizes with a finite sum too, for which its first part fails."),
)
