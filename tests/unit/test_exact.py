"""What is refused at the door: floats, bools, and numbers outside the domain, by name."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy

from bagcert.reference import (
    certified_poisoning_size,
    certify,
    clopper_pearson_lower,
    clopper_pearson_upper,
    label_bounds,
)
from bagcert.reference.arithmetic.arguments import as_integer, as_rational, check_setting, nearest
from bagcert.reference.arithmetic.roots import floor_root


class Index:
    """An integer that is not an int, like numpy's."""

    def __index__(self) -> int:
        return 3


def test_anything_with_index_is_an_integer_but_a_bool() -> None:
    assert as_integer("n", Index(), 1) == 3
    for value in (True, 1.0, "1", None, Fraction(1)):
        with pytest.raises(TypeError, match=r"^n must be an integer"):
            as_integer("n", value, 0)
    assert as_rational("alpha", Index()) == 3
    for other in (True, None, b"1/2"):
        with pytest.raises(TypeError, match=r"^alpha must be a rational"):
            as_rational("alpha", other)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/1000", Fraction(1, 1000)),
        ("0.001", Fraction(1, 1000)),
        ("2/4", Fraction(1, 2)),
        ("1", Fraction(1)),
        ("00.50", Fraction(1, 2)),
        ("0." + 37 * "0" + "1", Fraction(1, 10**38)),
    ],
)
def test_rationals_are_read_exactly(text: str, value: Fraction) -> None:
    assert as_rational("alpha", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "1e-3",
        "-1/2",
        "+1",
        ".5",
        "1.",
        "1/0",
        "",
        " 1",
        "1/2/3",
        "nan",
        "inf",
        "1_0",
        "١",
        "9" * 41,
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="alpha must"):
        as_rational("alpha", text)


CALLS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: certified_poisoning_size(10, 2, 0.9, "0.1"), TypeError, "p_lower"),  # type: ignore[arg-type]
    (lambda: certified_poisoning_size(10, 2, "0.9", 0.1), TypeError, "p_upper"),  # type: ignore[arg-type]
    (lambda: certified_poisoning_size(10, 2, "3/2", 0), ValueError, "p_lower"),
    (lambda: certified_poisoning_size(10, 2, 1, -1), ValueError, "p_upper"),
    (lambda: certified_poisoning_size(0, 2, 1, 0), ValueError, "n must"),
    (lambda: certified_poisoning_size(10**12 + 1, 2, 1, 0), ValueError, "n must"),
    (lambda: certified_poisoning_size(10, 0, 1, 0), ValueError, "k must"),
    (lambda: certified_poisoning_size(10, 2**20, 1, 0), ValueError, "k must"),
    (lambda: certified_poisoning_size(10, 10**5000, 1, 0), ValueError, "k must"),
    (lambda: certified_poisoning_size(True, 2, 1, 0), TypeError, "n must"),
    (lambda: certified_poisoning_size(10, 2, 1, 0, attack="all"), ValueError, "attack"),
    (lambda: certified_poisoning_size(10, 2, 1, 0, residual="no"), ValueError, "residual"),
    (lambda: clopper_pearson_lower(2, 1, "1/2"), ValueError, "count"),
    (lambda: clopper_pearson_lower(-1, 1, "1/2"), ValueError, "count"),
    (lambda: clopper_pearson_upper(-1, 1, "1/2"), ValueError, "count"),
    (lambda: clopper_pearson_upper(2, 1, "1/2"), ValueError, "count"),
    (lambda: clopper_pearson_upper(0, 0, "1/2"), ValueError, "total"),
    (lambda: clopper_pearson_upper(0, 10**6 + 1, "1/2"), ValueError, "total"),
    (lambda: clopper_pearson_lower(1, 0, "1/2"), ValueError, "total"),
    (lambda: clopper_pearson_lower(1, 10**6 + 1, "1/2"), ValueError, "total"),
    (lambda: clopper_pearson_lower(1, 1, 0), ValueError, "beta"),
    (lambda: clopper_pearson_lower(1, 1, 1), ValueError, "beta"),
    (lambda: label_bounds([1], "1/2"), ValueError, "counts"),
    (lambda: label_bounds([0] * 65_537, "1/2"), ValueError, "2 to 65536 classes, not 65537"),
    (lambda: label_bounds([0, 0], "1/2"), ValueError, "sum of counts"),
    (lambda: label_bounds([10**6, 1], "1/2"), ValueError, "sum of counts"),
    (lambda: label_bounds([10**6 + 1, 0], "1/2"), ValueError, r"counts\[0\]"),
    (lambda: label_bounds([3, -1], "1/2"), ValueError, r"counts\[1\]"),
    (lambda: label_bounds([3, 1.0], "1/2"), TypeError, r"counts\[1\]"),  # type: ignore[list-item]
    (lambda: label_bounds([3, 1], 0.5), TypeError, "level"),  # type: ignore[arg-type]
    (lambda: label_bounds([3, 1], "1/2", method="best"), ValueError, "method"),
    (lambda: certify([3, 1], 10, 2, "1"), ValueError, "level"),
]


@pytest.mark.parametrize(("call", "error", "name"), CALLS)
def test_arguments_outside_the_domain_are_named(
    call: Callable[[], Any], error: type[Exception], name: str
) -> None:
    with pytest.raises(error, match=name) as caught:
        call()
    assert len(str(caught.value)) < 300


def test_lists_are_bounded_by_the_bits_of_all_together() -> None:
    for n, k in ((1, 1), (1, 2**20), (10**12, 26_214), (50, 2**20 // 6)):
        assert check_setting(n, k) == (n, k)
    for n, k in ((1, 2**20 + 1), (10**12, 26_215), (50, 2**20 // 6 + 1)):
        with pytest.raises(ValueError, match=f"^k must be at most {k - 1} for n = {n} "):
            check_setting(n, k)


def test_a_number_of_200_bits_is_shown_and_a_longer_one_is_not() -> None:
    for number, text in (
        (2**200 - 1, str(2**200 - 1)),
        (2**200, "a number of more than 60 digits"),
    ):
        with pytest.raises(ValueError, match=f"^n must be at most 5, not {text}$"):
            as_integer("n", number, 0, 5)


def test_five_names_are_proposed() -> None:
    assert nearest("x", [f"x{i}" for i in range(9)]).count(", ") == 4


def test_floor_roots_on_and_beside_perfect_powers() -> None:
    for degree in (1, 2, 3, 100, 1000):
        for root in (1, 2, 59_999):
            power = root**degree
            assert floor_root(power, degree) == root
            assert floor_root(power - 1, degree) == root - 1
            assert floor_root(power + 1, degree) == root + (degree == 1)


@pytest.mark.parametrize(("value", "wrong"), [(8, 1), (8, 3), (26, 3)])
def test_a_wrong_root_is_an_error_and_no_answer(
    value: int, wrong: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sympy, "integer_nthroot", lambda value, degree: (wrong, False))
    with pytest.raises(ArithmeticError, match="is wrong for a root of degree 3"):
        floor_root(value, 3)
