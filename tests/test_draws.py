"""SplitMix64 and what is drawn from it."""

import math

import numpy as np
import pytest
from scipy import stats

from selgrad import draws

REFERENCE = [  # the first outputs of Vigna's splitmix64.c from the seed 1234567
    6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
]


def in_python(seed, count):
    """SplitMix64 as it is published, with a state and Python's integers."""
    outputs = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) % 2**64
        z = seed
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        outputs.append(z ^ (z >> 31))
    return outputs


def test_reference_values():
    assert draws.splitmix(1234567, np.arange(5)).tolist() == REFERENCE == in_python(1234567, 5)
    assert draws.splitmix(2**64 - 1, np.arange(3)).tolist() == in_python(2**64 - 1, 3)


def test_a_draw_is_three_nested_generators():
    key = in_python(7, 12)[11]
    state = in_python(key, 4)[3]
    assert draws.keys(7, 10, 3)[1] == key
    found = draws.splitmix(draws.keys(7, 11, 1), 3)
    assert draws.word(found, 0)[0] == state and draws.word(found, 2)[0] == in_python(state, 2)[1]


def test_a_shifted_counter_is_seen():
    """The negative control: every test of equal draws in this suite would notice one step more."""
    keys = draws.keys(0, 0, 100)
    assert not np.array_equal(draws.splitmix(keys, 5), draws.splitmix(keys, 6))
    assert (draws.below(draws.splitmix(keys, 5), 50) != draws.below(draws.splitmix(keys, 6), 50)).mean() > 0.9


@pytest.mark.parametrize("n", [1, 2, 3, 50, 2**31 - 1, 2**32 - 1])
def test_below_is_the_product_of_whole_numbers(n):
    words = np.array([0, 1, 2**32, 2**63, 2**64 - 1, *in_python(3, 50)], dtype=np.uint64)
    assert draws.below(words, n).tolist() == [int(u) * n // 2**64 for u in words.tolist()]


def chi_square(counts):
    return stats.chisquare(counts).pvalue


@pytest.mark.parametrize("n", [2, 7, 50])
def test_indices_are_uniform(n):
    states = draws.splitmix(draws.keys(1, 0, 100_000), 0)
    assert chi_square(np.bincount(draws.below(states, n), minlength=n)) > 1e-3


@pytest.mark.parametrize(("b", "n"), [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)])
def test_minibatches_are_uniform_subsets(b, n):
    states = draws.splitmix(draws.keys(2, 0, 60_000), 3)
    chosen = draws.minibatch(states, b, n)
    assert chosen.shape == (60_000, b) and ((0 <= chosen) & (chosen < n)).all()
    codes = (1 << chosen).sum(axis=1)
    sizes = np.unique(codes, return_counts=True)[1]
    assert all(int(code).bit_count() == b for code in np.unique(codes))
    assert len(sizes) == math.comb(n, b)
    assert len(sizes) == 1 or chi_square(sizes) > 1e-3


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_subsets_are_uniform_and_nonempty(n):
    mask = draws.subset(draws.splitmix(draws.keys(3, 0, 60_000), 1), n)
    codes = mask @ (1 << np.arange(n))
    counts = np.bincount(codes, minlength=2**n)
    assert counts[0] == 0
    assert n == 1 or chi_square(counts[1:]) > 1e-3


def test_subsets_of_more_than_a_word_of_bits():
    mask = draws.subset(draws.splitmix(draws.keys(4, 0, 2_000), 1), 150)
    assert abs(mask.mean() - 0.5) < 0.005 and (np.abs(mask.mean(axis=0) - 0.5) < 0.06).all()
    pairs = np.corrcoef(mask.T.astype(float)) - np.eye(150)
    assert np.abs(pairs).max() < 0.13  # 4.5 / sqrt(2000) is 0.10, and there are 11,175 pairs


def test_steps_and_trajectories_are_unrelated():
    """Neighbours in the counter share nothing that a correlation could see."""
    keys = draws.keys(5, 0, 4_000)
    u = np.stack([draws.splitmix(keys, k) for k in range(20)]).astype(float)
    bound = 5.0 / np.sqrt(4_000)
    assert np.abs(np.corrcoef(u) - np.eye(20)).max() < bound
    assert np.abs(np.corrcoef(u[:, :-1].ravel(), u[:, 1:].ravel())[0, 1]) < bound
