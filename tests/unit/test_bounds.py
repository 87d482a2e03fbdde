"""Bounds from counts: what counts are, and what only the two largest of them decide."""

from collections import Counter, OrderedDict, UserDict, deque
from collections.abc import Callable
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
from bagcert.reference.bounds import levels, pair_bounds, proven_level, rank
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
    right = {"n": 9, "k": 2, "classes": 3, "models": 10, "level": Fraction(1, 8)}
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
