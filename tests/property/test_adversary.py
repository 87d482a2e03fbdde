"""At large n and k: refused at r*, overturned at r* + 1, for every attack and exact residual."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bagcert.reference import Attack, Residual, adversary, certified_poisoning_size
from bagcert.reference.theorem2.assumptions import unmet_assumption

FRACTIONS = st.fractions(0, 1, max_denominator=10**6)


@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("residual", [Residual.NONE, Residual.INTEGRAL])
@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 10**6), k=st.integers(1, 10**3), c=st.integers(2, 20), data=st.data())
def test_refused_at_the_radius_and_overturned_beyond(
    attack: Attack, residual: Residual, n: int, k: int, c: int, data: st.DataObject
) -> None:
    p_l = data.draw(FRACTIONS)
    share = data.draw(FRACTIONS)
    least = (1 - p_l) / (c - 1)
    p_s = least + share * (1 - p_l - least)  # where p_l + p_s <= 1 <= p_l + (c-1) p_s
    assume(unmet_assumption(n, k, p_l, p_s, c, residual) is None)
    radius = certified_poisoning_size(n, k, p_l, p_s, attack=attack, residual=residual)
    if radius is not None:
        for r in {0, radius // 2, radius}:
            with pytest.raises(ValueError, match="there is none"):
                adversary(n, k, p_l, p_s, r, c, attack=attack, residual=residual)
    r = 0 if radius is None else radius + 1
    if attack is Attack.DELETE and r == n:
        with pytest.raises(ValueError, match="nothing would be left"):
            adversary(n, k, p_l, p_s, r, c, attack=attack, residual=residual)
        return
    learner = adversary(n, k, p_l, p_s, r, c, attack=attack, residual=residual)
    size, kept = learner.poisoned
    clean, after = learner.probabilities(False), learner.probabilities(True)
    assert max(n, size) - kept == r
    assert sum(clean) == sum(after) == 1
    assert clean[0] >= p_l
    assert max(clean[1:]) <= p_s
    assert after[0] <= max(after[1:])
    assert learner.overturns
    drawn = [data.draw(st.integers(0, n - 1)) for _ in range(3)]
    law = learner.law((drawn * k)[:k])
    assert sum(law.values()) == 1
    assert residual is Residual.NONE or len(law) == 1
    assert all(clean[label] > 0 for label in law)
    assert Fraction(0) not in law.values()
