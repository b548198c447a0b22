"""from_torch: the Program has PyTorch's values, and PyTorch's own derivatives, at kinks as elsewhere."""

import copy
import warnings
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from live_checks import apart, arrays, example_failures

import selgrad as sg
from selgrad.frameworks.torch_graph import OPS, SAME, STOPPED, _name
from selgrad.frameworks.torch_moves import MOVES, SHAPES
from selgrad.primitives import ROWS

torch = pytest.importorskip("torch", reason="needs PyTorch")
nn = torch.nn
pytestmark = pytest.mark.frameworks
with warnings.catch_warnings():  # PyTorch's own, of what it deprecates in itself
    warnings.simplefilter("ignore")
    from torch_cases import CASES, MOVED

EVERY = [(name, f, points) for table in (CASES, MOVED) for name, cases in table.items() for f, points in cases]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(EVERY)]


def live(f, xs):
    """PyTorch's value, its derivative in every operand, and the cotangent that was pulled back."""
    tensors = [torch.tensor(x, requires_grad=True) for x in xs]
    y = f(*tensors)
    cotangent = torch.arange(1.0, y.numel() + 1, dtype=y.dtype).reshape(y.shape)
    grads = torch.autograd.grad(y, tensors, cotangent, allow_unused=True) if y.requires_grad else [None] * len(xs)
    arrays = [np.zeros(np.shape(x)) if g is None else g.numpy() for g, x in zip(grads, xs, strict=True)]
    return y.detach().numpy(), arrays, cotangent.numpy()


def disagreement(P, f, xs):
    """How far our value and derivatives are from PyTorch's."""
    return apart(P, xs, *live(f, xs))


def read(f, xs, met=None, **options):
    """The Program; `met` receives the operations that torch.export gives."""
    def export(module, args):
        exported = before(module, args)
        met.update(n for node in exported.graph.nodes if not isinstance(node.target, str)
                   for n in (".".join(_name(node.target)), _name(node.target)[0]))
        return exported

    before = torch.export.export
    with warnings.catch_warnings(), mock.patch.object(torch.export, "export", before if met is None else export):
        warnings.simplefilter("ignore")
        return sg.from_torch(f, *map(torch.tensor, xs), **options)


# PyTorch's derivative of hardsigmoid is 1/6 rounded to float32, in float64 too
ROUNDED = {"hardsigmoid": 2e-8}


@pytest.mark.parametrize(("name", "f", "points"), EVERY, ids=IDS)
def test_an_operation_has_the_values_and_the_derivatives_of_pytorch(name, f, points):
    agrees(name, f, points, np.float64)


@pytest.mark.parametrize("name", [*CASES, *MOVED])
def test_so_it_has_in_float32(name):
    agrees(name, *{**MOVED, **CASES}[name][0], np.float32)


def agrees(name, f, points, dtype):
    """At the points of a case, beside them, and in a batch."""
    xs = arrays(points, dtype)
    if isinstance(f, nn.Module):
        f = copy.deepcopy(f).to(torch.float64 if dtype == np.float64 else torch.float32)
    P = read(f, xs, met := set())
    assert name in met
    assert all(line.rule for line in P.instructions if line.row.kinked) and P(*xs).dtype == dtype
    within = ROUNDED.get(name, 1e-10) if dtype == np.float64 else 2e-5
    assert disagreement(P, f, xs) <= within
    rng = np.random.default_rng(1)
    for _ in range(3):
        moved = [(x + 0.1 * rng.random(x.shape)).astype(dtype) for x in xs]
        assert disagreement(P, f, moved) <= within
    batch = [np.stack([x, x + 0.25]).astype(dtype) for x in xs]
    assert np.allclose(P(*batch), np.stack([P(*(x[i] for x in batch)) for i in range(2)]), rtol=1e-4)


def test_what_pytorch_rounds_is_what_is_said_of_it():
    _, (grad,), _ = live(torch.nn.functional.hardsigmoid, [np.array([0.5])])
    assert grad[0] == float(np.float32(1 / 6)) != 1 / 6


def test_every_entry_of_the_tables_has_a_case():
    assert set(CASES) == set(OPS) and set(MOVED) == set(MOVES)
    assert len({name.split(".")[0] for name in {*OPS, *MOVES, *SHAPES, *SAME, *STOPPED}}) >= 240


PLANTED = {"relu": ("relu", ">"), "abs": ("abs", ">"), "hardtanh": ("clip", "><"), "clamp": ("clip", "<>"),
           "maximum": ("maximum", "<"), "max.dim": ("max", "all"), "amax": ("max", "first"), "leaky_relu": (
               "leaky_relu", ">"), "fmax": ("maximum", "="), "cummax": ("maximum", "<"), "topk": ("sort", "first"),
           "median.default": ("median", "first"), "hardswish": ("hard_sigmoid", "<<")}


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_rule_is_seen(name):
    f, points = CASES[name][-1 if name == "topk" else 0]
    xs = arrays(points, np.float64)
    P = read(f, xs)
    op, rule = PLANTED[name]
    lines = tuple(replace(line, op=op, row=ROWS[op], rule=rule) if line.row.kinked and line.op in (op, name) else line
                  for line in P.instructions)
    assert disagreement(replace(P, instructions=lines), f, xs) > 1e-3


class Written(nn.Module):
    """Operations in place, on the whole, on views, on a constant."""

    def forward(self, x):
        y = (x * 1.0).add_(1.0)
        bent = (x - 1.0).relu_()
        y[0].mul_(3.0)
        first = y[:, 0]
        y.t()[1].abs_()
        out = torch.zeros(3, dtype=x.dtype)
        out[1] = y.sum()
        out[2:] = first[:1]
        z = x.clone()
        z[z > 0.5] = 2.0
        return first + bent.sum(), out * y, z


def test_operations_in_place_reach_every_view_of_the_memory():
    x = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.5]])
    for i in range(3):
        f = lambda x, i=i: Written()(x)[i]
        assert disagreement(read(f, [x]), f, [x]) <= 1e-12


class Planted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        unused = torch.relu(x) * 3.0
        fixed = torch.exp(torch.relu(self.inner[0].bias)) + torch.arange(3)
        return torch.linalg.svdvals(self.inner(x)), torch.special.digamma(x) + fixed + 0.0 * unused.detach()


def test_all_that_is_not_supported_is_named_at_once_with_layer_and_line():
    with pytest.raises(sg.NotElementary) as said:
        read(nn.Sequential(Planted()), [np.ones((2, 3), np.float32)])
    for words in ("aten.linalg_svdvals", "aten.special_digamma", "in 0 (", "test_from_torch.py:"):
        assert words in str(said.value)
    with pytest.raises(sg.NotElementary, match="draws random numbers"):
        read(nn.Dropout(), [np.ones(3)])
    with pytest.raises(sg.NotElementary, match="positions that values decide"):
        read(lambda x: x[torch.argmax(x)], [np.ones(3)])


class Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.sign(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


def test_a_derivative_of_ones_own_is_refused_by_name():
    with pytest.raises(sg.NotElementary, match="Straight"):
        read(lambda x: Straight.apply(x) * x, [np.ones(2)])


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True))
        self.outer = nn.Linear(4, 1)

    def forward(self, x):
        _ = torch.relu(x)
        scale = torch.exp(torch.relu(torch.ones(1)))
        return self.outer(self.inner(x) * scale).sum() + x.detach().sum()


def test_lines_layers_dead_code_constants_and_stops():
    P = read(Small(), [np.ones((2, 3), np.float32)])
    ops = [line.op for line in P.instructions]
    assert ops.count("relu") == 1 and "exp" not in ops and P.leaves_selections()
    relu = ops.index("relu")
    assert P.layers[relu] == "inner.1" and P.layers[0] == "inner.0" and P.instructions[relu].rule == "<"
    assert all(line.where[0] == __file__ for line in P.instructions)


def test_parameters_and_buffers_are_inputs_where_that_is_asked():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.ReLU()).double().eval()
    x = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.5]])
    P = read(model, [x], parameters="inputs", buffers="inputs")
    named = {k: v.detach().numpy() for k, v in model.state_dict().items() if v.is_floating_point()}
    value, back = sg.vjp(P, named, x)
    y = model(torch.tensor(x))
    y.backward(torch.ones_like(y))
    assert np.allclose(value, y.detach().numpy(), atol=1e-12)
    grads, _ = back(np.ones_like(value))
    for name, parameter in model.named_parameters():
        assert np.allclose(grads[name], parameter.grad.numpy(), atol=1e-12), name
    with pytest.raises(sg.InputError, match="parameters"):
        read(model, [x], parameters="weights")
    with pytest.raises(sg.InputError, match="nothing to differentiate"):
        sg.from_torch(lambda i: i + 1, torch.tensor([1, 2]))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
        self.conv2, self.bn2 = nn.Conv2d(2, 2, 3, padding=1, bias=False), nn.BatchNorm2d(2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x
        return self.relu(y)


def block():
    return nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True, activation="relu")


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 7), nn.LeakyReLU(), nn.Linear(7, 3)),
            (4, 5)),
    "residual": (Residual, (3, 2, 5, 5)),
    "transformer": (block, (2, 4, 8)),
    "inception": (lambda: nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.GroupNorm(2, 4), nn.Hardswish(), nn.Conv2d(
        4, 4, 3, padding=1, groups=4), nn.SiLU(), nn.MaxPool2d(3, 2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 2), nn.LogSoftmax(1)), (2, 1, 9, 9)),
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_values_and_the_derivatives_of_pytorch(name, training):
    make, shape = MODELS[name]
    torch.manual_seed(0)
    model = make().double().train(training)
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    P = read(model, [x])
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items()), "reading changed the model"
    f = copy.deepcopy(model)
    for _ in range(3):
        assert disagreement(P, f, [rng.standard_normal(shape)]) <= 1e-9
    assert disagreement(P, f, [np.zeros(shape)]) <= 1e-9


def test_a_small_cnn_on_digits_agrees_in_its_parameters_too():
    datasets = pytest.importorskip("sklearn.datasets", reason="needs scikit-learn, for the digits")
    X, labels = datasets.load_digits(return_X_y=True)
    images = (X[:16] / 16.0).reshape(16, 1, 8, 8)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU(),
                          nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 10)).double()
    with torch.no_grad():
        model[0].bias.zero_()  # blank patches sit on the kink, and their pools are tied
    loss = lambda x, y: nn.functional.cross_entropy(model(x), y)

    class Loss(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x, y):
            return nn.functional.cross_entropy(self.model(x), y)

    x, y = torch.tensor(images), torch.tensor(labels[:16])
    P = sg.from_torch(Loss(), x, y, parameters="inputs")
    named = {"model." + k: v.detach().numpy() for k, v in model.named_parameters()}
    value, (grads, _) = sg.value_and_grad(P, (0, 1))(named, images)
    expected = loss(x, y)
    expected.backward()
    assert abs(value - expected.item()) < 1e-12
    for name, parameter in model.named_parameters():
        assert np.allclose(grads["model." + name], parameter.grad.numpy(), atol=1e-12), name
    relu = next(k for k, line in P.lines() if line.op == "relu")
    record = P.evaluate(named, images)
    assert np.sum(record.values[P.line(relu).pr[0]] == 0) > 100


def test_what_pytorch_chose_gets_its_verdict():
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 1.0]], dtype=torch.float64)
    pool = lambda w: nn.functional.max_pool1d((X @ w + 0.3)[None, None], 2)[0, 0]
    pooled = read(lambda w: pool(w)[0] - pool(w)[1], [np.zeros(2)])
    shared = read(lambda w: (X @ w)[:2].amax(0) - (X @ w)[2:].amax(0), [np.zeros(2)])
    assert not sg.classify(pooled, np.zeros(2)).ad_is_clarke and sg.classify(shared, np.zeros(2)).ad_is_clarke
    assert sg.grad(pooled)(np.zeros(2)).tolist() == [1.0, -2.0] and sg.grad(shared)(np.zeros(2)).tolist() == [0.0, -1.0]


def test_the_example_of_the_docstring_holds():
    with warnings.catch_warnings():  # torch.export's own
        warnings.simplefilter("ignore")
        assert example_failures(sg.from_torch, torch=torch, np=np, from_torch=sg.from_torch) == (0, 2)
    assert example_failures(sg.from_torch, torch=torch, np=np, from_torch=lambda f, x: np.abs)[0] == 1
