"""``bagcert crosscheck`` and what it leaves for a CI: exit status, JUnit, annotations, a plugin."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from bagcert.__main__ import app
from bagcert.fastpath.certification import bulk

VECTORS = Path(__file__).parents[1] / "vectors"
run = CliRunner()
pytest_plugins = ["pytester"]


def bagcert(*args: object) -> tuple[int, str, str]:
    result = run.invoke(app, ["crosscheck", *(str(arg) for arg in args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("95,5,0\n50,50,0\n0,0,100\n2,97,1\n")
    return path


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast path with one radius too many wherever it is above 2."""
    true = bulk.certified_radii

    def false(*args: object, **options: object) -> object:
        found = true(*args, **options)  # type: ignore[arg-type]
        return found._replace(radius=np.where(found.radius > 2, found.radius + 1, found.radius))

    monkeypatch.setattr(bulk, "certified_radii", false)


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
    status, _, error = bagcert("--random", 1, "--junit", tmp_path / "out.xml")
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
        (("--random", -1), "random must be at least 0"),
        (("--counts", "3,x"), "counts must be integers"),
        (("--counts", "3,4", "--attack", "flip"), "attack must be one of"),
        (("--random", 5, "--k", 0, "--n", 3), "k must be at least 1"),
        (("--vectors", "--vectors-dir", "nowhere"), "nowhere"),
        (("nowhere.npz",), "nowhere.npz"),
    ],
)
def test_bad_options_get_one_line(arguments: tuple[object, ...], words: str) -> None:
    status, _, error = bagcert(*arguments)
    assert status == 2
    assert words in error


def test_no_rows_are_fine() -> None:
    status, out, _ = bagcert("--random", 0, "--json")
    assert (status, json.loads(out)["rows"]) == (0, 0)


def test_the_plugin_checks_votes_in_another_suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import numpy as np
        import pytest

        COUNTS = np.array([[95, 5], [40, 60], [100, 0]])

        def test_equal(crosscheck_votes):
            crosscheck_votes(COUNTS, n=100, k=5, alpha="1/1000", attack="delete")

        def test_different(crosscheck_votes, monkeypatch):
            from bagcert.fastpath.certification import bulk
            true = bulk.certified_radii
            def false(*args, **options):
                found = true(*args, **options)
                return found._replace(radius=found.radius + 1)
            monkeypatch.setattr(bulk, "certified_radii", false)
            crosscheck_votes(COUNTS, n=1000, k=5, alpha="1/1000")

        def test_unknown(crosscheck_votes):
            with pytest.raises(TypeError, match="unknown options: level"):
                crosscheck_votes(COUNTS, n=100, k=5, alpha="1/1000", level=3)
    """)
    result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:xdist")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*rows differ; the smallest*", "*bagcert crosscheck --counts*"])
