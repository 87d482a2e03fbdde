"""The index's answers, from files: what is known, what is not, what cannot be asked about."""

import json
from pathlib import Path

import pytest

from tests import known_vulnerabilities
from tests.known_vulnerabilities import KNOWN, main, pins


def index(folder: Path, answers: dict[str, tuple[str, list[str]]]) -> str:
    for where, (version, names) in answers.items():
        path = folder / "pypi" / where / "json"
        path.parent.mkdir(parents=True)
        found = [{"id": name, "withdrawn": None} for name in names]
        path.write_text(json.dumps({"info": {"version": version}, "vulnerabilities": found}))
    return folder.as_uri()


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        ({"a/1": ("1", []), "b": ("2", [])}, 0, "none known: 2 of 2"),
        ({"a/1": ("1", []), "b": ("3", [])}, 2, "not known to the index: b==2"),
        ({"a/1": ("1", []), "b": ("3", ["X-1"])}, 2, "known: none"),
        ({"a/1": ("1", []), "b": ("2", ["X-1"])}, 1, "known: {'b==2': ['X-1']}"),
        ({"a": ("1", ["X-1"])}, 1, "not known to the index: b==2"),
    ],
)
def test_each_pinned_release_is_asked_about(
    answers: dict[str, tuple[str, list[str]]],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pinned = tmp_path / "constraints.txt"
    pinned.write_text("# a comment\na==1 # of a\nb[extra]==2; python_version > '3'\n")
    monkeypatch.setattr(known_vulnerabilities, "PINNED", pinned)
    known = {KNOWN[0]: (KNOWN[1], ["X-0"])}
    assert main(index(tmp_path, known | answers)) == status
    assert said in capsys.readouterr().out.splitlines()


def test_an_index_that_knows_nothing_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(index(tmp_path, {KNOWN[0]: (KNOWN[1], [])})) == 2
    assert "cannot be asked" in capsys.readouterr().out


def test_every_pin_of_the_project_is_seen() -> None:
    text = known_vulnerabilities.PINNED.read_text()
    assert len(list(pins(text))) == sum("==" in line.split("#")[0] for line in text.splitlines())
