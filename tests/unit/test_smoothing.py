"""Rosenfeld et al.: exact radii against every flip pattern, and against the published form."""

import math
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from bagcert.reference.arithmetic.tails import Enclosure, tail_at_most
from bagcert.reference.related import (
    attacked_bounds,
    certified_bits,
    certified_examples,
    closed_form_bits,
)
from bagcert.reference.related import smoothing as module

RATES = (Fraction(3, 10), Fraction(1, 4), Fraction(2, 5), Fraction(1, 100), Fraction(49, 100))
ALL = 10**6


def laws(flips: int, beta: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Each of the 2^F patterns: its clean and its attacked mass."""
    patterns = []
    for pattern in product((0, 1), repeat=flips):
        clean = attacked = Fraction(1)
        for flipped in pattern:
            clean *= beta if flipped else 1 - beta
            attacked *= 1 - beta if flipped else beta
        patterns.append((clean, attacked))
    return patterns


def filled(patterns: list[tuple[Fraction, Fraction]], p: Fraction) -> Fraction:
    """The attacked mass of the patterns in the order given, up to clean mass p."""
    mass = Fraction(0)
    for clean, attacked in patterns:
        share = min(Fraction(1), p / clean)
        p, mass = p - share * clean, mass + share * attacked
        if not p:
            break
    return mass


def brute(flips: int, beta: Fraction, p_l: Fraction, p_s: Fraction) -> tuple[Fraction, Fraction]:
    patterns = sorted(laws(flips, beta), key=lambda masses: masses[0] / masses[1], reverse=True)
    return filled(patterns, p_l), filled(patterns[::-1], p_s)


PAIRS = (
    ("9/10", "1/10"), ("99/100", "1/100"), ("7/10", "3/10"), ("3/5", "1/5"), ("1/2", "1/10"),
    ("1/5", "1/10"), ("999/1000", "1/5000"), ("343/1000", "27/1000"), ("501/1000", "499/1000"),
)  # fmt: skip


@pytest.mark.parametrize("beta", RATES)
def test_attacked_bounds_are_the_brute_force_fill(beta: Fraction) -> None:
    for flips in range(8):
        for low, high in PAIRS:
            p_l, p_s = Fraction(low), Fraction(high)
            assert attacked_bounds(p_l, p_s, beta, flips) == brute(flips, beta, p_l, p_s)


@pytest.mark.parametrize("beta", RATES)
def test_certified_bits_are_where_the_brute_force_fill_stops(beta: Fraction) -> None:
    found = set()
    for low, high in PAIRS:
        p_l, p_s = Fraction(low), Fraction(high)
        holds = [least > most for least, most in (brute(f, beta, p_l, p_s) for f in range(10))]
        assert holds == sorted(holds, reverse=True)
        expected = sum(holds) - 1
        assert certified_bits(p_l, p_s, beta, 9) == expected
        if expected < 9:
            assert certified_bits(p_l, p_s, beta, ALL) == expected
        found.add(expected)
    assert len(found) > 1


def test_no_learner_does_worse_by_duality() -> None:
    """For every price τ, ``τ p - Σ (τ clean - attacked)+`` bounds L: no order assumed."""
    for beta, flips, p in product(RATES, (1, 4, 7), (Fraction(9, 10), Fraction(1, 3))):
        patterns = laws(flips, beta)
        prices = {attacked / clean for clean, attacked in patterns}
        dual = max(
            price * p
            - sum(max(Fraction(0), price * clean - attacked) for clean, attacked in patterns)
            for price in prices
        )
        assert dual == module.least_attacked(flips, p, beta)


def test_enclosures_decide_what_the_exact_masses_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = module.least_attacked
    asked: list[tuple[int, Fraction, Fraction]] = []

    def remembered(flips: int, p: Fraction, beta: Fraction) -> Fraction:
        asked.append((flips, p, beta))
        return exact(flips, p, beta)

    monkeypatch.setattr(module, "least_attacked", remembered)
    for beta, pair, around in product(RATES, PAIRS, (0, 1)):
        p_l, p_s = Fraction(pair[0]), Fraction(pair[1])
        radius = certified_bits(p_l, p_s, beta, 2000)
        assert radius is not None
        flips = min(radius + around, 2000)
        if 0 < flips < 2000:
            low, high = exact(flips, p_l, beta), 1 - exact(flips, 1 - p_s, beta)
            assert (low > high) == (around == 0)
    # The masses were formed for ties alone: β = 3/10 and p = 9/10, say, at F = 2.
    assert (2, Fraction(9, 10), Fraction(3, 10)) in asked
    pairs = zip(asked[::2], asked[1::2], strict=True)
    assert all(exact(*first) + exact(*second) == 1 for first, second in pairs)


def test_exact_ties_are_overturned(monkeypatch: pytest.MonkeyPatch) -> None:
    """p_l chosen so that L(F, p_l) = 1/2: equality is no certificate, one unit more is."""
    exact = module.least_attacked
    asked: list[tuple[int, Fraction, Fraction]] = []

    def remembered(flips: int, p: Fraction, beta: Fraction) -> Fraction:
        asked.append((flips, p, beta))
        return exact(flips, p, beta)

    monkeypatch.setattr(module, "least_attacked", remembered)
    beta, flips = Fraction(1, 4), 3
    # u <= 1 has the attacked mass 10/64; 22/64 of 27/64 more at u = 2, clean 9/64 of which 22/27.
    p = Fraction(54, 64) + Fraction(22, 27) * Fraction(9, 64)
    assert exact(flips, p, beta) == Fraction(1, 2)
    assert certified_bits(p, 1 - p, beta, ALL) == flips - 1
    assert asked
    above = p + Fraction(1, 2**80)
    assert certified_bits(above, 1 - above, beta, ALL) == flips
    # The filling stops exactly between two weights: p = Pr(Bin(3, 1/4) <= 1).
    for p in (Fraction(54, 64), Fraction(54, 64) - Fraction(1, 2**90)):
        assert attacked_bounds(p, 1 - p, beta, 3) == brute(3, beta, p, 1 - p)
        assert certified_bits(p, 1 - p, beta, ALL) == 1


@pytest.mark.parametrize("beta", [*RATES[:4], Fraction(3, 8), Fraction(45, 100)])
def test_the_closed_form_never_exceeds_the_exact_radius(beta: Fraction) -> None:
    below = 0
    for low, high in (*PAIRS, ("0.9999999", "0.00000001"), ("0.91", "0.001")):
        exact = certified_bits(low, high, beta, ALL)
        published = closed_form_bits(low, high, beta, ALL)
        assert exact is not None
        assert published is not None
        assert published <= exact
        below += published < exact
    assert below


def test_the_closed_form_is_the_published_one() -> None:
    for beta, pair in product((0.3, 0.25, 0.45, 0.49), PAIRS):
        p, q = (float(Fraction(text)) for text in pair)
        divergence = -math.log(1 - (math.sqrt(p) - math.sqrt(q)) ** 2)
        if p + q == 1:
            assert divergence == pytest.approx(-math.log(4 * p * (1 - p)) / 2)
        real = divergence / ((1 - 2 * beta) * math.log((1 - beta) / beta))
        assert abs(real - round(real)) > 1e-9
        assert closed_form_bits(*pair, str(beta), ALL) == math.floor(real)


def test_a_third_is_no_half() -> None:
    """At β = 1/3 the divergence of a bit is ln(2)/3; L(F, p) is what it is by brute force."""
    third, p = Fraction(1, 3), Fraction(9, 10)
    due = -math.log(4 * 0.9 * 0.1) / 2 / (math.log(2) / 3)
    assert closed_form_bits(p, 1 - p, third, ALL) == math.floor(due) == 2
    holds = [least > most for least, most in (brute(f, third, p, 1 - p) for f in range(9))]
    assert not holds[-1]
    assert certified_bits(p, 1 - p, third, ALL) == sum(holds) - 1


def test_a_tie_of_the_closed_form() -> None:
    """β = 3/8, p = 9/10: both sides of F = 4 are ln(5/3); the exact radius is not below."""
    assert closed_form_bits("9/10", "1/10", "3/8", ALL) == 4
    less = Fraction(9, 10) - Fraction(1, 10**30)
    assert closed_form_bits(less, 1 - less, "3/8", ALL) == 3
    exact = certified_bits(less, 1 - less, "3/8", ALL)
    assert exact is not None
    assert exact >= 4


def test_a_tie_of_the_closed_form_of_three_labels() -> None:
    """β = 1/3, p = 18/25 and 1/50, so √p_l - √p_s = √(1/2): both sides of F = 3 are ln 2."""
    assert closed_form_bits("18/25", "1/50", "1/3", ALL) == 3
    for off in (Fraction(1, 10**30), Fraction(1, 10**60)):
        assert closed_form_bits(Fraction(18, 25) - off, "1/50", "1/3", ALL) == 2
        assert closed_form_bits("18/25", Fraction(1, 50) + off, "1/3", ALL) == 2


def test_the_attacks_on_two_labels_and_on_many() -> None:
    """With p_s below 1 - p_l more is certified; a p_s above it says nothing more than 1 - p_l."""
    two, many = (certified_bits("9/10", p_s, "2/5", ALL) for p_s in ("1/10", "1/100"))
    assert two is not None
    assert many is not None
    assert two < many
    assert certified_bits("9/10", "1/2", "2/5", ALL) == certified_bits("9/10", "1/10", "2/5", ALL)
    assert closed_form_bits("9/10", "1/2", "2/5", ALL) == closed_form_bits(
        "9/10", "1/10", "2/5", ALL
    )


def test_edges() -> None:
    for function in (certified_bits, closed_form_bits):
        assert function("1/2", "1/2", "0.3", ALL) is None
        assert function("0.4", "0.5", "0.3", ALL) is None
        assert function(0, 0, "0.3", ALL) is None
        assert function(1, 0, "0.3", 77) == 77  # whatever the noise is, l: nothing to attack
        assert function("1/10", 0, "0.3", 77) == 77
        assert function("2/3", "1/3", "1/2", 77) == 77  # the models never see the data
        assert function("2/3", "1/3", 0, 77) == 0
        assert function(1, 0, 0, 77) == 0
        assert function("2/3", "1/3", "0.3", 0) == 0
    assert attacked_bounds(1, 0, "0.3", 5) == (1, 0)
    assert attacked_bounds(1, 0, 0, 1) == (0, 1)
    assert attacked_bounds("2/3", "1/3", 0, 0) == (Fraction(2, 3), Fraction(1, 3))
    assert attacked_bounds("2/3", "1/3", "1/2", 6) == (Fraction(2, 3), Fraction(1, 3))


def test_examples_are_whole() -> None:
    p = 1 - Fraction(1, 2**53)
    flips = certified_bits(p, 1 - p, "0.45", ALL)
    assert flips is not None
    for features, examples in ((flips // 2 - 1, 2), (flips - 1, 1), (flips, 0)):
        assert certified_examples(p, 1 - p, "0.45", 10, features) == examples
    assert certified_examples(1, 0, "0.49", 10, 784) == 10
    assert certified_examples("1/2", "1/2", "0.49", 10, 784) is None


def test_tens_of_thousands_of_bits() -> None:
    """Where the answer is large: the exact masses on both sides of it."""
    p = 1 - Fraction(1, 2**53)
    flips = certified_bits(p, 1 - p, "0.45", ALL)
    assert flips is not None
    beta = Fraction(45, 100)
    assert module.least_attacked(flips, p, beta) > Fraction(1, 2)
    assert module.least_attacked(flips + 1, p, beta) <= Fraction(1, 2)
    # About as the square of the distance to 1/2.
    assert certified_bits(p, 1 - p, "0.48", ALL) in range(6 * flips, 7 * flips)


def test_a_dyadic_tie_that_enclosures_meet_exactly_is_overturned() -> None:
    """β = 7/16, p = 5/8: L(2, p) = Pr(B >= 2) + Pr(B >= 1) - 1 + p = 1/2, without rounding."""
    assert attacked_bounds("5/8", "3/8", "7/16", 2) == (Fraction(1, 2), Fraction(1, 2))
    assert certified_bits("5/8", "3/8", "7/16", ALL) == 1


def test_a_tie_is_told_from_what_is_closer_than_any_enclosure() -> None:
    """β = 1/4: L(1, p) = 1/4 + 3 (p - 3/4) is 1/2 at p = 5/6, and 128 bits do not see 2^-200."""
    for off, due in ((0, 0), (1, 1), (-1, 0)):
        p = Fraction(5, 6) + off * Fraction(1, 2**200)
        assert certified_bits(p, 1 - p, "1/4", ALL) == due


@pytest.mark.parametrize("flips", [1, 19, 20, 21, 68])
def test_a_tie_in_a_last_weight_below_any_enclosure(flips: int) -> None:
    """β = 1/100, p above 1 - β^F: what is lost is of weight F alone, L = 1 - (1 - p) 99^F.

    From F = 20 on that weight is less than one unit of the first enclosures, and each of its
    lists counts 99^F times.
    """
    lost = Fraction(1, 2 * 99**flips)
    assert lost <= Fraction(1, 100**flips)
    for off, due in ((0, flips - 1), (-1, flips), (1, flips - 1)):
        p_s = lost + off * Fraction(1, 10**300)
        assert certified_bits(1 - p_s, p_s, "1/100", ALL) == due


def test_enclosures_without_any_width_to_spare_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """β = 7/16, F = 2: L(2, p) = p - 1/8 there; a sum of 1, and one unit around it."""
    exact = module.least_attacked

    def tightest(flips: int, p: Fraction, beta: Fraction, _: int, bits: int) -> tuple[int, int]:
        scaled = exact(flips, p, beta) * 2**bits
        return scaled.__floor__(), scaled.__ceil__()

    monkeypatch.setattr(module, "_least_enclosure", tightest)
    monkeypatch.setattr(module, "least_attacked", lambda *_: pytest.fail("not decided"))
    beta, p, unit = Fraction(7, 16), Fraction(5, 8), Fraction(1, 2**module._FIRST_PRECISION)
    assert exact(2, p, beta) == Fraction(1, 2)
    for off, due in ((0, False), (1, True), (-1, False)):
        assert module._Search((p, p + off * unit), beta).survives(2) == due


@pytest.mark.parametrize("beta", [Fraction(3, 10), Fraction(7, 16), Fraction(1, 100)])
def test_enclosures_hold_the_exact_masses_and_are_narrow(beta: Fraction) -> None:
    levels = [Fraction(text) for text in ("9/10", "1/2", "1/1000", "999999/1000000", "5/8")]
    for flips in (1, 2, 3, 10, 61):
        for p in levels:
            place = next(
                u for u in range(flips + 1)
                if sum(math.comb(flips, i) * beta**i * (1 - beta) ** (flips - i)
                       for i in range(u + 1)) >= p
            )  # fmt: skip
            exact = module.least_attacked(flips, p, beta)
            search = module._Search((p,), beta)  # type: ignore[arg-type]
            assert search.boundary(flips, p) == place
            assert search.last[p] == (flips, place)
            for precision in (64, 128):
                low, high = module._least_enclosure(flips, p, beta, place, precision)
                assert low <= exact * 2**precision <= high
                # A point of a fill that goes up by more than the mass itself is less sure.
                steep = max(1, ((1 - beta) / beta) ** (2 * place - flips))
                assert high - low <= 2 ** (precision // 2) * steep + 2


def test_numbers_in_units_are_rounded_outward() -> None:
    for exponent, due in (
        (-3, (40, 56)),
        (-6, (5, 7)),
        (-7, (2, 4)),
        (-9, (0, 1)),
        (0, (320, 448)),
    ):
        assert module._fixed(Enclosure(5, 7, exponent), 6) == due


def test_the_largest_is_found_from_any_start() -> None:
    for most in range(9):
        for due in range(most + 1):
            for start in range(-2, 12):
                asked: list[int] = []

                def holds(flips: int) -> bool:
                    assert 0 < flips <= most  # noqa: B023
                    asked.append(flips)  # noqa: B023
                    return flips <= due  # noqa: B023

                assert module.largest(holds, most, start) == due
                assert len(asked) == len(set(asked))
                if start == due > 0:
                    assert len(asked) <= 2
    asked = []
    assert module.largest(lambda f: asked.append(f) or f <= 700, 10**6) == 700  # type: ignore[func-returns-value]
    assert len(asked) <= 20  # about twice log2 of 700, not of 10^6


def test_a_search_goes_on_from_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [0]

    def counted(*arguments: Any) -> bool:
        asked[0] += 1
        return tail_at_most(*arguments)

    monkeypatch.setattr(module, "tail_at_most", counted)
    for beta, p in ((Fraction(3, 10), Fraction(99, 100)), (Fraction(45, 100), Fraction(9, 10))):
        search = module._Search((p, p), beta)
        search.boundary(1000, p)
        for flips in (1001, 1010, 1100, 2000, 1900):
            asked[0] = 0
            search.boundary(flips, p)
            assert asked[0] <= 6, flips


def test_the_ends_of_the_domain() -> None:
    for function in (certified_bits, closed_form_bits):
        assert function("1/10", 0, "499/1000", 10**8) == 10**8
        assert function("2/3", "1/3", "1/2", 10**8) == 10**8
        with pytest.raises(ValueError, match="beta must lie"):
            function("1/10", 0, Fraction(499, 1001), 1)
        with pytest.raises(ValueError, match="beta must lie"):
            function("1/10", 0, Fraction(-1, 10), 1)
    assert attacked_bounds(0, 1, "0.3", 20_000) == (0, 1)
    assert certified_examples(1, 0, "0.3", 1, 0) == 1
    assert certified_examples(1, 0, "0.3", 7, 0) == 7
    with pytest.raises(ValueError, match="n must be"):
        certified_examples(1, 0, "0.3", 0, 1)
    with pytest.raises(ValueError, match="features must be"):
        certified_examples(1, 0, "0.3", 1, 10**8 + 1)


def test_domain() -> None:
    for wrong, words in (
        (("3/2", 0, "0.3", 1), "p_lower"), ((1, Fraction(-1), "0.3", 1), "p_upper"),
        ((1, 0, "0.51", 1), "beta"), ((1, 0, "0.3001", 1), "beta"), ((1, 0, "0.3", -1), "bits"),
        ((1, 0, "0.3", 10**8 + 1), "bits"),
    ):  # fmt: skip
        for function in (certified_bits, closed_form_bits):
            with pytest.raises(ValueError, match=words):
                function(*wrong)
    with pytest.raises(TypeError, match="beta"):
        certified_bits(1, 0, 0.3, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="p_lower"):
        certified_bits(0.9, "0.1", "0.3", 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="flips"):
        attacked_bounds(1, 0, "0.3", 20_001)
    with pytest.raises(ValueError, match="features"):
        certified_examples(1, 0, "0.3", 10, -1)


def test_examples_are_counted_by_all_their_bits() -> None:
    """Seven bits, and an example of two features and a label has three of them."""
    assert certified_bits("99/100", "1/100", "3/10", 3000) == 7
    assert certified_examples("99/100", "1/100", "3/10", 1000, 2) == 2
    with pytest.raises(ValueError, match="flips"):
        attacked_bounds("9/10", "1/10", "1/4", -1)
