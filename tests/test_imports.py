"""The folders of the design import one way, in functions too; NumPy is all that `import selgrad` loads."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import pytest

import selgrad

PACKAGE = Path(selgrad.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("scipy", "matplotlib", "tensorflow", "torch", "jax", "autograd", "anywidget", "ipywidgets", "IPython", "numba",
         "pandas", "zarr", "dask", "distributed", "tqdm", "filelock")
COMMAND = "verify"  # python -m selgrad.verify; the module can be called, as the function can in whose place it stands
FRAMEWORKS = ("tensorflow", "keras", "torch", "jax", "autograd")

# Each folder imports only from those before it.
ORDER = (
    "errors", "displays", "draws", "primitives", "geometry", "programs", "tracing", "differentiation", "selections",
    "compilation", "examples", "kinks", "sets", "descent", "counterexamples", "methods", "frameworks", "audits",
    "sweeps", "experiments", "statements", "plotting", "captions", "figures", "widgets", "notebook", "site", "cli",
    "__main__", "__init__", "verify",
)


def dotted(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(f) for f in FILES}
SOURCES = {dotted(f): f.read_text(encoding="utf-8") for f in FILES}


def imports(source):
    """(module, names) of every import statement, in functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import that is relative"
            yield node.module, tuple(alias.name for alias in node.names)


def targets(source):
    """The modules of the package that a file imports."""
    for module, names in imports(source):
        if module.split(".")[0] == "selgrad":
            inner = [f"{module}.{name}" for name in names if f"{module}.{name}" in MODULES]
            yield from inner or [module]


def folder(module):
    return module.split(".")[1] if "." in module else "__init__"


def runs_back(module, source):
    """What a module imports that does not stand before its folder; from frameworks on one may do as users do."""
    mine = ORDER.index(folder(module))
    return [t for t in targets(source) if folder(t) != folder(module) and ORDER.index(folder(t)) > mine
            and not (t == "selgrad" and mine >= ORDER.index("frameworks"))]


def circle(sources):
    """Modules that import each other, or None. A package's own __init__ may gather what stands in it."""
    graph = {m: {t for t in targets(s) if t != m.rpartition(".")[0]} for m, s in sources.items() if m != "selgrad"}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as found:
        return found.args[1]
    return None


def test_import_selgrad_loads_numpy_and_nothing_heavier():
    code = "import sys, selgrad; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded and not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_only_from_the_folders_before_its_own(module):
    assert folder(module) in ORDER, f"{module} has no place in the order of the folders"
    assert module == "selgrad" or runs_back(module, SOURCES[module]) == []


def hides_a_module(package):
    """The modules of a package that a function of the same name hides."""
    inner = [m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("__")]
    return [name for name in inner if not isinstance(getattr(package, name, sys), type(sys)) and name != COMMAND]


@pytest.mark.parametrize("name", sorted({m.rpartition(".")[0] for m in MODULES} - {""}))
def test_no_function_hides_a_module(name):
    assert hides_a_module(importlib.import_module(name)) == []


def test_nothing_imports_in_a_circle():
    assert circle(SOURCES) is None


def test_the_checks_of_imports_can_fail():
    hidden = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from selgrad.sets.clarke import clarke\n"
    local = "def f():\n    from selgrad.sets import clarke\n"
    assert runs_back("selgrad.programs.scalar", hidden) and runs_back("selgrad.programs.scalar", local)
    assert hides_a_module(SimpleNamespace(__path__=selgrad.__path__, errors=len)) == ["errors"]
    assert circle({**SOURCES, "selgrad.programs.trees": "from selgrad.programs.scalar import scalar_view\n"})


@pytest.mark.parametrize("module", SOURCES)
def test_heavy_packages_are_imported_where_they_belong(module):
    for imported, _ in imports(SOURCES[module]):
        root = imported.split(".")[0]
        if root == "matplotlib":
            assert ORDER.index(folder(module)) >= ORDER.index("plotting"), f"{module} imports matplotlib"
        if root in FRAMEWORKS:
            assert folder(module) == "frameworks", f"{module} imports {root}"


@pytest.mark.parametrize("module", SOURCES)
def test_no_star_imports_and_no_file_too_long(module):
    assert all("*" not in names for _, names in imports(SOURCES[module]))
    assert len(SOURCES[module].splitlines()) <= 300
