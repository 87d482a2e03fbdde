"""How exact numbers are spelled, at each length and place where the spelling changes."""

from fractions import Fraction

import pytest

from bagcert.reference.arithmetic.spelling import (
    decimal_enclosure,
    grid_point,
    margin,
    over_lists,
    scientific,
    spell_grid_point,
    spell_rational,
)

ULP = Fraction(1, 2**53)


@pytest.mark.parametrize("t", [0, 1, 2, 3, 2**52 - 1, 2**52, 2**52 + 1, 2**53 - 1, 2**53])
def test_grid_points_are_spelled_as_floats_are(t: int) -> None:
    text = (t / 2**53).hex()
    assert spell_grid_point(t * ULP) == text
    assert grid_point(text) == t * ULP


@pytest.mark.parametrize("value", [1 + ULP, -ULP, ULP / 2, Fraction(1, 3), Fraction(2)])
def test_what_is_no_grid_point_is_not_spelled(value: Fraction) -> None:
    with pytest.raises(ValueError, match=r"not a multiple of 2\^-53 in \[0, 1\]"):
        spell_grid_point(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0x1.0000000000001p+0", "not a multiple"), ("0x1.0000000000000p+1", "not a multiple"),
        ("0x1.0000000000000p-54", "not a multiple"), ("0x1.0000000000001p-2", "not a multiple"),
        ("0x1.000000000000p-1", "not spelled"), ("0x0.0000000000000p+0", "not spelled"),
        ("0x1.8000000000000p-01", "not spelled"), ("0x1.8000000000000p-100", "not spelled"),
        ("0.5", "not spelled"),
    ],
)  # fmt: skip
def test_other_spellings_of_grid_points_are_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        grid_point(text)


def test_rationals_always_have_their_denominator() -> None:
    assert spell_rational(Fraction(3)) == "3/1"
    assert spell_rational(Fraction(-2, 4)) == "-1/2"


def test_a_denominator_of_200_bits_is_decimal_and_a_longer_one_is_not() -> None:
    assert over_lists(Fraction(3, 2**199), 7, 2) == f"0x3/({2**199}*7^2)"
    assert over_lists(Fraction(3, 2**200), 7, 2) == f"0x3/({2**200:#x}*7^2)"
    assert over_lists(Fraction(0), 7, 2) == "0x0/7^2"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("1/3", 4, "[0.3333, 0.3334]"), ("-1/3", 4, "[-0.3334, -0.3333]"), ("5", 2, "5.00"),
        ("-1/8", 2, "[-0.13, -0.12]"), ("0", 1, "0.0"), ("-7/2", 1, "-3.5"),
        ("-1/100", 1, "[-0.1, 0.0]"), ("199/100", 1, "[1.9, 2.0]"),
    ],
)  # fmt: skip
def test_decimals_enclose(value: str, digits: int, text: str) -> None:
    assert decimal_enclosure(Fraction(value), digits) == text


def test_twelve_digits_unless_told() -> None:
    assert decimal_enclosure(Fraction(1, 4)) == "0.250000000000"
    assert scientific(Fraction(1, 4), Fraction(1, 4)) == "2.500e-1"


@pytest.mark.parametrize(
    ("low", "high", "digits", "text"),
    [
        ("1", "1", 4, "1.000e+0"), ("99999", "99999", 4, "[9.999e+4, 1.000e+5]"),
        ("9999", "9999", 4, "9.999e+3"), ("10000", "10000", 4, "1.000e+4"),
        ("1/1000", "1/1000", 2, "1.0e-3"), ("999/1000", "999/1000", 3, "9.99e-1"),
        ("999/1000", "999/1000", 2, "[9.9e-1, 1.0e+0]"), ("1/9", "1/8", 2, "[1.1e-1, 1.3e-1]"),
        ("2/3", "3/2", 3, "[6.66e-1, 1.50e+0]"), ("10/11", "10/11", 3, "[9.09e-1, 9.10e-1]"),
        ("21/2", "21/2", 4, "1.050e+1"), ("19/2", "19/2", 4, "9.500e+0"),
        ("1000/999", "1000/999", 3, "[1.00e+0, 1.01e+0]"),
    ],
)  # fmt: skip
def test_figures_enclose(low: str, high: str, digits: int, text: str) -> None:
    assert scientific(Fraction(low), Fraction(high), digits) == text


def test_a_margin_of_200_characters_is_shown_and_a_longer_one_is_cut() -> None:
    fits, longer = Fraction(16**192), Fraction(16**193)
    share = decimal_enclosure(fits / 1000)
    assert margin(fits, 10, 3, whole=False) == f"{share} = {over_lists(fits, 10, 3)}"
    assert len(over_lists(fits, 10, 3)) == 200
    exact, share = over_lists(longer, 10, 3), decimal_enclosure(longer / 1000)
    cut = f"{exact[:40]}… (201 characters; --json has all)"
    assert margin(longer, 10, 3, whole=False) == f"{share} = {cut}"
    assert margin(longer, 10, 3, whole=True) == f"{share} = {exact}"
