"""The commands as a user types them: output, exit status, one clear line for each bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.command import bagcert

KERNEL = Path(__file__).parents[2] / "reference" / "checker.py"


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("95,5,0\n50,50,0\n0,0,100\n2,97,1\n")
    return path


@pytest.fixture
def certificate(votes: Path, tmp_path: Path) -> Path:
    path = tmp_path / "cert.jsonl"
    status, _, error = bagcert("certify", votes, "--n", 1000, "--k", 10, "-o", path)
    assert status == 0, error
    return path


def test_radius_prints_the_exact_answer_and_both_margins() -> None:
    status, out, _ = bagcert(
        "radius", "--n", 60000, "--k", 100, "--p-lower", "0.9", "--p-upper", "1/20", "--json"
    )
    fields = json.loads(out)
    assert (status, fields["radius"], fields["worst_size"], fields["kept"]) == (
        0, 331, 60000, 60000 - 332,
    )  # fmt: skip
    above, below = fields["margin_at_radius"], fields["margin_beyond"]
    lists = 60000**100
    excess = lists * 17 // 20  # 0.85 n^k is an integer
    for margin, r in ((above, 331), (below, 332)):
        numerator = margin.split(" = ")[1].split("/")[0]
        assert int(numerator, 16) == excess - 2 * (lists - (60000 - r) ** 100)
    assert int(above.split(" = ")[1].split("/")[0], 16) > 0
    assert int(below.split(" = ")[1].split("/")[0], 16) <= 0


def test_no_radius_is_an_answer() -> None:
    status, out, _ = bagcert("radius", "--n", 2, "--k", 1, "--p-lower", "3/5", "--p-upper", "2/5")
    assert status == 0
    assert "radius         none" in out


def test_bounds_in_the_wrong_order_get_one_line() -> None:
    status, _, error = bagcert("radius", "--n", 9, "--k", 2, "--p-lower", "1/3", "--p-upper", "1/2")
    assert (status, error) == (
        2,
        "bagcert: error: --p-lower must not be below --p-upper: 1/3 < 1/2\n",
    )


def test_delete_at_its_end_has_no_larger_attack() -> None:
    args = ("--p-lower", 1, "--p-upper", 0, "--attack", "delete", "--json")
    status, out, _ = bagcert("radius", "--n", 5, "--k", 2, *args)
    fields = json.loads(out)
    assert (status, fields["radius"], fields["worst_size"]) == (0, 4, None)


def test_a_plan_agrees_with_certify_on_both_sides_of_its_counts() -> None:
    from bagcert.reference import Certificate, certify
    from bagcert.reference.planning import plan

    found = plan(1000, 10, 3, 200, 5, "1/1000", 20)
    enough, needed = found.sufficient_votes, found.necessary_votes
    assert enough is not None
    assert needed is not None

    def radius(counts: list[int], total: int = 200) -> int:
        assert sum(counts) == total
        outcome = certify(counts, 1000, 10, "1/5000")
        return outcome.radius if isinstance(outcome, Certificate) else -1

    assert radius([enough, 200 - enough, 0]) >= 20 > radius([enough - 1, 201 - enough, 0])
    rest = 200 - needed
    assert radius([needed, rest - rest // 2, rest // 2]) >= 20
    rest += 1
    assert radius([needed - 1, rest - rest // 2, rest // 2]) < 20
    least = found.smallest_models
    assert least is not None
    assert radius([least, 0, 0], least) >= 20 > radius([least - 1, 0, 0], least - 1)
    assert found.largest_radius == radius([200, 0, 0])


def test_an_impossible_plan_exits_1() -> None:
    common = ("--n", 1000, "--k", 10, "--classes", 3, "--examples", 5, "--json")
    status, out, _ = bagcert("plan", *common, "--models", 10, "--radius", 20)
    assert status == 1
    assert json.loads(out)["smallest_N_if_unanimous"] is not None
    status, out, _ = bagcert("plan", *common, "--models", 10, "--radius", 999)
    assert status == 1
    assert json.loads(out)["smallest_N_if_unanimous"] is None


def test_certify_audit_report(certificate: Path, votes: Path, tmp_path: Path) -> None:
    status, out, _ = bagcert("audit", certificate, "--votes", votes)
    assert status == 0
    assert out.startswith("VALID")
    assert "AGREES counts: all 4 rows" in out
    assert "NOT STATED n: not by" in out
    picture = tmp_path / "curve.png"
    status, out, _ = bagcert("report", certificate, "--plot", picture)
    assert status == 0
    assert "4 examples, 1 abstain" in out
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_equal_votes_give_equal_files(certificate: Path, votes: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    assert bagcert("certify", votes, "--n", 1000, "--k", 10, "-o", again)[0] == 0
    assert again.read_bytes() == certificate.read_bytes()


def test_audit_finds_other_votes(certificate: Path, votes: Path) -> None:
    votes.write_text("94,6,0\n50,50,0\n0,0,100\n2,97,1\n")
    status, out, _ = bagcert("audit", certificate, "--votes", votes)
    assert status == 1
    assert "DIFFERS counts: index 0" in out
    assert "DIFFERS votes digest" in out


def test_audit_of_a_false_and_of_a_broken_file(certificate: Path) -> None:
    text = certificate.read_text()
    lie = text.replace('"method":"selected"', '"method":"cohen"')
    certificate.write_text(lie)
    assert bagcert("audit", certificate)[0] in (1, 2)
    certificate.write_text("")
    status, out, _ = bagcert("audit", certificate)
    assert status == 2
    assert out.startswith("MALFORMED")
    assert bagcert("report", certificate)[0] == 2


def test_the_kernel_runs_alone_from_a_hostile_folder(certificate: Path, tmp_path: Path) -> None:
    lair = tmp_path / "lair"
    lair.mkdir()
    (lair / "checker.py").write_bytes(KERNEL.read_bytes())
    (lair / "json.py").write_text("raise SystemExit(77)")
    for flags in ((), ("-I",), ("-O",)):
        done = subprocess.run(
            [sys.executable, *flags, str(lair / "checker.py"), str(certificate)],
            capture_output=True, text=True, cwd=tmp_path, env={"PATH": os.environ["PATH"]},
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout[:5]) == (0, "VALID"), done.stderr
        assert done.stdout.count("\n") == 1
        assert "not judged" in done.stderr


def test_certify_refuses_integral_for_learners_not_known_to_ignore_their_seed(
    votes: Path, tmp_path: Path
) -> None:
    status, _, error = bagcert(
        "certify",
        votes,
        "--n",
        1000,
        "--k",
        10,
        "-o",
        tmp_path / "c.jsonl",
        "--residual",
        "integral",
    )
    assert status == 2
    assert "integral" in error
    assert not (tmp_path / "c.jsonl").exists()


BAD_VOTES = {
    "ragged.csv": ("1,2\n1,2,0\n", "line 2"),
    "negative.csv": ("3,-1\n", "negative|integer"),
    "float.csv": ("1.5,0.5\n", "integer"),
    "sums.csv": ("1,2\n2,2\n", "sum"),
    "empty.csv": ("", "empty|no rows"),
    "zero.csv": ("0,0\n", "sum|votes|model"),
    "wide.csv": ("5\n", "counts|labels|class"),
}


@pytest.mark.parametrize("name", BAD_VOTES)
def test_bad_votes_get_one_clear_line(tmp_path: Path, name: str) -> None:
    import re

    content, message = BAD_VOTES[name]
    path = tmp_path / name
    path.write_text(content)
    status, out, error = bagcert("certify", path, "--n", 10, "--k", 2, "-o", tmp_path / "c.jsonl")
    lines = [line for line in error.splitlines() if line.startswith("bagcert: ")]
    assert (status, out, len(lines)) == (2, "", 1)
    assert name in lines[0]
    assert re.search(message, lines[0])
    assert not (tmp_path / "c.jsonl").exists()


def test_bad_arrays_get_one_clear_line(tmp_path: Path) -> None:
    arrays = {
        "float": np.array([[3.0, 1.0]]),
        "pickled": np.array([[{}, 1]], dtype=object),
        "bool": np.array([[True, False]]),
        "flat": np.array([3, 1]),
        "uneven": np.array([[3, 1], [3, 2]]),
    }
    for name, array in arrays.items():
        path = tmp_path / f"{name}.npy"
        np.save(path, array, allow_pickle=True)
        status, _, error = bagcert("certify", path, "--n", 10, "--k", 2, "-o", tmp_path / "c.jsonl")
        assert status == 2, name
        assert path.name in error
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    status, _, error = bagcert("certify", tmp_path / "broken.npz", "-o", tmp_path / "c.jsonl")
    assert status == 2
    assert "broken.npz" in error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--alpha", "1e-3"), "alpha"),
        (("--alpha", "0"), "alpha"),
        (("--n", "0"), "n must"),
        (("--k", str(2**21)), "k must"),
        (("--method", "best"), "method"),
    ],
)
def test_bad_options_are_named(
    votes: Path, tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    options = {"--n": "1000", "--k": "10", "--alpha": "0.001"} | dict([change])
    flat = [text for pair in options.items() for text in pair]
    status, _, error = bagcert("certify", votes, *flat, "-o", tmp_path / "c.jsonl")
    assert status == 2
    assert message in error


def test_votes_without_a_header_want_n_and_k(votes: Path, tmp_path: Path) -> None:
    status, _, error = bagcert("certify", votes, "-o", tmp_path / "c.jsonl")
    assert status == 2
    assert "--n" in error


def test_outputs_are_not_replaced_without_force(votes: Path, certificate: Path) -> None:
    before = certificate.read_bytes()
    args = ("certify", votes, "--n", 1000, "--k", 10, "-o", certificate)
    status, _, error = bagcert(*args)
    assert status == 2
    assert "--force" in error
    assert certificate.read_bytes() == before
    assert bagcert(*args, "--force")[0] == 0
    assert bagcert("certify", votes, "--n", 9, "--k", 1, "-o", "/nowhere/c.jsonl")[0] == 2


def test_train_on_digits_end_to_end(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn ships the digits")
    votes, certificate = tmp_path / "v.npz", tmp_path / "c.jsonl.gz"
    args = ("train", "--dataset", "digits", "--k", 20, "--models", 60, "--seed", 7, "-o", votes)
    assert bagcert(*args)[0] == 0
    assert bagcert("certify", votes, "-o", certificate, "--scope", "each")[0] == 0
    status, out, _ = bagcert("audit", certificate, "--votes", votes, "--data", "digits")
    assert (status, out[:5]) == (0, "VALID")
    status, out, _ = bagcert("report", certificate, "--json")
    assert status == 0
    assert json.loads(out)["examples"] == 360
    status, _, _ = bagcert(
        "certify", votes, "-o", tmp_path / "i.jsonl", "--residual", "integral"
    )  # kernel ridge ignores its seed, and its votes say so
    assert status == 0


def test_audit_starts_without_numpy_and_friends() -> None:
    code = (
        "import sys; import bagcert.__main__; "
        "heavy = {'numpy', 'scipy', 'torch', 'sklearn', 'matplotlib', 'sympy', 'mpmath'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
