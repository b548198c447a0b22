"""The live page of the kink explorer computes what the kernel computes."""

from __future__ import annotations

from itertools import product

import pytest

pytest.importorskip("anywidget", reason="the applications need anywidget: pip install 'selgrad[lab]'")

from pages import ROUNDING, compared

from selgrad.widgets import KinkExplorer
from selgrad.widgets.kinks import BASES

PLACES = (-3.0, -1.0, -0.0625, 0.0, 0.3, 0.5, 3.0)


def test_presets_and_reset() -> None:
    messages = [None, *({"choose": name} for name in KinkExplorer.presets), {"reset": True}]
    assert compared(KinkExplorer, messages, ROUNDING) == []


@pytest.mark.parametrize("name", BASES)
def test_every_kink_on_a_grid(name: str) -> None:
    messages = [{"set": {"f": name, "n": 2, "a_1": a, "v_1": v, "a_2": b}}
                for a, b, v in product(PLACES, (0.0, 1.0), (-4.0, 0.0, 0.1, 3.0))]
    assert compared(KinkExplorer, messages, ROUNDING if name == "sin(t)" else 0.0) == []


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KinkExplorer, "programs", lambda self, p=KinkExplorer.programs: {
        n: s.replace("a <= 0", "a <= 1e-300").replace("a > 0", "a >= 0") for n, s in p(self).items()})
    found = compared(KinkExplorer, [{"choose": "relu, any derivative at its kink"}], ROUNDING)
    assert any("panels" in d for d in found) and any("status" in d for d in found)
