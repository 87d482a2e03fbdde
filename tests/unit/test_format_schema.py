"""reference/FORMAT.md and its two schemas, held to the writer, the kernel and the draws."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import bagcert.reference
from bagcert.fastpath.draws.lists import draw, model_seed, permutation
from bagcert.fastpath.votes.header import VotesHeader, parse_header
from bagcert.fastpath.votes.votes import Votes
from bagcert.reference import (
    Attack,
    Header,
    Method,
    Residual,
    Row,
    Scope,
    certify,
    check_certificate,
    write_certificate,
)

ROOM = Path(bagcert.reference.__file__).parent
PAGE = (ROOM / "FORMAT.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.split("```jsonl\n")[1].split("```")[0]
LINES: list[dict[str, Any]] = [json.loads(line) for line in EXAMPLE.splitlines()]
HEADER, CERTIFIED, ABSTAINING, SUMMARY = LINES[0], LINES[1], LINES[2], LINES[-1]
VOTES_HEADER: dict[str, Any] = {
    "format": "bagcert-votes/1",
    "n": 1437,
    "k": 20,
    "models": 1000,
    "classes": 2,
    "seed": 7,
    "first_model": 0,
    "learner": "kernel-ridge",
    "dataset": "digits",
    "learner_settings": {"gamma": "1/20"},
    "versions": {"numpy": "2.0"},
    "class_names": ["a", "b"],
    "looked_at": ["digits"],
    "transductive": False,
    "ignores_seed": True,
    "dataset_digest": "0" * 64,
}


def schema(name: str) -> dict[str, Any]:
    found = json.loads((ROOM / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    assert isinstance(found, dict)
    return found


LINE = jsonschema.Draft202012Validator(schema("certificate"))
VOTES = jsonschema.Draft202012Validator(schema("votes_header"))


def sealed(lines: list[dict[str, Any]]) -> bytes:
    """The lines as a file, with the digest that they have now."""
    earlier = b"".join(spelled(line) for line in lines[:-1])
    return earlier + spelled(lines[-1] | {"sha256": hashlib.sha256(earlier).hexdigest()})


def spelled(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def open_objects(part: object, path: str = "") -> Iterator[str]:
    """Where a schema lets an object have properties that it does not name."""
    if isinstance(part, list):
        for i, item in enumerate(part):
            yield from open_objects(item, f"{path}/{i}")
    elif isinstance(part, dict):
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            yield path
        for key, item in part.items():
            yield from open_objects(item, f"{path}/{key}")


def test_only_tables_of_strings_are_open() -> None:
    assert list(open_objects(schema("certificate"))) == ["/$defs/header/properties/provenance"]
    assert list(open_objects(schema("votes_header"))) == [
        "/properties/learner_settings",
        "/properties/versions",
    ]


# --- the example ---------------------------------------------------------------------------------


def test_the_example_is_what_the_writer_makes_and_true(tmp_path: Path) -> None:
    path = tmp_path / "example.jsonl"
    header = Header(
        n=100, k=5, classes=3, models=40, examples=5, alpha=Fraction(1, 10),
        class_names=("cat", "dog", "owl"), provenance=HEADER["provenance"],
    )  # fmt: skip
    rows = (
        Row(
            line["index"],
            line["counts"],
            certify(line["counts"], header.n, header.k, header.level),
            line["truth"],
        )
        for line in LINES[1:-1]
    )
    write_certificate(path, header, rows)
    assert path.read_bytes() == EXAMPLE.encode()
    verdict = check_certificate(path)
    assert (verdict.status, verdict.message) == ("VALID", "5 examples, 2 abstain")


def test_the_example_states_the_digest_of_its_votes() -> None:
    votes = Votes(np.array([line["counts"] for line in LINES[1:-1]]))
    assert HEADER["provenance"] == {"votes_sha256": votes.digest}


def test_the_example_by_hand() -> None:
    """The numbers of the paragraph below the example."""
    level = Fraction(HEADER["alpha"]) / HEADER["examples"]
    flip = level / 200
    assert (level, flip) == (Fraction(1, 50), Fraction(1, 10_000))
    assert (level - 2 * flip) / 2 == Fraction(99, 10_000)
    p_lower, p_upper = (Fraction(float.fromhex(CERTIFIED[key])) for key in ("p_lower", "p_upper"))
    assert p_upper == 1 - p_lower
    gap = (p_lower - p_upper) * 100**5
    assert 2 * 100**5 - 2 * 93**5 < gap // 1 - 1 < gap < 2 * 100**5 - 2 * 92**5
    assert (CERTIFIED["radius"], CERTIFIED["worst_size"]) == (7, 100)


# --- certificates of all kinds -----------------------------------------------------------------


@pytest.mark.parametrize("attack", list(Attack))
@pytest.mark.parametrize("method", list(Method))
def test_every_line_of_a_valid_certificate_fits(
    tmp_path: Path, method: Method, attack: Attack
) -> None:
    counts = ([90, 10, 0], [50, 50, 0], [0, 100, 0], [40, 35, 25], [55, 45, 0], [51, 48, 1])
    for n, k, residual, scope in (
        (60_000, 100, Residual.NONE, Scope.SIMULTANEOUS),
        (2, 1, Residual.PAPER, Scope.EACH),
        (1, 1, Residual.INTEGRAL, Scope.EACH),
    ):
        path = tmp_path / f"{n}.jsonl"
        header = Header(
            n=n, k=k, classes=3, models=100, examples=len(counts), alpha=Fraction(1, 3),
            method=method, scope=scope, attack=attack, residual=residual,
            class_names=('"', "\\", "\u00e9\U0001f600\x7f"), provenance={"": ""},
        )  # fmt: skip
        setting: dict[str, Any] = {"method": method, "attack": attack, "residual": residual}
        outcomes = [certify(row, n, k, header.level, **setting) for row in counts]
        write_certificate(path, header, (Row(i, counts[i], outcomes[i]) for i in range(6)))
        assert check_certificate(path).status == "VALID"
        for line in path.read_text().splitlines():
            LINE.validate(json.loads(line))


#: Line, and what is changed in it: nothing here can be read as a certificate, and a schema sees it.
MALFORMED: list[tuple[int, dict[str, Any]]] = [
    (0, {"format": "bagcert-certificate/2"}),
    (0, {"n": 0}),
    (0, {"n": 10**12 + 1}),
    (0, {"n": True}),
    (0, {"n": "100"}),
    (0, {"k": 0}),
    (0, {"k": 2**20 + 1}),
    (0, {"classes": 1}),
    (0, {"classes": 2**16 + 1}),
    (0, {"models": 10**6 + 1}),
    (0, {"examples": 10**8 + 1}),
    (0, {"alpha": "0.1"}),
    (0, {"alpha": "01/10"}),
    (0, {"alpha": "1/10\n"}),
    (0, {"alpha": f"1/{10**38}"}),
    (0, {"method": "Selected"}),
    (0, {"scope": "all"}),
    (0, {"attack": "flip"}),
    (0, {"residual": None}),
    (0, {"class_names": ["cat", "cat", "owl"]}),
    (0, {"class_names": ["cat", "dog", "x" * 257]}),
    (0, {"provenance": {"seed": 7}}),
    (0, {"provenance": {"seed": "7" * 257}}),
    (0, {"provenance": {str(i): "" for i in range(65)}}),
    (0, {"comment": ""}),
    (1, {"index": -1}),
    (1, {"index": 10**12}),
    (1, {"counts": [38.5, 1.5, 0]}),
    (1, {"counts": [41, -1, 0]}),
    (1, {"counts": "38"}),
    (1, {"label": "0"}),
    (1, {"label": 2**16}),
    (1, {"p_lower": 0.75}),
    (1, {"p_lower": "0x1.8p-1"}),
    (1, {"p_lower": "0X1.8000000000000p-1"}),
    (1, {"p_upper": "0x1.8000000000000p-01"}),
    (1, {"p_upper": "0x1.8000000000000p-3\n"}),
    (1, {"radius": 10**20}),
    (1, {"radius": None}),
    (1, {"worst_size": -100}),
    (1, {"truth": True}),
    (1, {"abstain": "bounds"}),
    (2, {"abstain": "unsure"}),
    (2, {"radius": 0}),
    (-1, {"count": 0}),
    (-1, {"certified_accuracy": [7, 2]}),
    (-1, {"certified_accuracy": [[7, -2]]}),
    (-1, {"certified_accuracy": {"7": 2}}),
]


@pytest.mark.parametrize(("place", "change"), MALFORMED)
def test_what_a_schema_can_see_it_refuses(
    tmp_path: Path, place: int, change: dict[str, Any]
) -> None:
    changed = LINES.copy()
    changed[place] = LINES[place] | change
    assert not LINE.is_valid(changed[place])
    path = tmp_path / "changed.jsonl"
    path.write_bytes(sealed(changed))
    assert check_certificate(path).status == "MALFORMED"


@pytest.mark.parametrize("line", [HEADER, CERTIFIED, ABSTAINING, SUMMARY])
def test_a_line_needs_its_keys(line: dict[str, Any]) -> None:
    optional = {"class_names", "provenance", "worst_size", "truth", "certified_accuracy"}
    LINE.validate(line)
    for key in line:
        assert LINE.is_valid({k: v for k, v in line.items() if k != key}) == (key in optional)


@pytest.mark.parametrize(
    ("place", "change", "status"),
    [
        (1, {"radius": 100}, "INVALID"),
        (1, {"radius": 10**20 - 1}, "INVALID"),
        (1, {"p_lower": "0x0.8000000000000p-1"}, "INVALID"),
        (1, {"p_lower": "0x1.0000000000000p+1"}, "INVALID"),
        (1, {"p_lower": "0x1.8000000000001p-53"}, "INVALID"),
        (1, {"worst_size": 0}, "INVALID"),
        (-1, {"certified_accuracy": [[7, 2], [8, 2]]}, "INVALID"),
        (-1, {"certified_accuracy": []}, "INVALID"),
        (-1, {"count": 4}, "MALFORMED"),
        (1, {"counts": [37, 2, 0]}, "MALFORMED"),
        (0, {"alpha": "2/20"}, "MALFORMED"),
        (0, {"alpha": "3/2"}, "MALFORMED"),
        (0, {"k": 2**20}, "MALFORMED"),
    ],
)
def test_what_a_schema_cannot_see(
    tmp_path: Path, place: int, change: dict[str, Any], status: str
) -> None:
    """The page says which verdict each of these has; the schema lets them pass."""
    changed = LINES.copy()
    changed[place] = LINES[place] | change
    LINE.validate(changed[place])
    path = tmp_path / "changed.jsonl"
    path.write_bytes(sealed(changed))
    assert check_certificate(path).status == status


def test_the_first_line_at_fault_decides(tmp_path: Path) -> None:
    """A false row before a malformed one is INVALID; a wrong digest is judged last."""
    path = tmp_path / "changed.jsonl"
    false, broken = CERTIFIED | {"radius": 8}, LINES[3] | {"index": 0}
    for changed, expected in (
        ([HEADER, false, ABSTAINING, broken, *LINES[4:]], ("INVALID", 2)),
        ([HEADER, CERTIFIED, ABSTAINING, broken, *LINES[4:]], ("MALFORMED", 4)),
    ):
        path.write_bytes(b"".join(map(spelled, changed)))
        verdict = check_certificate(path)
        assert (verdict.status, verdict.line) == expected
    path.write_bytes(EXAMPLE.encode().replace(b'"truth":0', b'"truth":1', 1))
    assert (check_certificate(path).status, check_certificate(path).line) == ("MALFORMED", 7)
    path.write_bytes(EXAMPLE.encode() + b"\n")
    assert (check_certificate(path).status, check_certificate(path).line) == ("MALFORMED", 8)


# --- votes ---------------------------------------------------------------------------------------


def test_the_header_of_votes_fits() -> None:
    parse_header(json.dumps(VOTES_HEADER))
    VOTES.validate(VOTES_HEADER)
    assert set(VOTES_HEADER) == {"format", *(field.name for field in fields(VotesHeader))}
    for key in VOTES_HEADER:
        needed = key in ("format", "n", "k", "models", "classes")
        assert VOTES.is_valid({k: v for k, v in VOTES_HEADER.items() if k != key}) != needed


@pytest.mark.parametrize(
    "change",
    [
        {"format": "bagcert-votes/2"},
        {"n": 0},
        {"k": 2**20 + 1},
        {"models": True},
        {"classes": 1},
        {"seed": 2**64},
        {"first_model": -1},
        {"learner": 7},
        {"learner_settings": {"gamma": 0.05}},
        {"versions": ["numpy"]},
        {"class_names": ["a", 1]},
        {"ignores_seed": "true"},
        {"looked_at": "digits"},
        {"looked_at": [0]},
        {"transductive": "true"},
        {"dataset_digest": "0" * 63},
        {"dataset_digest": "0" * 64 + "\n"},
        {"extra": ""},
    ],
)
def test_what_is_wrong_in_a_header_of_votes_is_seen_twice(change: dict[str, Any]) -> None:
    assert not VOTES.is_valid(VOTES_HEADER | change)
    with pytest.raises(ValueError, match=r"^header: "):
        parse_header(json.dumps(VOTES_HEADER | change))


def test_the_known_answers_of_the_draws() -> None:
    answers = re.findall(r"`(\d+(?:, \d+)*)`", PAGE.split("Known answers:")[1].split("\n\n")[0])
    words, first, second, (seed,), order = ([*map(int, found.split(", "))] for found in answers)
    assert np.random.Philox(key=7, counter=0).random_raw(2).tolist() == words
    assert draw(7, 0, 60_000, 5).tolist() == first
    assert draw(7, 1, 60_000, 5).tolist() == second
    assert model_seed(7, 0) == seed
    assert permutation(7, 5).tolist() == order
