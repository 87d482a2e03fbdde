"""``bagcert tightness`` as a user types it: both sides of the bound, and refusals."""

import csv
import json
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from bagcert.proofs_checks.commands.tightness import split_list
from bagcert.proofs_checks.tightness.both_sides import Setting, Tightness, setting, tightness
from bagcert.proofs_checks.tightness.simulation import simulate, visible_radius
from bagcert.proofs_checks.tightness.sweep import order_violations, residual_cost, sweep
from bagcert.reference import Attack, Residual
from bagcert.reference.theorem1 import certified_poisoning_size
from tests.command import bagcert as typed

bagcert = partial(typed, "tightness")


BIG = ("--n", 60000, "--k", 100, "--p-lower", "9/10", "--p-upper", "1/20", "--classes", 10)


def rational(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(int(above, 16), int(below, 16))


def test_the_issues_own_setting_and_its_simulation() -> None:
    status, out, error = bagcert(*BIG, "--simulate", 300, "--json")
    assert status == 0, error
    found = json.loads(out)
    assert (found["radius"], found["adversary_at_radius"], found["radius_of_the_optimum"]) == (
        331, 332, 331,
    )  # fmt: skip
    assert (found["poisoned_size"], found["kept"], found["modified"]) == (60000, 59668, 332)
    clean, after = ([rational(p) for p in found[name]] for name in ("under_D", "under_D_poisoned"))
    assert sum(clean) == sum(after) == 1
    assert clean[0] == Fraction(9, 10)
    assert max(clean[1:]) == Fraction(1, 20)
    assert after[0] <= max(after[1:])
    # Theorem 2's own numbers: p'_l = p_l - (1 - (m/n)^k), p'_s = p_s + 1 - (m/n)^k.
    moved = 1 - Fraction(59668, 60000) ** 100
    assert (after[0], after[1]) == (Fraction(9, 10) - moved, Fraction(1, 20) + moved)
    runs = [value for name, value in found.items() if name.startswith("simulated_at_")]
    assert len(runs) == 2
    assert all(value["within_bounds"] for value in runs)
    assert runs[1]["flip_beyond_doubt"]
    assert runs[1]["flipped"]
    assert all(sum(value["votes_D"]) == sum(value["votes_D_poisoned"]) == 300 for value in runs)


def test_the_table_is_for_people() -> None:
    status, out, _ = bagcert(*BIG)
    assert status == 0
    assert "Pr(l)" in out
    assert "Pr(s)" in out
    assert "4 more" in out
    assert max(map(len, out.split("\n"))) < 120


@pytest.mark.parametrize(
    ("bounds", "radius", "optimum", "words"),
    [
        (("3/5", "1/5", "integral"), 0, 1, "n^k <= P + (classes - 1) S"),  # erratum
        (("3/5", "1/10", "none"), 0, 1, "1 <= p_lower + (classes - 1) p_upper"),
        (("3/5", "11/20", "none"), 0, 0, "p_lower + p_upper <= 1"),
    ],
)
def test_an_assumption_that_fails_is_named_beside_the_optimum(
    bounds: tuple[str, str, str], radius: int, optimum: int, words: str
) -> None:
    low, high, residual = bounds
    status, out, _ = bagcert(
        "--n", 3, "--k", 1, "--p-lower", low, "--p-upper", high, "--classes", 3,
        "--residual", residual, "--json",
    )  # fmt: skip
    found = json.loads(out)
    assert status == 0
    assert words in found["assumption_that_fails"]
    assert found["radius"] == radius
    assert found["radius_of_the_optimum"] == optimum


def test_delete_at_its_end_has_no_larger_attack() -> None:
    status, out, _ = bagcert(
        "--n", 30, "--k", 2, "--p-lower", "1", "--p-upper", "0", "--attack", "delete"
    )
    assert status == 0
    assert "no larger attack exists" in out


def test_a_sweep_writes_rows_and_a_picture(tmp_path: Path) -> None:
    table, picture = tmp_path / "sweep.csv", tmp_path / "sweep.png"
    status, out, error = bagcert(
        "--sweep", "--n", "4,9", "--k", "1,2,3", "--p-lower", "3/5,3/4,1", "--classes", 2,
        "--attack", "any,modify,insert,delete", "--residual", "none,integral,paper",
        "-o", table, "--plot", picture, "--json",
    )  # fmt: skip
    assert status == 0, error
    found = json.loads(out)
    assert found["settings"] == 2 * 3 * 3 * 4 * 3
    assert found["not_as_claimed"] == found["out_of_order"] == 0
    assert (
        found["radius_and_adversary_differ_by_one"] + found["no_larger_attack_exists"]
        == (found["where_the_assumptions_hold"])
    )
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == found["settings"]
    for row in rows:
        if not row["unmet_assumption"] and row["adversary_radius"]:
            assert int(row["adversary_radius"]) == int(row["radius"]) + 1
            assert row["optimum_radius"] == row["radius"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    status, _, error = bagcert("--sweep", "--n", 4, "--k", 1, "--p-lower", 1, "-o", table)
    assert status == 2
    assert "exists already" in error


def test_the_command_is_red_where_the_theorem_would_be_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certified radius one too large, or one too small, makes exit status 1."""
    from bagcert.proofs_checks.tightness import both_sides as module

    true = certified_poisoning_size
    for error in (1, -1):
        monkeypatch.setattr(
            module, "certified_poisoning_size", lambda *a, e=error, **b: (true(*a, **b) or 0) + e
        )
        assert bagcert(*BIG)[0] == 1
        assert bagcert("--sweep", "--n", 50, "--k", 2, "--p-lower", "3/4,1")[0] == 1


def test_disorder_and_cost_are_counted() -> None:
    def row(attack: Attack, residual: Residual, radius: int | None) -> Tightness:
        where = setting(2, 1, "1", None, attack=attack, residual=residual)
        return Tightness(where, radius, None, None, None, None, None, None)

    none, paper = Residual.NONE, Residual.PAPER
    fine = [row(Attack.ANY, none, 1), row(Attack.MODIFY, none, 1), row(Attack.DELETE, none, 3)]
    assert order_violations(fine) == 0
    assert order_violations([*fine, row(Attack.INSERT, none, 0)]) == 1
    assert order_violations([row(Attack.ANY, none, 1), row(Attack.MODIFY, none, 2)]) == 1
    (cost,) = residual_cost([*fine, row(Attack.ANY, paper, None), row(Attack.DELETE, paper, 3)])
    assert (cost.settings, cost.smaller, cost.largest, cost.lost) == (2, 1, 2, 1)
    assert len(sweep([Setting(2, 1, Fraction(1), Fraction(0), 2, Attack.ANY, none)])) == 1


def test_a_flip_becomes_visible_at_the_first_radius_that_is_wide_enough() -> None:
    where = setting(1000, 3, "4/5", "1/5")
    found = tightness(where)
    assert found.learner is not None
    assert found.adversary_radius is not None
    seen = visible_radius(where, found.adversary_radius, 500)
    assert seen is not None
    assert seen > found.adversary_radius

    def margin(radius: int) -> Fraction:
        after = where.adversary(radius).probabilities(True)
        return after[1] - after[0]

    assert margin(seen) ** 2 * 500 >= 36 > margin(seen - 1) ** 2 * 500
    one, same, other = (simulate(where.adversary(seen), 500, seed) for seed in (1, 1, 2))
    assert one == same != other
    assert one[0].winner == 0
    assert one[1].winner == 1
    assert one[0].decided
    assert one[1].decided


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--n", "3,4", "--k", 1, "--p-lower", "1"), "for --sweep"),
        (("--n", "x", "--k", 1, "--p-lower", "1"), "n must be an integer"),
        (("--n", 3, "--k", 1, "--p-lower", "1/5", "--p-upper", "2/5"), "--p-lower"),
        (("--n", 3, "--k", 1, "--p-lower", "1", "--attack", "flip"), "attack"),
        (("--n", 3, "--k", 1, "--p-lower", "1", "-o", "x.csv"), "--sweep"),
        (("--n", 3, "--k", 1, "--p-lower", "1", "--classes", 1), "classes"),
        (("--n", 3, "--k", 1, "--p-lower", "1", "--simulate", 0), "simulate"),
        (("--n", 3, "--k", 1, "--p-lower", "1", "--sweep", "--simulate", 5), "--simulate"),
    ],
)
def test_bad_options_get_one_line(arguments: tuple[object, ...], words: str) -> None:
    status, _, error = bagcert(*arguments)
    assert status == 2
    assert words in error
    assert error.count("\n") == 1


def test_lists_are_split_strictly() -> None:
    assert split_list("n", " 1, 2") == ["1", "2"]
    with pytest.raises(ValueError, match="separated by commas"):
        split_list("n", "1,,2")


def test_a_sweep_in_which_nothing_can_be_checked_is_no_success() -> None:
    never = ("--n", "2,3", "--k", 1, "--p-lower", "3/5", "--p-upper", "11/20", "--sweep")
    status, out, error = bagcert(*never, "--json")
    assert status == 2
    assert json.loads(out)["where_the_assumptions_hold"] == 0
    assert "nothing was checked" in error
    once = ("--n", "2,3", "--k", 1, "--p-lower", "3/5", "--p-upper", "11/20,2/5", "--sweep")
    status, out, _ = bagcert(*once, "--json")
    assert status == 0
    assert json.loads(out)["where_the_assumptions_hold"] > 0
