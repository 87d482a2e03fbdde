"""Bounds from counts: what counts are, and what only the two largest of them decide."""

from collections import Counter, OrderedDict, UserDict, deque
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from bagcert.fastpath.certification.bulk import certify_votes
from bagcert.reference import Abstention, Attack, Method, Residual, certify, label_bounds
from bagcert.reference.bounds import (
    Reason,
    checked_counts,
    clopper_pearson_lower,
    clopper_pearson_upper,
    levels,
    once_for_each_pair,
    pair_bounds,
    proven_level,
    rank,
)
from bagcert.reference.setting import Setting

COUNTS = [90, 990, 20]
MASKED: Any = np.ma.masked_array(np.array(COUNTS), np.array([False, True, False]))


@pytest.mark.parametrize(
    "counts",
    [
        COUNTS, tuple(COUNTS), deque(COUNTS), np.array(COUNTS), np.array(COUNTS, np.uint16),
        torch.tensor(COUNTS), np.array(COUNTS)[::-1][::-1],
    ],
)  # fmt: skip
def test_counts_by_position(counts: Any) -> None:
    assert certify(counts, 60_000, 100, "1/1000").label == 1  # type: ignore[union-attr]
    assert label_bounds(counts, "1/1000") == label_bounds(COUNTS, "1/1000")


NO_COUNTS: list[Any] = [
    dict(enumerate(COUNTS)), Counter([100] * 990 + [900] * 10), OrderedDict(a=90, b=10),
    UserDict(a=90, b=10), MappingProxyType({0: 90, 1: 10}), {90, 10}, frozenset({90, 10}),
    {0: 90, 1: 10}.keys(), {0: 90, 1: 10}.values(), pd.Series(COUNTS),
    pd.Series([1] * 9 + [0]).value_counts(), pd.DataFrame([COUNTS]),
    MASKED, b"\x5a\x0a", bytearray(b"\x5a\x0a"),
    memoryview(b"\x5a\x0a"), "90", iter(COUNTS), 90, None,
]  # fmt: skip


@pytest.mark.parametrize("counts", NO_COUNTS, ids=lambda counts: type(counts).__name__)
@pytest.mark.parametrize("ask", [certify, label_bounds, certify_votes])
def test_what_has_no_places_is_refused_by_name(counts: Any, ask: Callable[..., Any]) -> None:
    setting = ("1/1000",) if ask is label_bounds else (60_000, 100, "1/1000")
    with pytest.raises(TypeError, match=f"counts must be a sequence, not {type(counts).__name__}"):
        ask(counts, *setting)


def test_rows_of_votes_are_sequences_too() -> None:
    rows: list[Any] = [pd.Series(COUNTS), dict.fromkeys(COUNTS, 1), MASKED]
    for row in rows:
        with pytest.raises(TypeError, match="a row of counts must be a sequence"):
            certify_votes([COUNTS, row], 60_000, 100, "1/1000")
    frame = pd.DataFrame([COUNTS], columns=[1, 0, 2])
    with pytest.raises(TypeError, match="not DataFrame"):
        certify_votes(frame, 60_000, 100, "1/1000")
    with pytest.raises(TypeError, match="not MaskedArray"):
        certify_votes(MASKED[None, :], 60_000, 100, "1/1000")


@pytest.mark.parametrize("method", list(Method))
def test_the_two_largest_counts_decide(method: Method) -> None:
    for total, classes in ((12, 3), (9, 4)):
        for counts in product(range(total + 1), repeat=classes):
            if sum(counts) != total:
                continue
            label, second = rank(counts)
            found = label_bounds(counts, "1/3", method=method)
            pair = pair_bounds(
                counts[label], counts[second], total, classes, Fraction(1, 3), method
            )
            if isinstance(found, Abstention):
                assert found == pair
            else:
                assert (found.label, found.runner_up) == (label, second)
                assert (found.p_lower, found.p_upper) == pair


def test_levels_by_the_name_of_the_method() -> None:
    for method, classes in product(Method, (2, 3, 10)):
        level = Fraction(1, 1000)
        assert levels(level, classes, method.value) == levels(level, classes, method)
        assert proven_level(level, classes, method.value) == proven_level(level, classes, method)
    with pytest.raises(ValueError, match="method must be one of"):
        levels(Fraction(1, 2), 2, "best")


def test_a_setting_is_checked_when_it_is_made() -> None:
    made = Setting(np.int64(9), 2, 3, 10, "1/8", "cohen", "delete", "none")  # type: ignore[arg-type]
    assert made == Setting(9, 2, 3, 10, Fraction(1, 8), Method.COHEN, Attack.DELETE, Residual.NONE)
    assert type(made.n) is int
    assert type(made.method) is Method
    right: dict[str, Any] = {"n": 9, "k": 2, "classes": 3, "models": 10, "level": Fraction(1, 8)}
    wrong: list[tuple[str, Any, type[Exception]]] = [
        ("n", 0, ValueError), ("n", 10**12 + 1, ValueError), ("k", 0, ValueError),
        ("k", 2**20, ValueError), ("classes", 1, ValueError), ("classes", 65_537, ValueError),
        ("models", 0, ValueError), ("models", 10**6 + 1, ValueError), ("level", 0, ValueError),
        ("level", 1, ValueError), ("level", 0.1, TypeError), ("n", True, TypeError),
        ("method", "best", ValueError), ("attack", "all", ValueError),
        ("residual", None, TypeError),
    ]  # fmt: skip
    for name, value, error in wrong:
        with pytest.raises(error, match=f"^{name} must"):
            Setting(**{**right, name: value})
    for name, value in (("n", 1), ("k", 1), ("classes", 2), ("classes", 65_536), ("models", 1),
                        ("models", 10**6)):  # fmt: skip
        assert getattr(Setting(**{**right, name: value}), name) == value
    with pytest.raises(FrozenInstanceError):
        made.n = 10  # type: ignore[misc]
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(
    ("method", "classes", "bound", "sign_test", "proven"),
    [
        ("simuem", 2, "1/2", None, "1"), ("simuem", 3, "1/3", None, "4/3"),
        ("simuem", 10, "1/10", None, "11/10"),
        ("cohen", 2, "1/2", None, "1"), ("cohen", 3, "1/2", None, "1"),
        ("selected", 2, "99/100", "1/100", "1"), ("selected", 3, "99/200", "1/200", "1"),
        ("selected", 10, "99/200", "1/900", "1"),
    ],
)  # fmt: skip
def test_levels_as_shares_of_what_one_example_gets(
    method: str, classes: int, bound: str, sign_test: str | None, proven: str
) -> None:
    for level in (Fraction(1, 1000), Fraction(1, 3)):
        sign = None if sign_test is None else level * Fraction(sign_test)
        assert levels(level, classes, method) == (level * Fraction(bound), sign)
        assert proven_level(level, classes, method) == level * Fraction(proven)


@pytest.mark.parametrize(
    ("votes", "due"),
    [
        ([5, 5, 1], (0, 1)), ([1, 5, 5], (1, 2)), ([5, 1, 5], (0, 2)), ([2, 5, 2], (1, 0)),
        ([0, 0, 1], (2, 0)), ([1, 2], (1, 0)), ([4, 4, 4], (0, 1)), ([1, 2, 3], (2, 1)),
    ],
)  # fmt: skip
def test_between_equal_counts_the_smaller_label_is_first(
    votes: list[int], due: tuple[int, int]
) -> None:
    assert rank(votes) == due


def test_counts_at_the_ends_of_their_domain() -> None:
    assert checked_counts([0, 1]) == ([0, 1], 1)
    assert checked_counts([10**6, 0]) == ([10**6, 0], 10**6)
    votes, total = checked_counts([0] * 65_535 + [1])
    assert (len(votes), total) == (65_536, 1)


def test_each_method_takes_its_own_bounds() -> None:
    level = Fraction(3, 10)
    for counts in ([8, 2, 2], [12, 0, 0], [7, 4, 1], [40, 3, 2]):
        top, second, total = max(counts), sorted(counts)[1], sum(counts)
        for method in Method:
            beta = levels(level, 3, method).bound
            low = clopper_pearson_lower(top, total, beta)
            high = 1 - low
            if method != Method.COHEN:
                high = min(high, clopper_pearson_upper(second, total, beta))
            due = (low, high) if low > high else Abstention(Reason.BOUNDS)
            if method == Method.SELECTED and top < 12:
                due = Abstention(Reason.SELECTION)
            assert pair_bounds(top, second, total, 3, level, method) == due
    assert clopper_pearson_upper(2, 12, level / 3) < 1 - clopper_pearson_lower(8, 12, level / 3)


def test_bounds_that_meet_are_an_abstention() -> None:
    # Pr(Bin(2, 1/2) >= 2) = 1/4 exactly, so p_l = 1/2 = p_s at a = 1/2; a little more, and less.
    for more, apart in ((Fraction(0), False), (Fraction(1, 10**6), True)):
        found = label_bounds([2, 0], Fraction(1, 2) + more, method="cohen")
        assert (found == Abstention(Reason.BOUNDS)) is not apart


@pytest.mark.parametrize(
    ("counts", "tail"),
    [([10, 0], "1/1024"), ([14, 1], "1/2048"), ([1, 14, 0], "1/2048"), ([0, 0, 0, 12], "1/4096")],
)
def test_the_sign_test_is_passed_at_a_tie(counts: list[int], tail: str) -> None:
    level = Fraction(tail) * 100 * (len(counts) - 1)  # so that its level is the tail itself
    assert label_bounds(counts, level) != Abstention(Reason.SELECTION)
    less = level - Fraction(1, 10**12)
    assert label_bounds(counts, less) == Abstention(Reason.SELECTION)


def test_lower_bounds_are_on_the_grid_and_no_vote_has_0() -> None:
    assert clopper_pearson_lower(0, 1, "1/4") == clopper_pearson_lower(0, 9, "1/4") == 0
    assert clopper_pearson_lower(1, 1, "1/4") == Fraction(1, 4)
    assert clopper_pearson_lower(1, 1, "2/3") == Fraction(2**54 // 3, 2**53)  # an odd multiple


def test_a_pair_is_asked_about_once_and_answered_in_each_row() -> None:
    asked: list[list[int]] = []

    def ask(row: Any) -> int:
        asked.append(row)
        return len(asked)

    rows = [[5, 3, 1], [3, 1, 5], [4, 4, 1], [1, 5, 3], [1, 4, 4]]
    assert list(once_for_each_pair(rows, ask)) == [(0, 1), (2, 1), (0, 2), (1, 1), (1, 2)]
    assert asked == [[5, 3, 1], [4, 4, 1]]
