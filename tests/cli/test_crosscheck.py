"""``bagcert crosscheck`` and what it leaves for a CI: exit status, JUnit, annotations, a plugin."""

import json
import os
from fractions import Fraction
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bagcert.fastpath.certification import pairs
from bagcert.fastpath.certification.radius_filter import certified_radii
from bagcert.fastpath.crosscheck.comparison import Setting, crosscheck, crosscheck_bounds
from bagcert.fastpath.crosscheck.junit import Case, annotations, write_junit
from bagcert.reference.terminal.printable import printable
from tests.command import bagcert as typed

VECTORS = Path(__file__).parents[1] / "vectors"
bagcert = partial(typed, "crosscheck")
pytest_plugins = ["pytester"]


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("95,5,0\n50,50,0\n0,0,100\n2,97,1\n")
    return path


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast path with one radius too many wherever it is above 2."""
    true = certified_radii

    def false(*args: object, **options: object) -> object:
        found = true(*args, **options)  # type: ignore[arg-type]
        return found._replace(radius=np.where(found.radius > 2, found.radius + 1, found.radius))

    monkeypatch.setattr(pairs, "certified_radii", false)


def test_equal_paths_exit_0(votes: Path) -> None:
    status, out, error = bagcert(votes, "--n", 100, "--k", 5, "--json")
    assert status == 0, error
    found = json.loads(out)
    assert (found["comparisons"], found["rows"], found["differences"]) == (1, 4, 0)
    assert found["rows_a_second_fast"] > 0


def test_every_setting_on_random_and_boundary_rows(tmp_path: Path) -> None:
    status, out, error = bagcert(
        "--random", 60, "--boundary", "--rows", 60, "--n", 50, "--k", 3, "--models", 40,
        "--classes", 3, "--method", "all", "--attack", "all", "--residual", "all", "--json",
        "--vectors", "--vectors-dir", VECTORS, "--junit", tmp_path / "out.xml",
    )  # fmt: skip
    assert status == 0, error
    found = json.loads(out)
    assert found["comparisons"] == 2 * 36 + 12 * 8
    assert found["differences"] == 0
    assert found["vectors"] > 400
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert suite.get("failures") == "0"
    assert len(suite) == found["comparisons"] + 1
    status, _, error = bagcert("--random", 1, "--n", 9, "--k", 2, "--junit", tmp_path / "out.xml")
    assert (status, "exists already" in error) == (2, True)


@pytest.mark.usefixtures("broken")
def test_a_difference_exits_1_with_the_smallest_row_as_a_command(
    votes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    junit = tmp_path / "out.xml"
    status, out, error = bagcert(votes, "--n", 1000, "--k", 5, "--junit", junit)
    assert status == 1
    assert "::error title=bagcert crosscheck" in out
    (failure,) = ElementTree.parse(junit).getroot().iter("failure")
    assert failure.text is not None
    assert "radius is" in failure.text
    command = error.strip().splitlines()[-1].removeprefix("bagcert: bagcert crosscheck ")
    assert "--counts 0,0,100" in command  # the smallest of the rows that differ
    again, out, _ = bagcert(*command.split(), "--json")
    assert (again, json.loads(out.splitlines()[0])["differences"]) == (1, 1)


@pytest.mark.usefixtures("broken")
def test_broken_vectors_are_found() -> None:
    status, out, error = bagcert("--vectors", "--vectors-dir", VECTORS, "--json")
    assert status == 1
    assert json.loads(out)["differences"] > 10
    assert "certify.json tcId" in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "rows are needed"),
        (("--random", -1), "random must be at least 1"),
        (("--counts", "3,x"), "counts must be integers"),
        (("--counts", "3,4", "--n", 9, "--k", 2, "--attack", "flip"), "attack must be one of"),
        (("--counts", "3,4"), "say --n and --k"),
        (("--random", 5), "say --n and --k"),
        (("--random", 5, "--n", 9), "say --n and --k"),
        (("--boundary",), "say --n and --k"),
        (("--random", 0, "--n", 9, "--k", 2), "random must be at least 1"),
        (("--boundary", "--rows", 0, "--n", 9, "--k", 2), "rows must be at least 1"),
        (("--random", 5, "--k", 0, "--n", 3), "k must be at least 1"),
        (("--vectors", "--vectors-dir", "nowhere"), "nowhere"),
        (("nowhere.npz",), "nowhere.npz"),
    ],
)
def test_bad_options_get_one_line(arguments: tuple[object, ...], words: str) -> None:
    status, _, error = bagcert(*arguments)
    assert status == 2
    assert words in error


def test_votes_without_a_header_want_n_and_k(votes: Path) -> None:
    status, out, error = bagcert(votes)
    assert (status, out) == (2, "")
    assert "say --n and --k" in error


@pytest.mark.parametrize("emptied", ["radius", "clopper_pearson", "certify"])
def test_vectors_that_hold_no_test_are_no_success(tmp_path: Path, emptied: str) -> None:
    for name in ("radius", "clopper_pearson", "certify"):
        content = json.loads((VECTORS / f"{name}.json").read_text())
        content["tests"] = [] if name == emptied else content["tests"][:3]
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    status, out, error = bagcert("--vectors", "--vectors-dir", tmp_path)
    assert (status, out) == (2, "")
    assert f"{emptied}.json: holds no tests, so that nothing is checked" in error
    status, _, _ = bagcert("--vectors", "--vectors-dir", tmp_path / "empty")
    assert status == 2


@pytest.mark.parametrize("rows", [np.zeros((0, 3), np.int64), []])
def test_no_rows_are_refused_by_the_functions_too(rows: object) -> None:
    setting = Setting(9, 2, Fraction(1, 1000))
    with pytest.raises(ValueError, match="no rows, so that nothing is checked"):
        crosscheck(rows, setting)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no rows, so that nothing is checked"):
        crosscheck_bounds(np.zeros(0), np.zeros(0), setting)


#: What XML 1.0 cannot hold, and what it gives a meaning.
HOSTILE = 'v\x1b[2K\x0b\x00\ufffe\uffff\udcff<&">]]>\r\n\u0085\t.csv'


def test_junit_is_well_formed_whatever_the_names(tmp_path: Path) -> None:
    case = Case(HOSTILE, 1.0, f"1 of 2 rows differ\n{HOSTILE}")
    write_junit([case], tmp_path / "out.xml", force=False)
    (found,) = ElementTree.parse(tmp_path / "out.xml").getroot().iter("testcase")
    assert found.get("name") == printable(HOSTILE)
    assert found[0].text == f"1 of 2 rows differ\n{printable(HOSTILE.partition(chr(10))[0])}\n" + (
        printable(HOSTILE.partition("\n")[2])
    )


def test_a_name_of_any_bytes_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = os.fsencode(tmp_path) + b"/v\xff\x1b\x0b\xef\xbf\xbe.csv"
    with open(path, "wb") as file:
        file.write(b"95,5\n")
    status, _, error = bagcert(
        os.fsdecode(path), "--n", 100, "--k", 5, "--junit", tmp_path / "out.xml"
    )
    assert status == 0, error
    (found,) = ElementTree.parse(tmp_path / "out.xml").getroot().iter("testcase")
    assert "\\udcff\\x1b\\x0b\\ufffe.csv" in str(found.get("name"))
    (line,) = annotations([Case(HOSTILE, 0.0, HOSTILE)])
    assert line.isprintable()


@pytest.mark.parametrize("n", [1, 2, 3, 99, 60_001, 10**12])
@pytest.mark.parametrize("k", [1, 2, 100, 1000])
def test_every_edge_of_every_setting(n: int, k: int) -> None:
    status, out, error = bagcert(
        "--boundary", "--n", n, "--k", k, "--rows", 12, "--models", 20,
        "--classes", 3, "--method", "all", "--attack", "all", "--residual", "all", "--json",
    )  # fmt: skip
    fields = json.loads(out)
    assert (status, fields["differences"]) == (0, 0), error
    assert fields["rows"] >= 36 * 12


def test_a_tie_of_the_integral_residual_among_very_many_lists() -> None:
    status, _, error = bagcert(
        "--boundary", "--n", 3, "--k", 100, "--residual", "integral",
        "--rows", 50, "--models", 20, "--classes", 3,
    )  # fmt: skip
    assert status == 0, error


def test_the_plugin_checks_votes_in_another_suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import numpy as np
        import pytest

        COUNTS = np.array([[95, 5], [40, 60], [100, 0]])

        def test_equal(crosscheck_votes):
            crosscheck_votes(COUNTS, n=100, k=5, alpha="1/1000", attack="delete")

        def test_none(crosscheck_votes):
            with pytest.raises(ValueError, match="no rows"):
                crosscheck_votes(COUNTS[:0], n=100, k=5, alpha="1/1000")

        def test_different(crosscheck_votes, monkeypatch):
            from bagcert.fastpath.certification import pairs
            true = pairs.certified_radii
            def false(*args, **options):
                found = true(*args, **options)
                return found._replace(radius=found.radius + 1)
            monkeypatch.setattr(pairs, "certified_radii", false)
            crosscheck_votes(COUNTS, n=1000, k=5, alpha="1/1000")

        def test_unknown(crosscheck_votes):
            with pytest.raises(TypeError, match="unknown options: level"):
                crosscheck_votes(COUNTS, n=100, k=5, alpha="1/1000", level=3)
    """)
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:xdist")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*rows differ; the smallest*", "*bagcert crosscheck --counts*"])
