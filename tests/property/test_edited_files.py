"""Scripts of edits on true certificate files, sealed again: VALID exactly where all of it is true.

After each step the file is judged by the kernel, read by the reader, and its claims are computed
again from its header and counts by ``reference`` (:func:`tests.fuzz.certificates.judged`).
"""

import random
from collections import Counter
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.fuzz import drafts, edits, packing
from tests.fuzz.certificates import judged
from tests.fuzz.drafts import Draft
from tests.fuzz.edits import Edit

SEEN = Counter[str]()
RANDOM = st.randoms(use_true_random=False)
SETTINGS = settings(
    max_examples=150, stateful_step_count=20, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # it looks at the clock
)  # fmt: skip


def step(edit: Edit) -> Any:
    """The rule of one edit. What it makes malformed is taken back, and half of what it makes false,
    so that the next edit meets a file of which something can be said."""

    def taken(self: "EditedFile", drawn: random.Random) -> None:
        before = deepcopy(self.draft)
        edit(drawn, self.draft)
        outcome, verdict = judged(self.draft.content())
        SEEN[outcome] += 1
        if verdict.status == "MALFORMED" or (verdict.status == "INVALID" and drawn.randrange(2)):
            self.draft = before

    taken.__name__ = edit.__name__
    return rule(drawn=RANDOM)(taken)


class EditedFile(RuleBasedStateMachine):
    """One file under edits; the summary fits whatever the lines say, unless it is edited too."""

    draft: Draft

    @initialize(seed=st.integers(0, 999))
    def true_file(self, seed: int) -> None:
        self.draft = drafts.fresh(seed)
        assert judged(self.draft.content())[1].status == "VALID"

    bound_moved = step(edits.bound_moved)
    bound_spelled = step(edits.bound_spelled)
    vote_moved = step(edits.vote_moved)
    count_changed = step(edits.count_changed)
    claim_changed = step(edits.claim_changed)
    radius_moved = step(edits.radius_moved)
    edge_met = step(edits.edge_met)
    number_changed = step(edits.number_changed)
    word_changed = step(edits.word_changed)
    outcome_turned = step(edits.outcome_turned)
    issued = step(edits.issued)
    rows_changed = step(edits.rows_changed)
    truth_changed = step(edits.truth_changed)
    field_changed = step(edits.field_changed)
    summary_changed = step(edits.summary_changed)

    @rule(drawn=RANDOM)
    def told_again(self, drawn: random.Random) -> None:
        """The header fits the rows, and every claim is made again: a true file, if it can be."""
        edits.summary_restored(drawn, self.draft)
        edits.settled(drawn, self.draft)
        edits.retold(drawn, self.draft)
        SEEN[judged(self.draft.content())[0]] += 1

    @rule(drawn=RANDOM)
    def packed(self, drawn: random.Random) -> None:
        """The file as gzip of some kind, right or wrong: nothing that is not VALID becomes it."""
        text = self.draft.content()
        found, plain = judged(packing.packed(drawn, text))[1], judged(text)[1]
        assert found.status in (plain.status, "MALFORMED")
        SEEN[f"packed {found.status}"] += 1


def test_only_the_truth_is_valid() -> None:
    """Every verdict is met, after edits too; no file is too large to be computed again."""
    SEEN.clear()
    run_state_machine_as_test(EditedFile, settings=SETTINGS)
    print(dict(SEEN))
    assert min(SEEN[status] for status in ("VALID", "INVALID", "MALFORMED, not read")) > 20
    assert min(SEEN[f"packed {status}"] for status in ("VALID", "INVALID", "MALFORMED")) > 0
    assert "VALID, too large to recompute" not in SEEN
