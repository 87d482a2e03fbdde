"""Theorem 2's adversary at the ends of its domain, and the proofs that it makes of itself."""

import hashlib
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from bagcert.reference import adversary
from bagcert.reference.poisoning import Poisoned
from bagcert.reference.theorem2 import learner as module
from bagcert.reference.theorem2.assumptions import as_budget, unmet_assumption
from bagcert.reference.theorem2.ranking import Deal, uniform_below

HALF = Fraction(1, 2)


# --- draws ---------------------------------------------------------------------------------------


def digests(seed: int, indices: str) -> list[int]:
    """The first SHA-256 digests of a stream, as integers of 256 bits."""
    text = f"{seed:x}:{indices}"
    return [int.from_bytes(hashlib.sha256(f"{text}:{i}".encode()).digest()) for i in range(4)]


def test_draws_are_the_leading_bits_of_the_stream() -> None:
    a, b, _, _ = digests(29, "1,20")
    for bound, value in (
        (2**256 - 1, a),  # 256 bits: one digest
        (2**8 - 1, a >> 248),
        (2**299, (a << 256 | b) >> 212),  # 300 bits: two
        (2**260, (a << 256 | b) >> 251),
    ):
        assert value < bound  # by luck of this seed: nothing is drawn again
        assert uniform_below(bound, 29, (1, 20)) == value


@pytest.mark.parametrize(("bits", "each"), [(256, 1), (270, 2)])
def test_what_spells_the_bound_or_more_is_drawn_again_from_the_next_digests(
    bits: int, each: int
) -> None:
    bound = 2 ** (bits - 1)
    for seed in count():
        found = digests(seed, "3")
        draws = [sum(d << 256 * (each - 1 - j) for j, d in enumerate(found[i : i + each]))
                 for i in (0, each)]  # fmt: skip
        first, second = (draw >> 256 * each - bits for draw in draws)
        if first >= bound > second:
            break
    assert uniform_below(bound, seed, (3,)) == second
    assert uniform_below(second + 1, seed, (3,)) <= second


def test_blocks_lie_side_by_side_and_are_empty_beyond_the_last() -> None:
    """Of 24 parts: 0 to 5 for label 0, 17 to 24 for label 1, sevens between; label 3 gets five."""
    deal = Deal(3, 8, 5, 7)
    blocks = [(0, 5), (17, 24), (5, 12), (12, 17), (17, 17), (17, 17)]
    assert [deal.block(label) for label in range(6)] == blocks


def test_shares_name_each_label_once_and_none_that_has_nothing() -> None:
    for unit, total, low, high in ((7, 5, 10, 3), (3, 4, 3, 3), (2, 6, 0, 1), (4, 4, 16, 0)):
        deal = Deal(unit, total, low, high)
        for place in range(total):
            shares = list(deal.shares(place))
            labels = [label for label, _ in shares]
            assert len(labels) == len(set(labels))
            assert all(parts > 0 for _, parts in shares)
            assert sum(parts for _, parts in shares) == unit


# --- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "k", "most"),
    [(3, 2**18, 28), (1, 2**20, 2), (2**20, 2**14, 10**12), (10**12, 1, 10**12), (5, 3, 10**12)],
)
def test_the_largest_budget_has_an_n_prime_that_is_still_computed(
    n: int, k: int, most: int
) -> None:
    assert (
        most == 10**12 or k * (n + most).bit_length() <= 2**20 + k < k * (n + most + 1).bit_length()
    )
    assert as_budget("r", most, n, k) == most
    assert as_budget("r", 0, n, k) == 0
    for beyond in (most + 1, -1):
        with pytest.raises(ValueError, match="r must be at"):
            as_budget("r", beyond, n, k)


@pytest.mark.parametrize(("p_lower", "p_upper"), [("1/2", "1/3"), ("2/3", "1/4"), ("1/2", "1/2")])
def test_the_papers_residual_needs_both_to_be_whole(p_lower: str, p_upper: str) -> None:
    """Of three lists: one of the two is no integer, or neither."""
    found = unmet_assumption(3, 1, Fraction(p_lower), Fraction(p_upper), 5, "paper")
    assert found is not None
    assert "to be integers" in found
    assert unmet_assumption(3, 1, Fraction(2, 3), Fraction(1, 3), 5, "paper") is None


def test_assumptions_hold_at_equality_and_are_named_in_the_residuals_terms() -> None:
    for residual, names in (
        ("none", ("p_lower + p_upper <= 1", "1 <= p_lower + (classes - 1) p_upper")),
        ("paper", ("p_lower + p_upper <= 1", "1 <= p_lower + (classes - 1) p_upper")),
        ("integral", ("P + S <= n^k", "n^k <= P + (classes - 1) S")),
    ):
        for over, first, second, classes in (
            (None, 6, 4, 2), (0, 7, 4, 2), (None, 4, 2, 4), (1, 3, 2, 4), (1, 4, 2, 3),
        ):  # fmt: skip
            found = unmet_assumption(
                10, 1, Fraction(first, 10), Fraction(second, 10), classes, residual
            )
            due = None if over is None else f"Theorem 2 assumes {names[over]}: "
            assert found == (due and due + "no learner attains both bounds")


def test_the_smallest_and_largest_size_may_be_asked_for() -> None:
    for size in (1, 19):
        assert adversary(10, 2, "4/5", "1/5", 9, 2, size=size).poisoned.size == size
    for size, message in ((0, "size must be at least 1"), (20, "size must be at most 19")):
        with pytest.raises(ValueError, match=message):
            adversary(10, 2, "4/5", "1/5", 9, 2, size=size)
    with pytest.raises(ValueError, match="classes must be at most 65536"):
        adversary(10, 2, "4/5", "1/5", 9, 65_537)


def test_a_learner_cannot_be_changed() -> None:
    found = adversary(10, 2, "4/5", "1/5", 5, 2)
    with pytest.raises(FrozenInstanceError):
        found.n = 11  # type: ignore[misc]


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_list_has_k_examples(length: int) -> None:
    found = adversary(10, 2, "4/5", "1/5", 5, 2)
    with pytest.raises(ValueError, match=f"must hold k = 2 examples, not {length}"):
        found.predict([0] * length)


def test_seed_zero_is_a_seed() -> None:
    found = adversary(3, 2, "2/3", "1/7", 1, 5)
    assert found.predict([0, 0], seed=0) in found.law([0, 0])
    with pytest.raises(ValueError, match="seed must be at least 0"):
        found.predict([0, 0], seed=-1)


# --- how narrowly eq (4) holds -------------------------------------------------------------------


def test_a_margin_from_a_millionth_on_is_a_decimal_and_below_it_lies_between_powers() -> None:
    n, k = 10, 6
    for left in (Fraction(0), HALF, Fraction(5)):
        module._require_violated(n, k, left, "size 7")
    with pytest.raises(ValueError, match=r"at size 7 eq \(4\) holds.*negative by 0\.000001") as at:
        module._require_violated(n, k, Fraction(-1), "size 7")
    assert "2^" not in str(at.value)
    for parts in (999_999, 700_001, 5, 1):
        with pytest.raises(ValueError, match="negative by between 2") as said:
            module._require_violated(n, k, Fraction(-parts, 10**6), "size 7")
        low, high = (
            int(text) for text in str(said.value).split("2^")[1:] for text in text.split()[:1]
        )
        assert high == low + 2
        assert Fraction(2) ** low < Fraction(parts, 10**12) < Fraction(2) ** high


# --- what a learner verifies of itself -----------------------------------------------------------


def broken(**changes: Any) -> module.AdversarialLearner:
    """A learner of three classes and 100 lists, with something else in it."""
    return replace(adversary(10, 2, "7/10", "1/5", 9, 3), **changes)


def test_a_learner_that_is_none_is_not_returned() -> None:
    p_lower, p_upper = Fraction(7, 10), Fraction(1, 5)
    good = broken()
    module._verify(good, p_lower, p_upper)
    unit, total, low, high = good.deal
    for deal in (
        Deal(unit, total, low - 25 * unit, high),  # one class too few for what is left
        Deal(unit, total, low + 25 * unit, high),  # two blocks overlap
    ):
        with pytest.raises(ArithmeticError, match="do not share out the lists"):
            module._verify(broken(deal=deal), p_lower, p_upper)
    with pytest.raises(ArithmeticError, match="do not share out the lists"):
        module._verify(broken(n=9), p_lower, p_upper)
    sliver = Fraction(1, 10**9)
    for least, most in ((p_lower + sliver, p_upper), (p_lower, p_upper - sliver)):
        with pytest.raises(ArithmeticError, match=r"not consistent with eq \(2\)"):
            module._verify(good, least, most)
    with pytest.raises(ArithmeticError, match="does not overturn the vote"):
        module._verify(broken(poisoned=Poisoned(10, 10)), p_lower, p_upper)


def test_the_vote_is_overturned_by_a_tie_and_by_less() -> None:
    """Without poison, of ten lists: 4 to 3, 5 to 5, 4 to 5; what is left goes to a third label."""
    still = Poisoned(10, 10)
    for low, high, due in ((4, 3, False), (5, 5, True), (4, 5, True)):
        found = broken(k=1, poisoned=still, deal=Deal(1, 10, low, high))
        assert sum(found.probabilities(False)) == 1
        assert found.overturns is due
