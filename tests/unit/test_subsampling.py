"""Draws: a second Philox, frozen values, uniformity, rejection, refusals."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from bagcert.fastpath.draws import lists as subsampling
from bagcert.fastpath.draws.lists import draw, model_seed, permutation
from bagcert.fastpath.draws.streams import Purpose

WORD = 2**64


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> list[int]:
    """Philox-4x64-10 from the paper (Salmon et al., SC 2011, Section 3.3), in Python integers."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        p0, p1 = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = p1 // WORD ^ c1 ^ k0, p1 % WORD, p0 // WORD ^ c3 ^ k1, p0 % WORD
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) % WORD, (k1 + 0xBB67AE8584CAA73B) % WORD
    return [c0, c1, c2, c3]


def words(seed: int, model: int, purpose: int) -> Iterator[int]:
    for block in count(1):
        yield from philox((seed, model), (block, 0, 0, purpose))


def bounded(stream: Iterator[int], n: int, k: int) -> list[int]:
    """Rejection, one word at a time."""
    found: list[int] = []
    while len(found) < k:
        word = next(stream)
        if word < WORD // n * n:
            found.append(word % n)
    return found


def test_philox_known_answer() -> None:
    """Known answer of the authors' Random123 (kat_vectors): zero key and counter."""
    assert philox((0, 0), (0, 0, 0, 0)) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
@pytest.mark.parametrize("model", [0, 1, 2**64 - 1])
@pytest.mark.parametrize(("n", "k"), [(1, 1), (1, 5), (2, 9), (1437, 20), (10**12, 33)])
def test_draws_equal_the_second_route(seed: int, model: int, n: int, k: int) -> None:
    drawn = draw(seed, model, n, k)
    assert drawn.dtype == np.int64
    assert drawn.tolist() == bounded(words(seed, model, 0), n, k)


def test_seed_and_permutation_equal_the_second_route() -> None:
    assert model_seed(7, 3) == next(words(7, 3, 1))
    order, stream = list(range(50)), words(2021, 0, 2)
    for last in range(49, 0, -1):
        (other,) = bounded(stream, last + 1, 1)
        order[last], order[other] = order[other], order[last]
    assert permutation(2021, 50).tolist() == order


def test_frozen() -> None:
    """What version 0.1 drew: a change voids every votes file that was ever written."""
    assert draw(7, 0, 1437, 8).tolist() == [765, 1268, 760, 1355, 633, 998, 1331, 696]
    assert model_seed(7, 0) == 15357568266549655283
    assert permutation(2021, 10).tolist() == [3, 6, 2, 4, 0, 7, 5, 8, 1, 9]


@pytest.mark.parametrize("n", [3 * 2**61, 2**63, 2**63 - 1, 5 * 2**60, 3, 1])
def test_rejected_words_are_replaced_in_order(n: int) -> None:
    edge = WORD // n * n  # the first word that must go, if there is one
    given = [w for w in (0, n, edge - 1, edge, WORD - 1, n - 1, 5) if w < WORD] * 2
    wanted = [w % n for w in given if w < edge]
    blocks = (np.array(given[i : i + 3], dtype=np.uint64) for i in range(0, len(given), 3))
    found = subsampling._bounded(blocks, n, len(wanted))
    assert found.tolist() == wanted
    assert len(wanted) < len(given) or WORD % n == 0


def test_rejection_happens_and_leaves_no_bias() -> None:
    """With n = 3 * 2^61 a bare remainder falls in the lowest 2^62 half of the time, not a third."""
    n = 3 * 2**61
    drawn = subsampling._bounded(subsampling._blocks(Purpose.DRAWS, 1, 1, 30_000), n, 30_000)
    assert drawn.tolist() == bounded(words(1, 1, 0), n, 30_000)
    assert chisquare(np.bincount(drawn // 2**61, minlength=3)).pvalue > 1e-3


def test_uniform_and_independent_between_models() -> None:
    table = np.array([draw(11, model, 10, 2) for model in range(20_000)])
    assert chisquare(np.bincount(table.ravel(), minlength=10)).pvalue > 1e-3
    within = table[:, 0] * 10 + table[:, 1]
    between = table[:-1:2, 0] * 10 + table[1::2, 0]
    for pairs in (within, between):
        assert chisquare(np.bincount(pairs, minlength=100)).pvalue > 1e-3


def test_draws_of_fewer_are_a_prefix() -> None:
    assert draw(1, 2, 1000, 100)[:7].tolist() == draw(1, 2, 1000, 7).tolist()


def test_permutation_is_one() -> None:
    assert sorted(permutation(3, 1000).tolist()) == list(range(1000))
    assert permutation(3, 1).tolist() == [0]


@pytest.mark.parametrize("name", ["seed", "model", "n", "k"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(True, TypeError), (1.0, TypeError), ("1", TypeError), (-1, ValueError), (2**64, ValueError)],
)
def test_refusals_name_the_argument(name: str, value: Any, error: type[Exception]) -> None:
    good: dict[str, Any] = {"seed": 1, "model": 1, "n": 10, "k": 3}
    with pytest.raises(error, match=f"^{name} must be"):
        draw(**{**good, name: value})


@pytest.mark.parametrize(("name", "value"), [("n", 0), ("k", 0), ("n", 10**12 + 1)])
def test_domain_edges(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be"):
        draw(**{"seed": 1, "model": 1, "n": 10, "k": 3, name: value})
