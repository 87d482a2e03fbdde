"""Certificate files: the same bytes from one process and from several."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.certification import certificate_file as certification
from bagcert.fastpath.certification.certificate_file import certify_file
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import Attack, Method, Residual, check_certificate
from bagcert.reference.certificate.schema import Scope


def test_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.Generator(np.random.Philox(2))
    counts = drawn.multinomial(50, [0.75, 0.15, 0.1], 60)
    header = {"format": "bagcert-votes/1", "n": 300, "k": 10, "models": 50, "classes": 3}
    votes = Votes(counts, labels=np.zeros(60, int), header=header)
    monkeypatch.setattr(certification, "_LARGE", 49)
    distinct = len({tuple(sorted(row)[1:]) for row in counts.tolist()})
    written = []
    for processes in (1, 2):
        path, seen = tmp_path / f"{processes}.jsonl", []
        certify_file(
            votes, path, Fraction(1, 20), method=Method.SELECTED, scope=Scope.EACH,
            attack=Attack.ANY, residual=Residual.PAPER, processes=processes,
            progress=lambda done, total, seen=seen: seen.append((done, total)),
        )  # fmt: skip
        assert seen[-1][0] == seen[-1][1] >= distinct
        assert check_certificate(path).status == "VALID"
        written.append(path.read_bytes())
    assert written[0] == written[1]
