"""Plans: each number beside its neighbour, by certifying both."""

import json
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import pytest

from bagcert.reference import (
    Attack,
    Certificate,
    Method,
    Residual,
    certified_poisoning_size,
    certify,
)
from bagcert.reference.planning import _first, largest_list, plan
from bagcert.reference.setting import Setting
from tests.command import bagcert


def unanimous(setting: Setting) -> int:
    votes = [setting.models, *[0] * (setting.classes - 1)]
    found = certify(
        votes, setting.n, setting.k, setting.level,
        method=setting.method, attack=setting.attack, residual=setting.residual,
    )  # fmt: skip
    return found.radius if isinstance(found, Certificate) else -1


@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("residual", list(Residual))
def test_the_largest_k_certifies_and_the_next_does_not(attack: Attack, residual: Residual) -> None:
    for n, target in ((1000, 20), (60, 1), (60, 30)):
        setting = Setting(n, 1, 3, 200, Fraction(1, 1000), Method.SELECTED, attack, residual)
        found = largest_list(setting, target)
        if found is None:
            assert unanimous(setting) < target
            continue
        assert unanimous(replace(setting, k=found)) >= target
        if (found + 1) * n.bit_length() <= 2**20:
            assert unanimous(replace(setting, k=found + 1)) < target


def test_without_residuals_it_is_the_largest_of_all() -> None:
    setting = Setting(40, 1, 2, 100, Fraction(1, 100), residual=Residual.NONE)
    for target in (1, 3, 10, 19, 20):
        certifying = [k for k in range(1, 60) if unanimous(replace(setting, k=k)) >= target]
        assert largest_list(setting, target) == max(certifying, default=None)
    assert largest_list(setting, 0) == 2**20 // 6  # no k is too large for r = 0


def test_a_grid_says_what_its_plans_say_one_by_one() -> None:
    common = ("--n", 1000, "--classes", 3, "--examples", 5, "--radius", 20)
    status, out, _ = bagcert("plan", *common, "--k", "50,10", "--models", "10,200", "--json")
    grid = json.loads(out)
    assert (status, grid["possible"], grid["what_to_change"]) == (0, True, [])
    assert [(cell["k"], cell["models"]) for cell in grid["cells"]] == [
        (10, 10), (10, 200), (50, 10), (50, 200),
    ]  # fmt: skip
    for cell in grid["cells"]:
        alone = plan(1000, cell["k"], 3, cell["models"], 5, "1/1000", 20)
        assert cell["votes_that_always_suffice"] == alone.sufficient_votes
        assert cell["radius_no_N_can_exceed"] == alone.limit
    setting = Setting(1000, 1, 3, 200, Fraction(1, 5000))
    assert grid["largest_k"] == largest_list(setting, 20)


def test_a_grid_in_which_nothing_is_certified_says_what_to_change() -> None:
    common = ("--n", 1000, "--classes", 3, "--examples", 5)
    status, out, _ = bagcert("plan", *common, "--k", "500,600", "--models", 200, "--radius", 20)
    assert status == 1
    assert "a smaller k: up to" in out
    assert "a smaller radius: no N certifies more than 1 at these k" in out
    status, out, _ = bagcert("plan", *common, "--k", "10,20", "--models", 5, "--radius", 20)
    assert status == 1
    assert "more models: N = " in out
    status, out, error = bagcert("plan", *common, "--k", "ten", "--models", 5, "--radius", 20)
    assert (status, error) == (
        2, "bagcert: error: --k must be integers separated by commas, not 'ten'\n",
    )  # fmt: skip


def test_without_lists_the_grid_has_its_own() -> None:
    status, out, _ = bagcert("plan", "--n", 1000, "--classes", 2, "--examples", 1, "--radius", 5)
    assert status == 0
    assert "N = 100000" in out
    assert "largest k that certifies r with N = 100000: " in out


def certified(votes: list[int], target: int, level: Fraction, **chosen: str) -> bool:
    found = certify(votes, 30, 2, level, **chosen)
    return isinstance(found, Certificate) and found.radius >= target


@pytest.mark.parametrize(
    ("method", "attack", "scope"),
    [("simuem", "any", "each"), ("cohen", "delete", "simultaneous"), ("selected", "any", "each")],
)
def test_a_plan_beside_every_vote_there_is(method: str, attack: str, scope: str) -> None:
    level = Fraction(1, 10) / (1 if scope == "each" else 4)
    chosen = {"method": method, "attack": attack, "residual": "none"}
    limit = certified_poisoning_size(30, 2, 1, 0, attack=attack, residual="none")
    for total in (6, 17):
        tables = [
            [top, second, total - top - second]
            for top in range(total + 1)
            for second in range(max(0, total - 2 * top), min(top, total - top) + 1)
        ]
        for target in (0, 3, 5, 29):
            outcomes: dict[int, set[bool]] = {}
            for votes in tables:
                outcomes.setdefault(votes[0], set()).add(certified(votes, target, level, **chosen))
            found = plan(30, 2, 3, total, 4, "1/10", target, scope=scope, **chosen)
            assert found.sufficient_votes == min(
                (t for t in outcomes if all(outcomes[t])), default=None
            )
            assert found.necessary_votes == min(
                (t for t in outcomes if any(outcomes[t])), default=None
            )
            assert found.possible == any(map(any, outcomes.values()))
            assert (found.level, found.limit) == (level, limit)
        best = certify([total, 0, 0], 30, 2, level, **chosen)
        assert found.largest_radius == (best.radius if isinstance(best, Certificate) else None)


def test_the_fewest_models_certify_and_one_fewer_do_not() -> None:
    chosen = {"method": "cohen", "attack": "delete", "residual": "none"}
    level = Fraction(1, 10)
    for target in (0, 1, 5, 20, 28, 29):
        found = plan(30, 2, 3, 1, 4, level, target, scope="each", **chosen).smallest_models
        assert found is not None
        assert certified([found, 0, 0], target, level, **chosen)
        assert found == 1 or not certified([found - 1, 0, 0], target, level, **chosen)
    beyond = plan(30, 2, 3, 1, 4, level, 30, scope="each", **chosen)
    assert (beyond.smallest_models, beyond.limit, beyond.possible) == (None, 29, False)
    nothing = plan(2, 1, 2, 9, 1, "1/2", 1, residual="paper")
    assert (nothing.limit, nothing.smallest_models) == (0, None)


def test_a_plan_wants_no_negative_radius() -> None:
    with pytest.raises(ValueError, match="radius must be at least 0"):
        plan(30, 2, 3, 9, 1, "1/10", -1)


def test_the_largest_radius_is_that_of_votes_that_all_agree() -> None:
    # The sign test is met exactly by 10 of 10 votes; with one vote more, against, it is not.
    level = Fraction(100, 2**10)
    found = plan(30, 2, 2, 10, 1, level, 0, residual="none")
    due = certify([10, 0], 30, 2, level, residual="none")
    assert isinstance(due, Certificate)
    assert found.largest_radius == due.radius
    assert (found.sufficient_votes, found.necessary_votes) == (10, 10)
    with pytest.raises(FrozenInstanceError):
        found.limit = 1  # type: ignore[misc]
    assert not hasattr(found, "__dict__")


def test_no_gap_is_no_radius_and_half_a_list_is_radius_0() -> None:
    # n = 2, k = 1. `paper`: floor(2 p_l) - ceil(2 p_s) = 0. `none`: 0 < 2 (p_l - p_s) < 1.
    for residual, due in (("paper", None), ("none", 0)):
        found = plan(2, 1, 2, 4, 1, "1/2", 0, method="cohen", residual=residual)
        assert found.largest_radius == due


@pytest.mark.parametrize(("n", "most"), [(1, 2**20), (2, 2**19)])
def test_any_list_within_the_limit_certifies_radius_0(n: int, most: int) -> None:
    setting = Setting(n, 1, 2, 100, Fraction(1, 100), residual=Residual.NONE)
    assert largest_list(setting, 0) == most


def test_the_first_value_is_found_without_leaving_the_range() -> None:
    for low in (-3, 0, 5):
        for high in range(low, low + 40):
            for first in range(low, high + 2):

                def holds(v: int, low: int = low, high: int = high, first: int = first) -> bool:
                    assert low <= v <= high
                    return v >= first

                assert _first(low, high, holds) == (first if first <= high else None)
