"""Theorem 2's adversary: what it answers, what it refuses and by which margin."""

from fractions import Fraction
from itertools import product

import pytest

from bagcert.proofs_checks.enumeration.visits import visit
from bagcert.reference import Residual, adversary, certified_poisoning_size


def test_it_refuses_up_to_the_radius_with_the_margin() -> None:
    radius = certified_poisoning_size(1000, 10, "9/10", "1/20", residual="none")
    assert radius == 53
    left = 2 * (1000**10 - (1000 - radius) ** 10)
    margin = Fraction(17, 20) - Fraction(left, 1000**10)
    with pytest.raises(
        ValueError, match=r"there is none.*eq \(4\) holds.*negative by \[0\.0"
    ) as said:
        adversary(1000, 10, "9/10", "1/20", radius, 3)
    low, high = str(said.value).rpartition("[")[2].rstrip("]").split(", ")
    assert Fraction(low) <= margin <= Fraction(high)
    assert adversary(1000, 10, "9/10", "1/20", radius + 1, 3).overturns


def test_probabilities_are_theorem_2s() -> None:
    learner = adversary(60_000, 100, "9/10", "1/20", 332, 10)
    moved = 1 - Fraction(59_668, 60_000) ** 100
    assert learner.poisoned == (60_000, 59_668)
    assert learner.probabilities(False)[:2] == (Fraction(9, 10), Fraction(1, 20))
    assert learner.probabilities(True)[:2] == (Fraction(9, 10) - moved, Fraction(1, 20) + moved)
    assert sum(learner.probabilities(True)) == sum(learner.probabilities(False)) == 1


def test_single_answers_at_full_scale() -> None:
    learner = adversary(60_000, 100, "9/10", "1/20", 332, 10)
    assert learner.predict([0] * 100) == 0  # the first of E: l still has ranks to spend
    assert learner.predict([59_667] * 100) == 1  # the last of E
    assert learner.predict([59_999] * 100) == 0  # of D alone: wasted on l
    assert learner.predict([0] * 99 + [60_000]) == 1  # of D' alone
    with pytest.raises(ValueError, match="neither data set"):
        learner.predict([59_999] + [60_000] * 99)
    with pytest.raises(ValueError, match="neither data set"):
        learner.predict([59_668] + [60_000] * 99)  # the first that is removed
    assert learner.predict([59_667] + [60_000] * 99) == 1  # the last that is kept
    with pytest.raises(ValueError, match="k = 100"):
        learner.predict([0] * 99)
    with pytest.raises(ValueError, match="at most 60331"):
        learner.predict([0] * 99 + [60_332])
    with pytest.raises(ValueError, match="at least 0"):
        learner.predict([-1] * 100)
    with pytest.raises(TypeError, match="float"):
        learner.predict([0.0] * 100)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="bool"):
        learner.predict([True] * 100)


@pytest.mark.parametrize("attack", ["any", "modify", "insert", "delete"])
@pytest.mark.parametrize("residual", ["none", "integral", "paper"])
def test_every_list_is_answered_as_claimed(attack: str, residual: str) -> None:
    """By asking for every answer: eq (2), the overturned vote, the budget."""
    for n, k, p_l, p_s, c in (
        (4, 2, "10/16", "6/16", 2), (3, 3, "17/27", "5/27", 4), (5, 1, "3/5", "1/5", 3),
        (2, 3, "1", "0", 2),
    ):  # fmt: skip
        radius = certified_poisoning_size(n, k, p_l, p_s, attack=attack, residual=residual)
        assert radius is not None
        for r in range(radius + 1, n + (attack != "delete")):
            learner = adversary(n, k, p_l, p_s, r, c, attack=attack, residual=residual)
            assert list(visit(learner, Fraction(p_l), Fraction(p_s))) == []


def test_random_answers_only_where_a_block_ends_inside_a_list() -> None:
    learner = adversary(3, 2, "2/3", "1/7", 1, 5)  # 1/7 of 9 lists is no whole number
    cut = [drawn for drawn in product(range(3), repeat=2) if len(learner.law(drawn)) > 1]
    assert 0 < len(cut) < learner.classes
    for drawn in cut:
        law = learner.law(drawn)
        assert sum(law.values()) == 1
        assert {learner.predict(drawn) for _ in range(200)} <= set(law)  # a fresh draw each
        seen = [learner.predict(drawn, seed=i) for i in range(400)]
        assert set(seen) == set(law)
        assert seen == [learner.predict(drawn, seed=i) for i in range(400)]
        for label, p in law.items():  # six standard deviations at most
            assert (Fraction(seen.count(label), 400) - p) ** 2 <= 36 * p * (1 - p) / 400
    with pytest.raises(ValueError, match="seed"):
        learner.predict(cut[0], seed=-1)


def test_where_the_removed_lists_outweigh_the_top_label_it_vanishes() -> None:
    """MATHEMATICS.md: at an r well above r*, l has probability 0 under D'."""
    learner = adversary(10, 3, "3/5", "1/5", 8, 4, attack="modify")
    assert learner.probabilities(True)[0] == 0
    assert learner.overturns
    deleted = adversary(10, 3, "3/5", "1/5", 9, 4, attack="delete")
    assert deleted.poisoned == (1, 1)
    assert deleted.probabilities(True)[0] == 0


def test_any_takes_insertion_where_replacement_leaves_no_room() -> None:
    """The lemma: a violating n' at which the paper's R exists, for every violated r."""
    both = set()
    for r in range(1, 12):
        learner = adversary(10, 3, "7/10", "3/10", r, 2) if r >= 2 else None
        if learner is not None:
            n, size, kept = learner.n, *learner.poisoned
            assert Fraction(7, 10) >= 1 - Fraction(kept, n) ** 3
            both.add(size == n)
    assert both == {True, False}


def test_a_size_may_be_asked_for() -> None:
    learner = adversary(10, 2, "4/5", "1/5", 5, 2, size=12)
    assert learner.poisoned == (12, 7)
    assert list(visit(learner, Fraction(4, 5), Fraction(1, 5))) == []
    with pytest.raises(ValueError, match="size"):
        adversary(10, 2, "4/5", "1/5", 5, 2, size=16)
    with pytest.raises(ValueError, match="size"):
        adversary(10, 2, "4/5", "1/5", 5, 2, size=11, attack="modify")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((3, 2, "3/5", "1/2", 1, 2), r"p_lower \+ p_upper <= 1"),
        ((3, 2, "3/5", "1/10", 2, 3), r"1 <= p_lower \+ \(classes - 1\) p_upper"),
        ((3, 2, "3/5", "2/5", 1, 1), "classes must be at least 2"),
        ((0, 2, "3/5", "2/5", 1, 2), "n must be at least 1"),
        ((3, 2, "3/5", "2/5", -1, 2), "radius must be at least 0"),
        ((3, 2, "7/5", "2/5", 1, 2), "p_lower must lie in"),
        ((2**20, 50_000, "3/5", "2/5", 1, 2), "k must be at most"),
        ((2, 2**19, "3/5", "2/5", 2**40, 2), "radius must"),
    ],
)
def test_arguments_outside_the_domain_are_named(
    arguments: tuple[int, int, str, str, int, int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        adversary(*arguments)


def test_floats_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"p_lower must be exact, not the float 0\.9"):
        adversary(3, 2, 0.9, "1/10", 1, 2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="radius"):
        adversary(3, 2, "9/10", "1/10", 1.0, 2)  # type: ignore[arg-type]


def test_residuals_with_their_own_assumptions() -> None:
    with pytest.raises(ValueError, match="δ_l = δ_s = 0"):
        adversary(3, 2, "3/5", "2/5", 2, 2, residual="paper")
    assert adversary(5, 1, "3/5", "2/5", 1, 2, residual=Residual.PAPER).overturns
    # MATHEMATICS.md: P + (c-1) S = 2 + 0 < 3, and every deterministic learner survives r = 1.
    with pytest.raises(ValueError, match=r"n\^k <= P \+ \(classes - 1\) S"):
        adversary(3, 1, "3/5", "1/5", 1, 3, residual="integral")
    with pytest.raises(ValueError, match="nothing would be left"):
        adversary(3, 1, "3/5", "2/5", 3, 2, attack="delete")


def test_without_a_certificate_there_is_one_at_radius_0() -> None:
    learner = adversary(4, 2, "1/2", "1/2", 0, 2)
    assert learner.poisoned == (4, 4)
    assert list(visit(learner, Fraction(1, 2), Fraction(1, 2))) == []
