"""``bagcert claims`` as a reader of the paper types it."""

import json
from functools import partial

import pytest

from bagcert.proofs_checks.claims import equation7
from bagcert.proofs_checks.evidence.claim import Kind
from bagcert.reference.theorem1 import worst_size
from tests.command import bagcert as typed

bagcert = partial(typed, "claims")


def test_every_claim_is_supported_and_the_errata_are_errata() -> None:
    code, out, error = bagcert("--json")
    assert code == 0, error
    found = json.loads(out)
    entries = {entry["id"]: entry for entry in found["claims"]}
    assert len(entries) == len(found["claims"]) >= 30
    assert found["statuses"]["unsupported"] == 0
    for entry in entries.values():
        coq = Kind.COQ.value in entry["kinds"]
        assert coq or entry["statement"].endswith(".")
        assert entry["evidence"]
        assert entry["refuted_by"].endswith(".")
        assert all(part["established"] for part in entry["evidence"])
        assert entry["status"] != "not checked here" or coq
        assert all(part["supported"] is True or coq for part in entry["evidence"])
    for number in (4, 5, 6, 7, 8, 9, 11):
        entry = entries[f"erratum-{number}"]
        assert entry["status"] == "holds with repair"
        assert "counterexample" in entry["kinds"]
    assert entries["erratum-10"]["status"] == "holds"  # correct, and unnecessary
    for name in ("theorem-1", "theorem-2", "corollary-1", "corollary-2", "corollary-3", "lemma-1"):
        assert entries[name]["status"] == "holds"


def test_one_claim_is_a_table_entry() -> None:
    code, out, error = bagcert("--claim", "eq-55", "--claim", "erratum-9")
    assert code == 0
    first, *_, last = out.splitlines()
    assert first.split()[:3] == ["eq-55", "(55)", "holds"]
    assert first.endswith("symbolic")
    assert "Fails: Case II" in out
    assert "Instead: It begins at r = n (1 - (1/2)^(1/(k-1)))" in out
    assert "    Refuted by: The program's maximiser at n = 12, k = 2: not n at some r <= 6" in out
    assert "- against it, counterexample: at n = 12, k = 2" in out
    assert last == "2 claims: 1 holds, 1 holds with repair"
    assert "not supported" not in error


def test_a_check_that_stops_supporting_its_claim_is_exit_status_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true = worst_size
    monkeypatch.setattr(equation7, "worst_size", lambda n, k, r: true(n, k, r) + 1)
    code, out, error = bagcert("--claim", "unique-maximiser")
    assert code == 1
    assert "- exhaustive: NOT SUPPORTED: no unique maximiser at n=1, k=1, r=0" in out
    assert "not supported by its checks: unique-maximiser" in error
    code, out, _ = bagcert("--claim", "unique-maximiser", "--json")
    assert code == 1
    (entry,) = json.loads(out)["claims"]
    assert entry["status"] == "unsupported"
    parts = [part["supported"] for part in entry["evidence"] if part["kind"] != "coq"]
    assert parts == [True, False]


def test_an_unknown_claim_names_those_that_exist() -> None:
    code, out, error = bagcert("--claim", "theorem-9")
    assert code == 2
    assert out == ""
    assert "'theorem-9'" in error
    assert "theorem-1, " in error
