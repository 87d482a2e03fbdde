"""``bagcert report --votes``: true labels that the certificate does not state, and only its own."""

import json
from pathlib import Path

import numpy as np
import pytest

from bagcert.fastpath.votes.file import write_votes
from bagcert.fastpath.votes.header import VotesHeader
from bagcert.fastpath.votes.votes import Votes
from tests.command import bagcert

COUNTS = [[95, 5, 0], [50, 50, 0], [0, 0, 100], [2, 97, 1]]
TRUTH = [0, 0, 1, 1]
NAMES = ("cat", "dog", "eel")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """bare.jsonl states no labels; full.jsonl has those of full.npz."""
    monkeypatch.chdir(tmp_path)
    Path("bare.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in COUNTS))
    header = VotesHeader(n=1000, k=10, models=100, classes=3, class_names=NAMES)
    write_votes(Votes(np.array(COUNTS), labels=np.array(TRUTH), header=header), "full.npz")
    assert bagcert(*["certify", "bare.csv", "--n", "1000", "--k", "10", "-o", "bare.jsonl"])[0] == 0
    assert bagcert("certify", "full.npz", "-o", "full.jsonl")[0] == 0


def test_labels_of_the_votes_give_the_accuracy_of_a_file_that_states_them() -> None:
    status, out, _ = bagcert("report", "bare.jsonl", "--votes", "full.npz")
    assert status == 0
    lines = out.splitlines()
    plain = bagcert("report", "full.jsonl")[1].splitlines()
    assert lines[: len(plain)] == plain
    assert "  r = 0             2 of 4    50.00 %" in plain  # of three certified, one is wrong
    assert lines[len(plain) :][:2] == [
        "true labels: those of full.npz, the certificate states none",
        "class names: those of full.npz, the certificate states none",
    ]
    assert "AGREES counts: all 4 rows, as in full.npz" in lines
    found = json.loads(bagcert("report", "bare.jsonl", "--votes", "full.npz", "--json")[1])
    alone = json.loads(bagcert("report", "full.jsonl", "--json")[1])
    assert {name: found[name] for name in alone} == alone
    assert (found["votes"], found["true_labels_from_votes"]) == ("full.npz", True)
    assert {"item": "counts", "outcome": "agrees"}.items() <= found["compared"][3].items()


def test_the_page_says_what_was_compared_and_where_labels_came_from() -> None:
    assert bagcert("report", "bare.jsonl", "--votes", "full.npz", "-o", "p.html")[0] == 0
    page = Path("p.html").read_text()
    assert "The certificate states no true labels. Those used here came with its votes" in page
    assert "was also compared with the votes in full.npz; nothing differs." in page
    assert "The true labels are taken from there: the kernel judged none." in page
    assert "<li>AGREES counts: all 4 rows, as in full.npz</li>" in page
    assert "bagcert audit bare.jsonl --votes full.npz" in page
    assert "truth: dog" in page
    assert bagcert("report", "full.jsonl", "--votes", "full.npz", "-o", "f.html")[0] == 0
    page = Path("f.html").read_text()
    assert "<li>AGREES true labels: all 4 rows, as in full.npz</li>" in page
    assert "taken from there" not in page
    assert "states no true labels" not in page
    assert bagcert("report", "full.jsonl", "-o", "g.html")[0] == 0
    assert "compared with the votes" not in Path("g.html").read_text()


def test_labels_in_a_file_of_their_own() -> None:
    Path("labels.csv").write_text("".join(f"{y}\n" for y in TRUTH))
    options = ("--votes", "bare.csv", "--labels", "labels.csv")
    status, out, error = bagcert("report", "bare.jsonl", *options)
    assert status == 0, error
    assert "certified accuracy\n" in out
    for output in ("bare.csv", "labels.csv"):
        before = Path(output).read_bytes()
        link = Path("link.png")
        link.symlink_to(output)
        status, _, error = bagcert("report", "bare.jsonl", *options, "--plot", link, "--force")
        link.unlink()
        assert status == 2
        assert "is also what is read" in error
        assert Path(output).read_bytes() == before


@pytest.mark.parametrize(
    ("certificate", "counts", "truth", "words"),
    [
        ("bare", [[94, 6, 0], *COUNTS[1:]], TRUTH, "counts: index 0 is not as in other.npz"),
        ("bare", COUNTS[::-1], TRUTH, "counts: index 0 is not as in other.npz"),
        ("bare", COUNTS[:3], TRUTH[:3], "examples: the certificate has 4, other.npz has 3"),
        ("full", COUNTS, [0, 0, 1, 2], "true labels: index 3 is not as in other.npz"),
    ],
)
def test_other_votes_are_refused_and_nothing_is_written(
    certificate: str, counts: list[list[int]], truth: list[int], words: str
) -> None:
    np.savez("other.npz", counts=np.array(counts), labels=np.array(truth))
    outputs = ("-o", "p.html", "--plot", "p.png")
    status, out, error = bagcert("report", f"{certificate}.jsonl", "--votes", "other.npz", *outputs)
    assert (status, out) == (2, "")
    assert error.startswith(f"bagcert: error: --votes: are not the certificate's: {words}")
    assert not list(Path().glob("p.*"))


def test_other_class_names_and_sizes_are_refused() -> None:
    header = VotesHeader(n=1000, k=10, models=100, classes=3, class_names=NAMES[::-1])
    write_votes(Votes(np.array(COUNTS), labels=np.array(TRUTH), header=header), "other.npz")
    assert "class names: the certificate has cat" in bagcert(
        "report", "full.jsonl", "--votes", "other.npz"
    )[2]  # fmt: skip
    assert bagcert("report", "bare.jsonl", "--votes", "other.npz")[0] == 0
    assert "n: the certificate has 1000, --n has 999" in bagcert(
        "report", "bare.jsonl", "--votes", "bare.csv", "--n", 999
    )[2]  # fmt: skip


@pytest.mark.parametrize("option", ["--n 1000", "--k 10", "--labels l.csv", "--no-header"])
def test_options_about_votes_want_votes(option: str) -> None:
    status, _, error = bagcert("report", "bare.jsonl", *option.split())
    name = "--header" if option == "--no-header" else option.split()[0]
    assert (status, error) == (
        2, f"bagcert: error: {name}: is about votes; name them: --votes\n",
    )  # fmt: skip
