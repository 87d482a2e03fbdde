"""The file of reported and measured numbers: what it holds, what it refuses, where it is shown."""

import dataclasses
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from bagcert.fastpath.paper import reported
from bagcert.fastpath.paper.experiments import EXPERIMENTS
from bagcert.fastpath.paper.figures.frontier import PUBLISHED
from bagcert.fastpath.paper.reported import (
    Claim,
    Measured,
    load_claims,
    markdown,
    share,
    stated,
    text,
)
from bagcert.fastpath.report.accuracy import Report
from bagcert.fastpath.report.shares import percent
from bagcert.reference.certificate.reader import read_certificate
from bagcert.reference.checker import check

sys.path.insert(0, str(Path(__file__).parents[1]))

from documents import with_table  # type: ignore[import-not-found]

ROOT = Path(__file__).parents[2]
CLAIMS = load_claims()

GOOD = """
[[claim]]
name = "a-1"
claim = "certified accuracy"
version = "preprint"
setting = "MNIST, r = 100"
value = "70.8 %"
printed = "abstract"
seen = "abstract"
remark = ""
dataset = "mnist"
k = 100
r = 100

[[claim.measured]]
by = "metric-ridge"
value = "96.50 %"
command = "bagcert reproduce frontier"
commit = "1a2282e"
"""


def read(folder: Path, content: str) -> tuple[Claim, ...]:
    path = folder / "reported.toml"
    path.write_text(content, encoding="utf-8")
    return load_claims(path)


def test_a_file_is_read_field_by_field(tmp_path: Path) -> None:
    found = Measured("metric-ridge", "96.50 %", "bagcert reproduce frontier", "1a2282e")
    due = Claim(
        "a-1", "certified accuracy", "preprint", "MNIST, r = 100", "70.8 %", "abstract",
        "abstract", "", "mnist", 100, 100, (found,),
    )  # fmt: skip
    assert read(tmp_path, GOOD) == (due,)
    without = GOOD.partition("[[claim.measured]]")[0].replace("k = 100\n", "", 1)
    (claim,) = read(tmp_path, without)
    assert (claim.k, claim.measured) == (None, ())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[[claim]]", "[[claims]]", r"tables \[\[claim\]\], and nothing else"),
        ("[[claim]]\n", "other = 1\n[[claim]]\n", "nothing else"),
        ("[[claim]]\n", "[claim]\n", r"claim"),
        (GOOD, "", "tables"),
        (GOOD, GOOD + GOOD, "two claims are called a-1"),
        (GOOD, GOOD + "#" * 2**20, "more than 1048576 bytes"),
        ('name = "a-1"', 'name = "A 1"', "claim 1: name must be small"),
        ('value = "70.8 %"\n', "", "claim 1: 'value' is missing; there is name"),
        ('value = "70.8 %"', "value = 70.8", "claim 1: value must be one line"),
        ('value = "70.8 %"', 'value = " "', "claim 1: value is empty"),
        ('value = "70.8 %"', 'value = "a | b"', r"value must be one line of text without |"),
        ('value = "70.8 %"', r'value = "a\nb"', "value must be one line"),
        ("k = 100", 'size = "100"', "claim 1: 'size' is unknown"),
        ("k = 100", "k = true", "claim 1: k must be an integer"),
        ("k = 100", "k = 0", "claim 1: k must be an integer"),
        ("\nr = 100", "\nr = 1.5", "claim 1: r must be an integer"),
        ("1a2282e", "1a2282", r"claim 1 \(a-1\), measured 1: commit must be 7 to 40"),
        ("1a2282e", "1A2282E", "commit must be"),
        ('by = "metric-ridge"\n', "", "measured 1: 'by' is missing"),
        ("[[claim.measured]]", "[claim.measured]", "measured must be tables"),
        ("k = 100", "k = ", "Invalid value"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=rf"^reported\.toml: .*{words}"):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "reported.toml").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"^reported\.toml: .*utf-8"):
        load_claims(tmp_path / "reported.toml")


def test_both_versions_of_the_paper_are_there_with_their_k() -> None:
    by_name = {claim.name: claim for claim in CLAIMS}
    preprint, published = by_name["mnist-preprint"], by_name["mnist-aaai"]
    assert (preprint.value, preprint.k, preprint.r) == ("70.8 %", 100, 100)
    assert (published.value, published.k, published.r) == ("91.1 %", 30, 100)
    assert PUBLISHED == share(CLAIMS, "mnist-aaai") == (30, 100, Fraction(911, 1000))
    assert share(CLAIMS, "mnist17") == (50, 50, Fraction(9695, 10_000))
    for name in ("figure2-k", "absent"):  # a trend, and none
        with pytest.raises(ValueError, match=f"no claim '{name}' of a percentage at one k and r"):
            share(CLAIMS, name)
    assert "secondary source" in published.remark
    assert (by_name["mnist17"].value, by_name["mnist17"].r) == ("96.95 %", 50)
    assert "counts twice" in by_name["dpa-half"].remark


def test_each_experiment_has_a_number_at_one_of_its_radii() -> None:
    for experiment in EXPERIMENTS.values():
        assert set(stated(CLAIMS, experiment.dataset, experiment.k)) & set(experiment.radii)
    assert stated(CLAIMS, "mnist", 100) == {100: "70.8 %"}
    assert stated(CLAIMS, "mnist", 30) == {100: "91.1 %"}
    assert stated(CLAIMS, "mnist", 7) == stated(CLAIMS, "cifar10", 100) == {}


def test_every_field_is_shown(tmp_path: Path) -> None:
    (claim,) = read(tmp_path, GOOD.replace('remark = ""', 'remark = "so it is"'))
    for shown in ("\n".join(text([claim])), markdown([claim])):
        for word in ("MNIST, r = 100", "70.8 %", "preprint, abstract", "so it is", "96.50 %",
                     "metric-ridge", "bagcert reproduce frontier", "1a2282e"):  # fmt: skip
            assert word in shown
    assert "looked up: a page" in "\n".join(text([dataclasses.replace(claim, seen="a page")]))
    (bare,) = read(tmp_path, GOOD.partition("[[claim.measured]]")[0])
    assert "not measured" in "\n".join(text([bare]))
    assert "| not measured |" in markdown([bare])
    rows = markdown(CLAIMS).splitlines()
    assert {row.count("|") for row in rows} == {7}
    assert len(rows) == 2 + sum(max(1, len(claim.measured)) for claim in CLAIMS)


@pytest.mark.parametrize(("name", "k"), [("mnist-preprint", 100), ("mnist-aaai", 30)])
def test_what_the_papers_network_gave_is_its_certificates(name: str, k: int) -> None:
    path = ROOT / "notebooks" / "figures" / f"mnist-cnn-authors-k{k}.jsonl.gz"
    assert check(str(path)).status == "VALID"
    certificate = read_certificate(path)
    (claim,) = (claim for claim in CLAIMS if claim.name == name)
    (found,) = (m for m in claim.measured if m.by.startswith("mnist-cnn-authors"))
    assert claim.r is not None
    report = Report.of(certificate, [claim.r])
    assert report.accuracy is not None
    ((_, rows),) = report.accuracy
    assert found.value == percent(rows, report.examples)
    assert f"k = {k}, N = {certificate.header.models:,}, {certificate.header.method}" in found.by


def test_the_readmes_table_is_the_files() -> None:
    page = (ROOT / "fastpath" / "README.md").read_text(encoding="utf-8")
    assert markdown(CLAIMS) in page
    assert page == with_table(page), "python tests/documents.py fastpath/README.md writes it anew"
    assert with_table(page.replace("70.8 %", "70.9 %")) == page


def test_the_file_is_a_part_of_the_package() -> None:
    assert reported.__file__ is not None
    assert Path(reported.__file__).with_name("reported.toml").is_file()
