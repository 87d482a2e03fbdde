"""Plans: each number beside its neighbour, by certifying both."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from bagcert.reference import Attack, Certificate, Method, Residual, certify
from bagcert.reference.planning import largest_list, plan
from bagcert.reference.setting import Setting
from tests.cli.test_commands import bagcert


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
