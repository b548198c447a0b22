"""The package imports NumPy and nothing heavier, in one direction, without stars."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import selgrad

PACKAGE = Path(selgrad.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("scipy", "matplotlib", "tensorflow", "torch", "jax", "autograd", "ipywidgets", "IPython", "numba", "pandas",
         "zarr", "dask", "distributed", "tqdm", "filelock")

# A module imports only from the rows above its own (design.md, "One direction"), or from its own row.
LAYERS = (
    ("errors", "draws"),
    ("primitives",),
    ("geometry",),
    ("programs",),
    ("tracing",),
    ("differentiation",),
    ("selections",),
    ("compilation",),
    ("examples",),
    ("kinks",),
    ("sets",),
    ("descent",),
    ("methods",),
    ("frameworks",),
    ("audit",),
    ("sweeps",),
    ("experiments",),
    ("plotting",),
    ("figures", "widgets"),
    ("notebook", "cli"),
    ("__init__", "__main__"),
)
LEVEL = {name: level for level, row in enumerate(LAYERS) for name in row}


def dotted(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path, everywhere=False):
    """(module, names, at the top of the file?) of the import statements in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if id(node) in typing_only or (id(node) not in top and not everywhere):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.module, tuple(alias.name for alias in node.names)


def unit(module):
    """The concept a module belongs to: the first name below selgrad."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def targets(path, everywhere=False):
    modules = {dotted(f) for f in FILES}
    for module, names in imports(path, everywhere):
        if module.split(".")[0] != "selgrad":
            continue
        inner = [f"{module}.{name}" for name in names if f"{module}.{name}" in modules]
        yield from inner or [module]


def test_import_selgrad_loads_numpy_and_nothing_heavier():
    code = "import sys, selgrad; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded and not set(HEAVY) & set(loaded)


def test_no_import_cycles():
    graph = {dotted(f): {t for t in targets(f) if t != "selgrad"} for f in FILES if dotted(f) != "selgrad"}
    for module in list(graph):
        parent = module.rpartition(".")[0]
        if parent != "selgrad" and parent in graph:
            graph[module].discard(parent)
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_a_module_imports_only_from_its_left(path):
    mine = unit(dotted(path))
    assert mine in LEVEL, f"{mine} has no place in LAYERS: put it where design.md has it"
    if path.name in ("__init__.py", "__main__.py") and path.parent == PACKAGE:
        return
    for target in targets(path):
        other = unit(target)
        if other == mine:
            continue
        # the package itself is what users import: right of the engine one may do as they do
        below = LEVEL[other] <= LEVEL[mine] if other != "__init__" else LEVEL[mine] >= LEVEL["frameworks"]
        assert below, f"{dotted(path)} imports {target}, which is not on its left"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_heavy_packages_are_imported_where_they_belong(path):
    mine = LEVEL.get(unit(dotted(path)), 0)
    for module, _ in imports(path, everywhere=True):
        root = module.split(".")[0]
        if root == "matplotlib":
            assert mine >= LEVEL["plotting"], f"{dotted(path)} imports matplotlib"
        if root in ("tensorflow", "torch", "jax", "autograd"):
            assert unit(dotted(path)) == "frameworks", f"{dotted(path)} imports {root}"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_star_imports_and_no_file_too_long(path):
    assert all("*" not in names for _, names in imports(path, everywhere=True))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320
