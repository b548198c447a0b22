"""The statements of Sections 1 and 2, in the order of the paper."""

from selgrad.statements.table import OURS, Statement

SECTION_1_TO_2 = (
    Statement(
        "Figure 1", "programs of relu, of 0, and of the sine", "Section 1.1",
        "programs of one function have different AD derivatives at a point",
        ("selgrad.examples.paper.relu2", "selgrad.examples.paper.zero"), ("examples/paper.py", "figures/fig_1.py"),
        ("Algorithm 2",)),
    Statement(
        "Operator A", "algorithmic differentiation as an operator on programs", "Section 1.1",
        "the derivative of a program is a program", ("sg.differentiate",), ("differentiation/derivative_program.py",),
        ("Program", "Algorithm 2")),
    Statement(
        "Equation (1)", "the relation of AD and gradient for smooth programs", "Section 1.1", "F(A(P)) = grad F(P)",
        ("sg.differentiate", "sg.grad"), ("differentiation/derivative_program.py", "differentiation/grad.py"),
        ("Operator A", "Proposition 4"), ("the program combines smooth functions smoothly",)),
    Statement(
        "Figure 2", "the diagram that commutes for smooth programs", "Section 1.1",
        "left (1), right what is open for nonsmooth ones", ("sg.differentiate",), ("figures/fig_2.py",),
        ("Equation (1)", "Theorem 1")),
    Statement(
        "Theorem 1", "AD does not induce an operator on functions", "Section 1.1",
        "no nontrivial operator on functions contains what AD returns", ("selgrad.examples.paper.prescribing",
        "selgrad.widgets.KinkExplorer"), ("examples/paper.py",), ("Figure 1",),
        ("(a): the outputs of AD for all programs", "(b): relu is among the programs, with 0 at 0")),
    Statement(
        "Definition 1", "elementary (log-exp) functions", "Section 2",
        "finite expressions in +, -, *, /, affine maps, exp and log", ("sg.Instruction",
        "sg.Program.leaves_log_exp"), ("primitives/smooth.py",), (),
        ("only +, -, *, /, affine maps, exp and log", "a finite expression", "inside the domain of definition")),
    Statement(
        "Remark 1", "the log-exp structure", "Appendix A.3",
        "each primitive is log-exp, or is flagged or refused", ("sg.Program.leaves_log_exp", "sg.primitive"),
        ("primitives/rows.py", "selections/primitive.py"), ("Definition 1",), ("every operation is log-exp",), OURS,
        "Section 2 refers to it; its text stands in the appendix; we reconstruct it."),
    Statement(
        "Definition 2", "elementary indices", "Section 2", "s cuts R^p by finitely many equations and inequalities",
        ("sg.Selection.s", "sg.Selection.hypotheses"), ("selections/selection.py", "selections/hypotheses.py"),
        ("Definition 1",),
        ("finitely many equations and inequalities", "they are between elementary functions")),
    Statement(
        "Definition 3", "elementary selections", "Section 2", "f is continuous and equals the piece that s picks",
        ("sg.Selection", "sg.Selection.check_continuous"), ("selections/selection.py", "primitives/kinked.py"),
        ("Definition 1", "Definition 2"),
        ("f is continuous", "finitely many pieces", "each piece is elementary on all of R^p")),
    Statement(
        "Equation (2)", "the value of a selection", "Section 2", "f(x) = f_s(x)(x)", ("sg.Selection.__call__",),
        ("selections/selection.py",), ("Definition 3",), ("it holds for all x, at ties too",)),
    Statement(
        "Proposition 1", "stability under composition, sum and product", "Section 2",
        "f + g, f g and g o F are in S, with the refined index", ("sg.Selection.__add__", "sg.Selection.__mul__",
        "sg.compose"), ("selections/selection.py",), ("Definition 3",),
        ("finitely many operations", "the operations are sum, product and composition", "both functions are in S")),
    Statement(
        "Definition 4", "selection gradient", "Section 2.1", "the gradient of the piece in use, and of nothing else",
        ("sg.Selection.derivative",), ("selections/selection.py",), ("Definition 3",),
        ("a representation is given",)),
    Statement(
        "Equation (3)", "the selection derivative", "Section 2.1", "x -> grad f_s(x)(x)",
        ("sg.Selection.derivative",), ("selections/selection.py",), ("Definition 4",), ("a representation is given",),
        note="Proposition 5 and Section 5.2 speak of programs \"of the form (3)\": they mean P = (p, q, m, pr, G), "
             "which has no number."),
    Statement(
        "Remark (a)", "the null function with derivative 1", "Section 2.1",
        "a selection derivative is no known subgradient", ("selgrad.examples.paper.remark_a",),
        ("examples/paper.py",), ("Definition 4",)),
    Statement(
        "Remark (b)", "branches frozen", "Section 2.1", "one branch is differentiated, the others are not looked at",
        ("sg.Selection.piece",), ("selections/selection.py",), ("Definition 4",)),
    Statement(
        "Proposition 2", "integration along segments", "Section 2.1",
        "f is locally Lipschitz and the integral of its selection derivative", ("sg.check_conservative",),
        ("sets/theorem3.py",), ("Definition 4",),
        ("f is continuous", "finitely many pieces", "each piece is elementary on all of R^p")),
    Statement(
        "Proposition 3", "gradient almost everywhere", "Section 2.1",
        "selection derivatives are the gradient on finitely many elementary sets that fill the space",
        ("sg.grad",), ("differentiation/grad.py",), ("Definition 4",),
        ("finitely many pieces", "index and pieces are elementary")),
    Statement(
        "Remark after Proposition 3", "Proposition 2 does not follow from it", "Section 2.1",
        "both rest on rigidity, not on piecewise smoothness alone", ("sg.check_conservative",),
        ("sets/theorem3.py",), ("Proposition 2", "Proposition 3"), ("rigidity: finitely many elementary pieces",)),
    Statement(
        "Proposition 4", "the chain rule", "Section 2.2", "J_F(x)^T grad g(F(x)) is a selection derivative of g o F",
        ("sg.compose",), ("selections/selection.py",), ("Proposition 1", "Definition 4"),
        ("derivatives are selection derivatives, not merely right almost everywhere", "g is in S, on all of R^p")),
    Statement(
        "Equation (4)", "the selection Jacobian", "Section 2.2", "its rows are selection derivatives",
        ("sg.Selection.derivative", "sg.jacobian"), ("selections/selection.py", "differentiation/grad.py"),
        ("Definition 4",), ("the rows are selection derivatives, and so is the product",),
        note="The last row is printed with the index q; it is p_2."),
    Statement(
        "Equation (5)", "the chain rule for Jacobians", "Section 2.2", "J of F1 o F2 = (J of F1, o F2) times J of F2",
        ("sg.compose",), ("selections/selection.py",), ("Proposition 4", "Equation (4)"),
        ("derivatives are selection derivatives, not merely right almost everywhere",
         "the functions have full domain")),
)
