"""Soundness and tightness by enumeration, at the tests' scale; and that it would notice."""

from dataclasses import replace
from fractions import Fraction

import pytest

from bagcert.proofs_checks.enumeration import exhaustive as enumeration
from bagcert.proofs_checks.enumeration.exhaustive import QUICK, run
from bagcert.proofs_checks.enumeration.learners import Table, counted_margins
from bagcert.proofs_checks.enumeration.visits import visit
from bagcert.reference import Residual, adversary, theorem1
from bagcert.reference.poisoning import Poisoned
from bagcert.reference.residuals import gap
from bagcert.reference.theorem1 import certified_poisoning_size
from bagcert.reference.theorem2.ranking import Deal

TINY = QUICK._replace(n=3, k=2, pairs=20, visits=3)


def test_no_radius_is_unsound_and_none_can_be_improved() -> None:
    report = run(QUICK)
    print(report)
    assert report.unsound == []
    assert report.improvable == []
    assert report.wrong == []
    assert report.by_learners > 8_000_000
    assert min(report.by_optimum, report.tight, report.literal, report.adversaries) > 500


@pytest.mark.parametrize("error", [1, -1])
def test_a_radius_off_by_one_is_noticed(error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    true = certified_poisoning_size

    def false(*args: object, **options: object) -> int | None:
        found = true(*args, **options)  # type: ignore[arg-type]
        return None if found is None or found + error < 0 else found + error

    monkeypatch.setattr(enumeration, "certified_poisoning_size", false)
    report = run(TINY)
    assert bool(report.unsound) == (error == 1)
    assert bool(report.improvable) == (error == -1)
    by_optimum = run(TINY._replace(lists=0, classes=3))
    assert by_optimum.by_optimum
    assert not by_optimum.fine


@pytest.mark.parametrize("limit", [Fraction(1, 2), Fraction(1, 4)])
def test_a_gap_that_forgets_part_of_p_upper_is_noticed(
    limit: Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = gap

    def false(n: int, k: int, low: Fraction, high: Fraction, residual: Residual) -> Fraction:
        return true(n, k, low, high * limit, residual)

    monkeypatch.setattr(theorem1, "gap", false)
    report = run(TINY._replace(lists=9))
    assert report.unsound


def test_a_wrong_adversary_is_noticed() -> None:
    learner = adversary(3, 2, "7/9", "2/9", 1, 2)
    bounds = Fraction(7, 9), Fraction(2, 9)
    assert list(visit(learner, *bounds)) == []

    def faults(**changes: object) -> str:
        return " ".join(visit(replace(learner, **changes), *bounds))  # type: ignore[arg-type]

    deal = learner.deal
    assert "eq (2)" in faults(deal=Deal(deal.unit, deal.total, deal.low - 1, deal.high + 1))
    assert "not overturned" in faults(poisoned=Poisoned(3, 3))
    assert "are changed" in faults(poisoned=Poisoned(3, 1))
    assert "at random" in faults(deal=Deal(2, deal.total, 15, 3), residual="integral")


def test_counted_and_literal_learners_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    true = counted_margins

    def false(shared: int, removed: int, c: int) -> tuple[Table, int]:
        table, combinations = true(shared, removed, c)
        return table + 1, combinations

    enumeration._counted.cache_clear()
    monkeypatch.setattr(enumeration, "counted_margins", false)
    assert any("differ" in said for said in run(TINY).wrong)
    enumeration._counted.cache_clear()


def test_the_command_prints_the_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(enumeration, "QUICK", TINY)
    assert enumeration.main([]) == 0
    assert "by learners" in capsys.readouterr().out
    monkeypatch.setattr(enumeration, "visit", lambda *_: iter(["broken"]))
    assert enumeration.main([]) == 1
