"""The files that cost the kernel most for their length: steps within the stated budget, counted.

`tests/benchmarks/worst_certificates.py` makes them, and gives the seconds.
"""

import io
from typing import NamedTuple

import pytest

from bagcert.reference import checker
from tests.benchmarks.worst_certificates import FILES, meeting

#: The budget as SECURITY.md states it: steps for any file, and for a byte of text.
STEPS, A_BYTE = 3_000_000, 20
ROWS = 8


class Spent(NamedTuple):
    """Steps so far, the line that asked for them, and the bytes up to its end."""

    work: int
    line: int
    size: int

    @property
    def beyond_the_text(self) -> int:
        return self.work - A_BYTE * self.size


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[Spent]:
    """What a judgement asks of the budget, the refused step too."""
    found: list[Spent] = []
    original = checker.Examination.spend

    def spend(self: checker.Examination, steps: int, bits: int) -> None:
        try:
            original(self, steps, bits)
        finally:
            found.append(Spent(self.work, self.line, self.size))

    monkeypatch.setattr(checker.Examination, "spend", spend)
    return found


def judged(content: bytes) -> tuple[checker.Verdict, int]:
    """The verdict, and the rows that were found true."""
    rows: list[object] = []
    verdict = checker.check_stream(io.BytesIO(content), on_row=lambda _, row: rows.append(row))
    return verdict, len(rows)


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"bounds that meet"}))
def test_the_steps_for_a_byte_are_enough(
    name: str, spent: list[Spent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the file, as those for any file are not touched; to the step."""
    content = FILES[name](ROWS)
    monkeypatch.setattr(checker, "MAX_WORK", 0)
    verdict, rows = judged(content)
    assert (verdict.status, rows) == ("VALID", ROWS), str(verdict)
    assert len(content) < spent[-1].work < A_BYTE * len(content)  # neither idle, nor beyond
    dearest = max(spent, key=lambda one: one.beyond_the_text)  # the first of equals
    monkeypatch.setattr(checker, "MAX_WORK", dearest.beyond_the_text)
    assert judged(content)[0].status == "VALID"
    monkeypatch.setattr(checker, "MAX_WORK", dearest.beyond_the_text - 1)
    verdict, rows = judged(content)
    assert (verdict.status, verdict.line, rows) == ("MALFORMED", dearest.line, dearest.line - 2)
    assert verdict.message.endswith(f" steps and {A_BYTE} a byte of text")


def test_beyond_the_budget_a_file_is_malformed_at_the_line_that_asks_for_more(
    spent: list[Spent],
) -> None:
    """The worst file that was found: nothing in it is false, and it is refused."""
    verdict, rows = judged(meeting(110))
    *before, last = spent
    assert last.beyond_the_text > STEPS >= max(one.beyond_the_text for one in before)
    assert last.work > 400 * last.size
    assert (verdict.status, verdict.line) == ("MALFORMED", last.line)
    assert verdict.message == f"more work than {STEPS} steps and {A_BYTE} a byte of text"
    assert 90 < rows == last.line - 2


def test_the_same_rows_are_true_as_far_as_the_budget_goes() -> None:
    verdict, rows = judged(meeting(ROWS))
    assert (verdict.status, rows) == ("VALID", ROWS), str(verdict)
