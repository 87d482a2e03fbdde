"""The optimum over all learners: its proof, and brute force beside it."""

from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest

from bagcert.proofs_checks.enumeration.learners import counted_margins, literal_margins
from bagcert.proofs_checks.tightness import optimum as module
from bagcert.proofs_checks.tightness.optimum import optimum, optimum_radius, worst_margin
from bagcert.reference.poisoning import Attack, Poisoned, kept_examples, poisoned_sizes


def test_counting_learners_agrees_with_going_through_them() -> None:
    cases = 0
    for n, k, size, kept, c in (
        (2, 1, 2, 1, 2), (2, 2, 2, 1, 2), (3, 1, 3, 1, 3), (3, 1, 4, 2, 4), (2, 2, 1, 1, 4),
        (2, 2, 3, 2, 2), (3, 2, 2, 2, 3), (2, 3, 2, 1, 2), (4, 1, 2, 0, 4), (1, 3, 2, 1, 3),
    ):  # fmt: skip
        poisoned = Poisoned(size, kept)
        literal, learners = literal_margins(n, k, poisoned, c)
        counted, _ = counted_margins(kept**k, n**k - kept**k, c)
        assert (literal == counted - (size**k - kept**k)).all()
        cases += learners
    assert cases > 50_000


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("c", [2, 3, 4])
def test_the_optimum_is_the_least_that_brute_force_finds(parts: int, c: int) -> None:
    """Off the grid too: learners of ``parts`` n^k lists stand for rational ones of n^k."""
    for n, k, size, kept in ((3, 1, 3, 2), (2, 2, 3, 2), (3, 2, 2, 2), (2, 2, 2, 0), (4, 1, 5, 3)):
        lists, shared = n**k, kept**k
        table, _ = counted_margins(parts * shared, parts * (lists - shared), c)
        for a in range(parts * lists + 1):
            for b in range(parts * lists + 1):
                p_l, p_s = Fraction(a, parts * lists), Fraction(b, parts * lists)
                found = optimum(n, k, p_l, p_s, c, Poisoned(size, kept))
                least = Fraction(int(table[a, b]), parts) - (size**k - shared)
                assert found.margin == least / size**k, (n, k, size, kept, a, b)


def test_deterministic_learners_are_rounded() -> None:
    for a in range(0, 31):
        for b in range(0, 31):
            p_l, p_s = Fraction(a, 30), Fraction(b, 30)
            table, _ = counted_margins(4, 5, 3)
            found = optimum(3, 2, p_l, p_s, 3, Poisoned(3, 2), "integral")
            least = table[-(-9 * a // 30), 9 * b // 30] - 5
            assert found.margin == Fraction(int(least), 9)


@pytest.mark.parametrize("attack", list(Attack))
def test_the_worst_margin_is_the_least_over_every_poisoned_size(attack: Attack) -> None:
    for n, k, c in ((5, 2, 2), (4, 3, 3), (6, 1, 4)):
        for r in range(n + 2):
            sizes = poisoned_sizes(n, r, attack)
            for p_l, p_s in (("4/5", "1/5"), ("3/5", "1/3"), ("1", "0"), ("2/3", "1/9")):
                every = [
                    optimum(n, k, p_l, p_s, c, Poisoned(size, kept_examples(n, size, r))).margin
                    for size in sizes
                ]
                worst = worst_margin(n, k, p_l, p_s, c, r, attack)
                assert (worst.margin if worst else None) == min(every, default=None)


def test_it_stops_where_a_scan_stops() -> None:
    for attack in Attack:
        for p_l, p_s in (("4/5", "1/5"), ("1/2", "1/2"), ("1", "0"), ("3/5", "1/10")):
            best = None
            for r in range(9):
                worst = worst_margin(9, 2, p_l, p_s, 3, r, attack)
                if worst is not None and worst.margin <= 0:
                    break
                best = r
            assert optimum_radius(9, 2, p_l, p_s, 3, attack) == best


@pytest.mark.parametrize("dropped", range(len(module.DUALS)))
def test_without_its_dual_there_is_no_proof(dropped: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every dual solution is needed somewhere, and its absence is noticed."""
    rest = tuple(dual for i, dual in enumerate(module.DUALS) if i != dropped)
    monkeypatch.setattr(module, "DUALS", rest)
    refused = 0
    for size, kept in ((4, 3), (4, 1), (6, 3), (2, 2), (4, 0)):
        for a in range(0, 17, 2):
            for b in range(0, 17, 2):
                with suppress(ArithmeticError):
                    optimum(4, 2, Fraction(a, 16), Fraction(b, 16), 3, Poisoned(size, kept))
                    continue
                refused += 1
    assert refused


def test_false_proofs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(**changes: Any) -> None:
        found = optimum(4, 2, "5/8", "1/4", 3, Poisoned(4, 3))
        primal, dual = found.primal, found.dual
        module._verified(
            found.programme,
            primal._replace(**{k: v for k, v in changes.items() if hasattr(primal, k)})
            if not changes.get("dual") else primal,
            changes.get("dual", dual),
            integral=False,
        )  # fmt: skip

    attempt()
    zero, one = Fraction(0), Fraction(1)
    for change, words in (
        ({"top": (zero, zero, zero)}, "share out"),
        ({"top": (-one, one * 11, zero)}, "less than no list"),
        ({"dual": module.Dual((0, -1, -1), -1, 1, 0)}, "negative multiplier"),
        ({"dual": module.Dual((5, -1, -1), 1, 1, 0)}, "infeasible"),
        ({"dual": module.Dual((-1, 0, -1), 0, 0, 0)}, "no proof"),
    ):
        with pytest.raises(ArithmeticError, match=words):
            attempt(**change)


def test_domain() -> None:
    with pytest.raises(ValueError, match="kept"):
        optimum(3, 1, "3/5", "1/5", 3, Poisoned(3, 4))
    with pytest.raises(ValueError, match="classes"):
        optimum(3, 1, "3/5", "1/5", 1, Poisoned(3, 2))
    with pytest.raises(TypeError, match="p_lower"):
        optimum(3, 1, 0.6, "1/5", 3, Poisoned(3, 2))  # type: ignore[arg-type]
