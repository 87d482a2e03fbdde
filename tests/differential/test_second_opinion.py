"""The second checker, proved in Coq, against the kernel, ``reference`` and the fast path.

Files are those of the corpus, and generated ones: half are true, half are forged by one change and
sealed again (:mod:`bagcert.proofs_checks.forgeries`). More of them by hand:
``python -m bagcert.proofs_checks.second_opinion --count 100000``.
"""

import gzip
import hashlib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from bagcert.proofs_checks import second_opinion as module
from bagcert.proofs_checks import verdicts
from bagcert.proofs_checks.forgeries import generated
from bagcert.proofs_checks.second_opinion import BINARY, Opinion, main, second_opinion
from bagcert.reference import Header, Row, certify, checker
from bagcert.reference.certificate.schema import encode_header, encode_line, encode_row

built = pytest.mark.skipif(not BINARY.exists(), reason="run `make proofs`")
FILES = 600


CORPUS = Path(__file__).parents[1] / "vectors" / "certificates"
FOLDERS = ("valid", "invalid", "malformed")
CASES = sorted(path for folder in FOLDERS for path in (CORPUS / folder).glob("*.jsonl*"))


@built
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_corpus_is_judged_as_the_kernel_judges_it(path: Path) -> None:
    kernel, second = checker.check(path), second_opinion(path)
    assert second.status == path.parent.name.upper()
    assert (second.status, second.line) == (kernel.status, kernel.line)
    if second.status == "INVALID":
        assert second.field == kernel.field


@pytest.mark.parametrize("folder", FOLDERS)
def test_reference_and_fast_path_accept_the_valid_files_alone(folder: str, tmp_path: Path) -> None:
    copy = tmp_path / "cert.jsonl"
    paths = [path for path in CASES if path.parent.name == folder]
    assert len(paths) >= 30
    for path in paths:
        copy.write_bytes(path.read_bytes())
        found = verdicts.reference_accepts(copy), verdicts.fast_path_accepts(copy)
        assert found == (folder == "valid",) * 2, path.name


@built
def test_all_four_agree_on_generated_files(tmp_path: Path) -> None:
    said: list[str] = []
    found = verdicts.compare(range(FILES), differs=said.append)
    assert said == []
    assert found.differ == 0
    assert found.seen.total() == FILES
    # Every verdict is there, on forged files too.
    assert found.seen["VALID true"] > FILES / 3
    assert all(found.seen[f"{status} forged"] > 20 for status in ("VALID", "INVALID", "MALFORMED"))


@built
def test_every_kind_of_false_claim_is_named_alike(tmp_path: Path) -> None:
    fields = Counter[str | None]()
    path = tmp_path / "cert.jsonl"
    for seed in range(1, FILES, 2):
        path.write_bytes(generated(seed)[1])
        kernel, second = checker.check(path), second_opinion(path)
        if second.status == "INVALID":
            assert second.field == kernel.field, seed
            fields[second.field] += 1
    wanted = {"abstain", "label", "p_lower", "p_upper", "radius", "worst_size"}
    assert wanted | {"certified_accuracy"} <= {*fields}


@built
def test_a_gzip_member_is_judged_as_its_text(tmp_path: Path) -> None:
    content = next(c for s in range(0, 100, 2) if (c := generated(s)[1])[:2] != b"\x1f\x8b")
    path = tmp_path / "cert.jsonl.gz"
    last = content.count(b"\n")
    whole = gzip.compress(content)
    for packed, expected in [
        (whole, Opinion("VALID", None, None)),
        (whole + b"\0", Opinion("MALFORMED", last + 1, None)),
        (whole[:-1], Opinion("MALFORMED", last + 1, None)),
        (gzip.compress(content[:-1]), Opinion("MALFORMED", last, None)),
        (gzip.compress(b""), Opinion("MALFORMED", 1, None)),
    ]:
        path.write_bytes(packed)
        assert second_opinion(path) == expected
        assert checker.check(path).line == expected.line


@built
def test_long_lines_are_read_to_their_limit(tmp_path: Path) -> None:
    """A header of the most bytes that are allowed, and one more; it also wants a deep stack."""
    classes = 4100
    names = [f"{j:05d}" + "x" * 200 for j in range(classes)]
    header = Header(
        n=10, k=1, classes=classes, models=1, examples=1, alpha=Fraction(1, 20),
        class_names=tuple(names),
    )  # fmt: skip
    counts = (1, *[0] * (classes - 1))
    row = Row(0, counts, certify(counts, 10, 1, header.level))
    path = tmp_path / "cert.jsonl"
    room = checker.MAX_LINE - len(encode_line(encode_header(header)))
    for spare, status in ((0, "VALID"), (1, "MALFORMED")):
        longer, rest = divmod(room + spare, classes)
        padded = [name + "x" * (longer + (j < rest)) for j, name in enumerate(names)]
        fields = encode_header(header) | {"class_names": padded}
        lines = encode_line(fields) + encode_line(encode_row(row))
        seal = {"count": 1, "sha256": hashlib.sha256(lines).hexdigest()}
        path.write_bytes(lines + encode_line(seal))
        assert checker.check(path).status == status
        assert second_opinion(path).status == status


@built
@pytest.mark.parametrize(("length", "status"), [(256, "VALID"), (257, "MALFORMED")])
def test_names_of_notes_have_a_limit(tmp_path: Path, length: int, status: str) -> None:
    header = Header(n=10, k=1, classes=2, models=1, examples=1, alpha=Fraction(1, 20))
    row = Row(0, (1, 0), certify((1, 0), 10, 1, header.level))
    lines = encode_line(encode_header(header) | {"provenance": {"x" * length: ""}})
    lines += encode_line(encode_row(row))
    seal = {"count": 1, "sha256": hashlib.sha256(lines).hexdigest()}
    path = tmp_path / "cert.jsonl"
    path.write_bytes(lines + encode_line(seal))
    assert checker.check(path).status == status
    assert second_opinion(path).status == status


@built
def test_comparison_prints_what_it_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "4", "--seed", "2"]) == 0
    assert capsys.readouterr().out.startswith(
        "4 files: kernel, reference, fast path and second checker differ on 0 ("
    )


@pytest.mark.parametrize(
    ("route", "wrong"),
    [
        ("second_opinion", Opinion("INVALID", 2, "label")),
        ("second_opinion", Opinion("VALID", 3, None)),  # as the kernel, at another line
        ("reference_accepts", False),
        ("fast_path_accepts", False),
    ],
)
def test_a_difference_of_any_route_is_reported(
    route: str,
    wrong: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(verdicts, "second_opinion", lambda path: Opinion("VALID", None, None))
    assert main(["--count", "1"]) == 0  # the first file is true
    monkeypatch.setattr(verdicts, route, lambda path: wrong)
    assert main(["--count", "1"]) == 1
    shown = capsys.readouterr()
    assert "second checker differ on 1 (VALID true 1)" in shown.out
    assert shown.err.startswith("seed 0, : kernel VALID")


def test_what_is_not_built_names_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BINARY", tmp_path / "absent")
    with pytest.raises(FileNotFoundError, match="is not built; type, in a clone: make proofs"):
        second_opinion(CASES[0])


def test_no_verdict_is_no_opinion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that says nothing, or that it could not decide."""
    path = tmp_path / "cert.jsonl"
    path.write_bytes(b"{}\n")
    for said in ("", "UNDECIDED 3", "VALID 3", "INVALID"):
        judge = tmp_path / "judge"
        judge.write_text(f"#!/bin/sh\necho {said}\n")
        judge.chmod(0o755)
        judge.with_suffix(".sources").write_text(module.made_from())
        monkeypatch.setattr(module, "BINARY", judge)
        with pytest.raises(ValueError, match="no verdict"):
            second_opinion(path)
