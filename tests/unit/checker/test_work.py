"""What a file may cost: work counted in steps, memory that does not grow with the file."""

import gzip
import hashlib
import io
import tracemalloc
from typing import Any

import pytest

from bagcert.reference import checker
from tests.vectors.certificates.files import plain
from tests.vectors.certificates.oracle import SELECTED, VOTES, build, dump, make, seal

GOOD = build(make(VOTES))
HEAD, *MIDDLE, END = GOOD.splitlines(keepends=True)


def judged(content: bytes) -> checker.Verdict:
    return checker.check_stream(io.BytesIO(content))


def resealed(old: bytes, new: bytes) -> bytes:
    body = GOOD[: -len(END)]
    assert old in body
    return seal(body.replace(old, new, 1).splitlines(keepends=True))


def test_more_work_than_the_text_allows_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = []
    original = checker.Examination.spend

    def spend(self: checker.Examination, steps: int, bits: int) -> None:
        original(self, steps, bits)
        spent.append((self.work, self.size))

    monkeypatch.setattr(checker.Examination, "spend", spend)
    assert judged(GOOD).status == "VALID"
    assert len(HEAD) < spent[-1][1] <= len(GOOD) - len(END)
    monkeypatch.setattr(checker, "WORK_PER_BYTE", 1)
    least = max(work - size for work, size in spent)
    monkeypatch.setattr(checker, "MAX_WORK", least)
    assert judged(GOOD).status == "VALID"
    monkeypatch.setattr(checker, "MAX_WORK", least - 1)
    found = judged(GOOD)
    assert found.status == "MALFORMED"
    assert found.message == f"more work than {least - 1} steps and 1 a byte of text"


def test_work_is_weighed_by_the_length_of_the_numbers() -> None:
    examination = checker.Examination(io.BytesIO())
    for bits, weight in (
        (0, 1),
        (511, 1),
        (512, 2),
        (1023, 2),
        (1024, 3),
        (2048, 9),
        (2**17, 4097),
    ):
        examination.work = 0
        examination.spend(7, bits)
        assert examination.work == 7 * weight


def test_the_budget_is_met_to_the_step() -> None:
    for size in (0, 3):
        examination = checker.Examination(io.BytesIO())
        examination.size += size
        examination.spend(3_000_000 + 20 * size, 96)
        with pytest.raises(checker.Fault, match="more work than 3000000 steps and 20 a byte"):
            examination.spend(1, 96)


def test_a_comparison_costs_eight_steps_for_each_digit_of_k() -> None:
    spent: list[tuple[int, int]] = []
    for k, digits in ((1, 1), (3, 2), (4, 3), (1000, 10)):
        spent.clear()
        judge = checker.Judge(
            SELECTED | {"examples": 1, "n": 50, "k": k}, lambda *cost: spent.append(cost)
        )
        assert judge.larger(lambda bits: (2, 2, 0), lambda bits: (1, 1, 0))
        assert not judge.larger(lambda bits: (1, 1, 0), lambda bits: (1, 1, 0))
        assert spent == 2 * [(8 * digits, 128)]
        # Open at 128 bits and at 512, decided at 2048.
        spent.clear()
        assert judge.larger(lambda bits: (2 if bits > 512 else 0, 3, 0), lambda bits: (1, 1, 0))
        assert [bits for _, bits in spent] == [128, 512, 2048]
        for low, high in ((1, 3), (0, 2)):  # open by one: equal is not larger, nor is it smaller

            def closing(bits: int, low: int = low, high: int = high) -> checker.Between:
                return (low, high, 0) if bits < 512 else (2, 2, 0)

            assert judge.larger(closing, lambda bits: (1, 1, 0))


COSTLY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a false bound": (
        {"models": 10**6, "classes": 2, "method": "cohen", "alpha": "9/10"},
        {"counts": [600_000, 400_000], "label": 0, "p_lower": "0x1.0000000000000p-1",
         "p_upper": "0x1.0000000000000p-1", "radius": 10**19},
    ),
    "few lists": (
        {"n": 1, "k": 1, "models": 10**6, "classes": 2, "method": "cohen", "alpha": "9/10"},
        {"counts": [600_000, 400_000], "abstain": "residual"},
    ),
    "bounds that nearly meet": (
        {"models": 10**6, "method": "simuem", "alpha": "9/10", "n": 10**12, "k": 26_214},
        {"counts": [400_200, 400_000, 199_800], "abstain": "bounds"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTLY)
def test_the_costliest_rows_are_cheap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to minutes a row in a kernel that summed series and computed powers whole."""
    changes, claim = COSTLY[name]
    content = seal([dump(SELECTED | {"examples": 1} | changes), dump({"index": 0} | claim)])
    work = []
    original = checker.Examination.spend

    def spend(self: checker.Examination, steps: int, bits: int) -> None:
        original(self, steps, bits)
        work.append(self.work)

    monkeypatch.setattr(checker.Examination, "spend", spend)
    found = judged(content)
    assert found.field == ("p_lower" if "label" in claim else None)
    assert work[-1] < (50_000 if "label" in claim else 2_000)


def test_a_gzip_bomb_and_a_long_file_cost_no_memory() -> None:
    line = dump(make([[18, 1, 1]])[1][0])
    rows = 20_000
    head = dump(SELECTED | {"examples": rows})
    body = b"".join([head, *(line.replace(b'":0', b'":%d' % i, 1) for i in range(rows))])
    digest = hashlib.sha256(body).hexdigest()
    long = body + dump({"count": rows, "sha256": digest})
    for content, status in ((gzip.compress(b" " * 2**27), "MALFORMED"), (plain(long), "VALID")):
        tracemalloc.start()
        assert judged(content).status == status
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2**23
