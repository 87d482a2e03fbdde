"""Scripts of edits on true certificate files, sealed again: VALID exactly where all of it is true.

After each step the file is judged by the kernel, read by the reader, and its claims are computed
again from its header and counts by ``reference`` (:func:`tests.fuzz.certificates.judged`).
"""

import random
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fuzz import edits
from tests.fuzz.certificates import judged
from tests.fuzz.edits import Draft, Edit

SEEN = Counter[str]()
RANDOM = st.randoms(use_true_random=False)
SETTINGS = settings(max_examples=120, stateful_step_count=12, deadline=None)


class EditedFile(RuleBasedStateMachine):
    """One file under edits; the summary fits whatever the lines say, unless it is edited too."""

    draft: Draft

    @initialize(seed=st.integers(0, 999))
    def true_file(self, seed: int) -> None:
        self.draft = edits.fresh(seed)
        assert judged(self.draft.content())[1].status == "VALID"

    @rule(edit=st.sampled_from(edits.GENTLE), drawn=RANDOM)
    def change(self, edit: Edit, drawn: random.Random) -> None:
        """One claim, count, row, word or number, or the summary."""
        edit(drawn, self.draft)

    @rule(edit=st.sampled_from(edits.EDITS), drawn=RANDOM)
    def damage(self, edit: Edit, drawn: random.Random) -> None:
        """Any edit, spellings and types of fields among them."""
        edit(drawn, self.draft)

    @rule(drawn=RANDOM)
    def tell_the_truth(self, drawn: random.Random) -> None:
        """The header fits the rows, and every claim is made again: mostly a true file."""
        edits.summary_restored(drawn, self.draft)
        edits.settled(drawn, self.draft)
        edits.retold(drawn, self.draft)

    @rule(drawn=RANDOM)
    def pack(self, drawn: random.Random) -> None:
        """The file as gzip of some kind, right or wrong: nothing that is not VALID becomes it."""
        text = self.draft.content()
        packed, plain = judged(edits.packed(drawn, text))[1], judged(text)[1]
        assert packed.status in (plain.status, "MALFORMED")
        SEEN[f"packed {packed.status}"] += 1

    @invariant()
    @precondition(lambda self: hasattr(self, "draft"))
    def only_the_truth_is_valid(self) -> None:
        outcome, _ = judged(self.draft.content())
        SEEN[outcome] += 1


def test_only_the_truth_is_valid() -> None:
    """Every verdict is met, after edits too; no file is too large to be computed again."""
    SEEN.clear()
    run_state_machine_as_test(EditedFile, settings=SETTINGS)
    print(dict(SEEN))
    assert min(SEEN[status] for status in ("VALID", "INVALID", "MALFORMED, not read")) > 20
    assert min(SEEN[f"packed {status}"] for status in ("VALID", "INVALID", "MALFORMED")) > 0
    assert "VALID, too large to recompute" not in SEEN
