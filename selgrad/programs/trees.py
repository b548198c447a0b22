"""Nested tuples, lists and dicts of arrays, flattened to a list of leaves and back.

The order of a dict is the sorted order of its keys, that of an OrderedDict its own, as in JAX.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Leaf:
    """One array."""


@dataclass(frozen=True)
class Branch:
    """A container: its type, its keys (dicts and named tuples), its children, and the factory of a defaultdict."""

    kind: type
    keys: tuple[Any, ...]
    children: tuple[Leaf | Branch, ...]
    factory: Any = None


Structure = Leaf | Branch
LEAF = Leaf()


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of a nested structure, in order, and the structure itself.

    >>> flatten({"b": 2.0, "a": (0.0, [1.0])})[0]
    [0.0, 1.0, 2.0]
    """
    leaves: list[Any] = []
    return leaves, _describe(tree, leaves)


def _describe(tree: Any, leaves: list[Any]) -> Structure:
    if isinstance(tree, dict):
        keys = tuple(tree) if isinstance(tree, OrderedDict) else tuple(sorted(tree))
        factory = tree.default_factory if isinstance(tree, defaultdict) else None
        return Branch(type(tree), keys, tuple(_describe(tree[key], leaves) for key in keys), factory)
    if isinstance(tree, (tuple, list)):
        names = getattr(tree, "_fields", ())
        return Branch(type(tree), tuple(names), tuple(_describe(child, leaves) for child in tree))
    leaves.append(tree)
    return LEAF


def flatten_like(structure: Structure, tree: Any) -> list[Any]:
    """The leaves of a tree that is nested like `structure`; a list of numbers may stand for an array.

    Raises ValueError when the nesting differs.

    >>> flatten_like(Branch(tuple, (), (LEAF,)), ([1.0, 2.0],))
    [[1.0, 2.0]]
    """
    leaves: list[Any] = []
    _collect(structure, tree, leaves)
    return leaves


def _collect(structure: Structure, tree: Any, leaves: list[Any]) -> None:
    if isinstance(structure, Leaf):
        leaves.append(tree)
        return
    if issubclass(structure.kind, dict):
        if not isinstance(tree, dict) or set(tree) != set(structure.keys):
            raise ValueError(f"expected a dict with keys {list(structure.keys)}")
        tree = [tree[key] for key in structure.keys]
    else:
        if not isinstance(tree, (tuple, list)) or len(tree) != len(structure.children):
            raise ValueError(f"expected a {structure.kind.__name__} of {len(structure.children)}")
    for child, part in zip(structure.children, tree, strict=True):
        if child is LEAF:
            leaves.append(part)
        else:
            _collect(child, part, leaves)


def unflatten(structure: Structure, leaves: Any) -> Any:
    """The nested structure with these leaves: the inverse of `flatten`.

    >>> leaves, structure = flatten({"b": 2.0, "a": (0.0, [1.0])})
    >>> unflatten(structure, leaves)
    {'a': (0.0, [1.0]), 'b': 2.0}
    """
    return _build(structure, iter(leaves))


def _build(structure: Structure, leaves: Any) -> Any:
    if isinstance(structure, Leaf):
        return next(leaves)
    children = [next(leaves) if child is LEAF else _build(child, leaves) for child in structure.children]
    if issubclass(structure.kind, dict):
        named = dict(zip(structure.keys, children, strict=True))
        if issubclass(structure.kind, defaultdict):
            return structure.kind(structure.factory, named)
        return named if structure.kind is dict else structure.kind(named)
    return structure.kind(*children) if structure.keys else structure.kind(children)


def count(structure: Structure) -> int:
    """The number of leaves of a structure."""
    return 1 if isinstance(structure, Leaf) else sum(count(child) for child in structure.children)
