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
