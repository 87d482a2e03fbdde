"""Counts, shares and charts of a report: against sums done by hand and exact fractions."""

import hashlib
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from bagcert.fastpath.report.accuracy import Report
from bagcert.fastpath.report.judged import judged
from bagcert.fastpath.report.page.charts import BOX, bars, staircase
from bagcert.fastpath.report.shares import percent
from bagcert.fastpath.report.steps import nice_step, ticks
from bagcert.reference.algorithm1 import Certificate, certify
from bagcert.reference.bounds import Abstention, Method, Reason
from bagcert.reference.certificate.schema import CertificateFile, Header, Row
from bagcert.reference.certificate.writer import write_certificate


def number(text: str) -> Fraction:
    assert text.endswith(" %")
    return Fraction(text.removesuffix(" %"))


def row(index: int, label: int, radius: int, truth: int | None = None) -> Row:
    counts = [1, 1, 1]
    counts[label] = 8
    outcome = Certificate(label, 0, Fraction(3, 4), Fraction(1, 4), radius, 100)
    return Row(index, counts, outcome, truth)


def header(examples: int) -> Header:
    return Header(n=100, k=2, classes=3, models=10, examples=examples, alpha=Fraction(1, 9))


@pytest.mark.parametrize("places", [1, 2, 5])
def test_a_share_is_never_more_than_was_counted_and_less_than_one_digit_below(places: int) -> None:
    digit = Fraction(1, 10**places)
    for whole in range(1, 60):
        for part in range(whole + 1):
            exact = Fraction(100 * part, whole)
            down = number(percent(part, whole, places=places))
            up = number(percent(part, whole, places=places, up=True))
            assert exact - digit < down <= exact <= up < exact + digit
            assert (down == 100) == (part == whole)
            assert (up == 0) == (part == 0)


def test_shares_next_to_all_and_to_none() -> None:
    assert percent(20_000, 20_001) == "99.99 %"
    assert percent(10**8 - 1, 10**8, places=1) == "99.9 %"
    assert percent(1, 10**8) == "0.00 %"
    assert percent(1, 10**8, up=True) == "0.01 %"
    assert percent(29, 100) == "29.00 %"  # 0.29 * 100 is 28.999999999999996 in floats


@pytest.mark.parametrize(("part", "whole"), [(-1, 2), (3, 2), (0, 0)])
def test_what_is_no_share_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="a share of"):
        percent(part, whole)


def test_a_report_counts_votes_reasons_and_rows_at_each_radius() -> None:
    rows = (
        row(0, 1, 5, truth=1),
        row(1, 1, 9, truth=0),
        row(2, 0, 0, truth=0),
        Row(3, (5, 5, 0), Abstention(Reason.SELECTION), 0),  # a tie: the smaller label is the vote
        Row(4, (5, 5, 0), Abstention(Reason.BOUNDS), 1),
        Row(5, (4, 6, 0), Abstention(Reason.SELECTION), 1),
    )
    found = Report.of(CertificateFile(header(6), rows, ((0, 2), (5, 1))), [0, 1, 5, 6])
    assert found.accuracy == [(0, 2), (1, 1), (5, 1), (6, 0)]
    assert found.radii == [0, 5, 9]
    assert found.reasons == {Reason.SELECTION: 2, Reason.BOUNDS: 1}
    assert found.abstained == 3
    assert found.vote_correct == 4
    assert found.steps == ((0, 2), (5, 1))


def test_without_truth_the_steps_are_of_all_certified_rows() -> None:
    rows = (row(0, 1, 5), row(1, 0, 5), row(2, 2, 7))
    found = Report.of(CertificateFile(header(3), rows, None), [0])
    assert (found.accuracy, found.vote_correct) == (None, None)
    assert found.steps == ((5, 3), (7, 1))
    assert [found.rows_at(r) for r in (0, 5, 6, 7, 8)] == [3, 3, 1, 1, 0]


def heights(path: str) -> list[tuple[float, float]]:
    """(x, y): the curve is at height y up to x."""
    return [(float(x), float(y)) for y, x in re.findall(r"V([\d.]+)H([\d.]+)", path)]


def test_the_curve_is_at_its_height_up_to_and_at_each_radius() -> None:
    drawn = heights(staircase(((0, 4), (5, 3), (10, 1)), 4).path)
    tall = BOX.bottom - BOX.top
    assert drawn == [
        (BOX.left, BOX.top),
        ((BOX.left + BOX.right) / 2, BOX.bottom - tall * 3 / 4),
        (BOX.right, BOX.bottom - tall / 4),
    ]


def test_a_crowded_curve_is_short_and_never_too_high() -> None:
    examples = 100_000
    steps = tuple((r, examples - r) for r in range(examples))
    path = staircase(steps, examples).path
    assert len(path) < 100_000
    wide, tall = BOX.right - BOX.left, BOX.bottom - BOX.top
    for x, y in heights(path):
        # Every radius that falls on x, a tenth of a unit wide, is at least as high as drawn.
        last = min(examples - 1, int((x - BOX.left + 0.05) / wide * (examples - 1)))
        assert y >= BOX.bottom - tall * (examples - last + 1) / examples - 0.06


def test_a_curve_of_nothing_lies_on_the_axis() -> None:
    assert staircase((), 5).path == f"M{BOX.left} {BOX.bottom}.0V{BOX.bottom}"


@pytest.mark.parametrize("radii", [[0], [0, 0, 1], [39], [40], [3, 999, 1000, 1001], [10**12 - 1]])
def test_each_radius_is_in_one_bar(radii: list[int]) -> None:
    chart = bars(sorted(radii))
    found: Counter[int] = Counter()
    for bar in chart.bars:
        inside = [r for r in radii if bar.first <= r <= bar.last]
        assert bar.rows == len(inside) > 0
        assert bar.last - bar.first + 1 == chart.step
        found.update(inside)
        assert BOX.left <= bar.x
        assert bar.x + bar.width <= BOX.right + 0.1
    assert found == Counter(radii)
    assert len(chart.bars) <= 41


def test_steps_are_one_two_or_five_times_a_power_of_ten() -> None:
    assert [nice_step(most, 5) for most in (0, 1, 5, 6, 10, 11, 26, 50, 51)] == [
        1, 1, 1, 2, 2, 5, 10, 10, 20,
    ]  # fmt: skip
    assert ticks(30, 6) == [0, 5, 10, 15, 20, 25, 30]
    assert ticks(31, 6) == [0, 10, 20, 30]


def test_verdict_digest_and_content_are_of_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    outcome = certify([9, 1, 0], 100, 2, "1/9")
    write_certificate(path, header(1), [Row(0, (9, 1, 0), outcome)])
    found = judged(path)
    assert found.verdict.status == "VALID"
    assert found.file is not None
    assert found.file.rows[0].counts == [9, 1, 0]
    assert found.name == "c.jsonl.gz"
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_is_told_of_a_file_that_is_not_valid(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    true = certify([9, 1, 0], 100, 2, "1/9", method="cohen")
    assert isinstance(true, Certificate)
    cohen = replace(header(1), method=Method.COHEN)
    for more, status in ((0, "VALID"), (1, "INVALID")):
        claimed = Row(0, (9, 1, 0), true._replace(radius=true.radius + more))
        write_certificate(path, cohen, [claimed], force=True)
        found = judged(path)
        assert found.verdict.status == status
        assert (found.file is None) == (more > 0)
