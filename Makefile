# Each target makes what it needs in .venv the first time and reuses it afterwards; nothing needs root.
# Keep to what the make of macOS (3.81) understands.

USABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c '$(USABLE)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt

.PHONY: help figures check-figures test lint lab site notebooks constraints clean distclean
.NOTPARALLEL: # two pips in one .venv would trip over each other

help: ## this list
	@echo "Python is chosen for you; to choose another: make PYTHON=/path/to/python TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

figures: .venv/.light ## the paper's figures, into figures/out (light set-up)
	@echo "Drawing the figures ..."
	@$(BIN)/selgrad figures

check-figures: .venv/.light ## redraw the figures and compare them with the recorded ones
	@echo "Redrawing the figures and comparing them with the recorded ones ..."
	@$(BIN)/selgrad figures --check

test: lint site ## everything: style, types, tests, notebooks, figures (full set-up)
	@echo "Testing the package and the examples in its documentation ..."
	@$(BIN)/pytest -n auto --maxprocesses 4
	@echo "Running the notebooks and comparing every output with the stored one ..."
	@# With -n (several processes), nbval also needs --dist loadscope, or a notebook's cells are scattered.
	@$(BIN)/pytest --nbval --nbval-current-env --nbval-cell-timeout 120 -p no:cacheprovider notebooks/
	@$(MAKE) --no-print-directory check-figures

lint: .venv/.full ## style (ruff) and types (pyright) only
	@echo "Checking style ..."
	@$(BIN)/ruff check .
	@echo "Checking types ..."
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

# MathJax draws the formulas of a notebook that is saved as HTML. JupyterLab works without it, so lab does not insist.
lab: .venv/.full ## open a working copy of the course in JupyterLab
	@$(MAKE) --no-print-directory build/npm/.done || echo "The course opens all the same; only a notebook that you \
	save as HTML will need the network for its formulas."
	@$(BIN)/selgrad lab

site: build/npm/.done ## the course as a site, into build/site, and as one PDF where there is a browser
	@echo "Building the site ..."
	@$(BIN)/selgrad site

notebooks: .venv/.full ## make the notebooks from notebooks/source and store their outputs
	@echo "Rebuilding the notebooks ..."
	@$(BIN)/python -m selgrad.notebook.build

.venv/bin/pip:
	@"$(PYTHON)" -c '$(USABLE)' 2>/dev/null || { echo "selgrad needs Python 3.11 to 3.14 with its venv module \
	(on Debian and Ubuntu the package python3-venv), and found none; name one with make PYTHON=/path/to/python." >&2; exit 1; }
	@echo "Creating .venv with $$("$(PYTHON)" --version) ..."
	@"$(PYTHON)" -m venv --clear .venv

.venv/.light: .venv/bin/pip pyproject.toml constraints.txt
	@echo "Installing the light set-up (NumPy, SciPy, Matplotlib) ..."
	@$(INSTALL) -e .
	@touch $@

.venv/.full: .venv/bin/pip pyproject.toml constraints.txt
	@echo "Installing the full set-up (Jupyter, TensorFlow and the test tools): over half a gigabyte, a few quiet minutes ..."
	@$(INSTALL) -e '.[all]'
	@touch .venv/.light $@

# npm is the one of .venv; nothing is asked of the network while the lock stays as it is.
build/npm/.done: docs/package-lock.json .venv/.full
	@$(BIN)/python -m selgrad.site.npm
	@touch $@

# uv resolves for every system and every Python from 3.11.0 on at once, and so needs none of them here.
# Left out: the CUDA packages that PyTorch's Linux wheel asks for, which the CPU wheel does not.
constraints: ## resolve all dependencies afresh and pin them in constraints.txt
	@echo "Resolving all dependencies afresh ..."
	@"$(PYTHON)" -m venv --clear build/uv
	@build/uv/bin/python -m pip install -qq uv
	@build/uv/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
		--no-header --no-annotate --extra all --extra frameworks pyproject.toml > build/resolved.txt
	@{ grep '^#' constraints.txt; sed -E '/^(nvidia|cuda|triton)/d; s/ *;.*//' build/resolved.txt; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@echo "constraints.txt is written; git diff shows what moved, make test whether it still holds."

clean: ## remove caches and build litter; keeps .venv
	@echo "Removing caches and build litter (.venv stays; make distclean removes it too) ..."
	@rm -rf build dist .pytest_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -path ./.git -prune -o \
		\( -name __pycache__ -o -name .ipynb_checkpoints -o -name '*.egg-info' \) -type d -exec rm -rf {} +

distclean: clean ## remove .venv as well
	@rm -rf .venv
