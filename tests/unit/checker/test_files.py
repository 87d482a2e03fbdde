"""One file: its claims, lines, limits and bytes; streams, and callers that look on."""

import io
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from bagcert.reference import checker
from bagcert.reference.arithmetic import limits
from bagcert.reference.certificate import schema
from tests.vectors.certificates.files import plain
from tests.vectors.certificates.oracle import ONE, TRUTHS, VOTES, build, dump, make, seal

GOOD = build(make(VOTES))
HEAD, *MIDDLE, END = GOOD.splitlines(keepends=True)


def judged(content: bytes) -> checker.Verdict:
    return checker.check_stream(io.BytesIO(content))


def resealed(old: bytes, new: bytes) -> bytes:
    body = GOOD[: -len(END)]
    assert old in body
    return seal(body.replace(old, new, 1).splitlines(keepends=True))


# --- true and false ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["simuem", "cohen", "selected"])
@pytest.mark.parametrize("scope", ["simultaneous", "each"])
@pytest.mark.parametrize("attack", ["any", "modify", "delete", "insert"])
@pytest.mark.parametrize("residual", ["paper", "none", "integral"])
def test_what_the_second_route_certifies_is_valid(
    method: str, scope: str, attack: str, residual: str
) -> None:
    setting = {"method": method, "scope": scope, "attack": attack, "residual": residual}
    for n, k in [(1, 1), (2, 1), (3, 2), (50, 3), (40, 1), (17, 40)]:
        found = judged(build(make(VOTES, TRUTHS, n=n, k=k, **setting)))
        assert found.status == "VALID", (n, k, str(found))
    assert judged(build(make([[20, 0], [11, 9], [1, 19]], classes=2, **setting))).status == "VALID"
    votes = [[18, 1, 1, 0], [5, 5, 5, 5], [0, 4, 0, 16]]
    assert judged(build(make(votes, classes=4, **setting))).status == "VALID"


def test_every_change_of_a_number_in_a_row_is_noticed() -> None:
    head, rows, accuracy = make(VOTES, TRUTHS)
    for i, row in enumerate(rows):
        for field in set(row) - {"index", "counts", "truth"}:
            old = row[field]
            news: list[Any] = ["selection", "bounds", "residual"]
            if isinstance(old, int):
                news = [old + 1, old - 1]
            elif old.startswith("0x"):
                t = int(float.fromhex(old) * ONE)
                news = [(u / ONE).hex() for u in (t - 1, t + 1) if 0 <= u <= ONE]
            for new in set(news) - {old}:
                if isinstance(new, int) and not 0 <= new < (3 if field == "label" else 10**9):
                    continue
                changed = [*rows[:i], row | {field: new}, *rows[i + 1 :]]
                found = judged(seal([dump(head), *map(dump, changed)], accuracy))
                assert (found.status, found.line, found.field) == ("INVALID", i + 2, field)


def test_messages_tell_unsound_from_not_tight() -> None:
    head, rows, _ = make([[20, 0, 0]])
    r = rows[0]["radius"]
    for radius, how in [(r - 1, "sound but not maximal"), (r + 1, "unsound"), (50, "unsound")]:
        found = judged(seal([dump(head), dump(rows[0] | {"radius": radius})]))
        assert str(found) == f"INVALID line 2, radius: is {radius}, should be {r} ({how})"
        assert found.exit_status == 1
    for field, sign in (("p_lower", 1), ("p_upper", -1)):
        due = rows[0][field]
        t = int(float.fromhex(due) * ONE)
        for step, how in [(-sign, "sound but not the tightest"), (sign, "unsound")]:
            text = ((t + step) / ONE).hex()
            found = judged(seal([dump(head), dump(rows[0] | {field: text})]))
            assert str(found) == f"INVALID line 2, {field}: is {text}, should be {due} ({how})"


def test_messages_say_what_is_due_of_radii_witnesses_and_abstentions() -> None:
    def told(votes: list[list[int]], i: int, edit: dict[str, Any], **setting: Any) -> str:
        """The message on row i with fields changed, or left out where the new value is None."""
        head, rows, _ = make(votes, **setting)
        row = {key: value for key, value in (rows[i] | edit).items() if value is not None}
        found = judged(seal([dump(head), *map(dump, [*rows[:i], row, *rows[i + 1 :]])]))
        assert (found.status, found.line) == ("INVALID", i + 2)
        return f"{found.field} {found.message}"

    r, size = (make([[20, 0, 0]], attack="insert")[1][0][key] for key in ("radius", "worst_size"))
    assert size == 50 + r + 1
    for edit, message in (
        ({"worst_size": size - 1}, f"worst_size is {size - 1}, should be {size}"),
        ({"worst_size": None}, f"worst_size is absent, should be {size}"),
    ):
        assert told([[20, 0, 0]], 0, edit, attack="insert") == message
    # At a radius of n - 1 there is no witness.
    small = {"n": 2, "k": 1, "attack": "delete", "residual": "none"}
    assert {"radius", "worst_size"} & set(make([[20, 0, 0]], **small)[1][0]) == {"radius"}
    message = "worst_size is 1, should be absent"
    assert told([[20, 0, 0]], 0, {"worst_size": 1}, **small) == message
    assert make([[20, 0, 0]], k=30)[1][0]["radius"] == 0
    message = "radius is 1, should be 0 (unsound)"
    assert told([[20, 0, 0]], 0, {"radius": 1}, k=30) == message
    message = "abstain is bounds, should be selection"
    assert told([[7, 7, 6]], 0, {"abstain": "bounds"}) == message
    claim = dict.fromkeys(("label", "p_lower", "p_upper", "radius", "worst_size"))
    message = "abstain is bounds, should be a certificate"
    assert told([[20, 0, 0]], 0, claim | {"abstain": "bounds"}) == message


def test_accuracies_are_named_from_the_first() -> None:
    head, rows, accuracy = make(VOTES, TRUTHS)
    assert accuracy
    lines = [dump(head), *map(dump, rows)]
    found = judged(seal(lines, accuracy[1:]))
    due = f"is false, should be that of the rows, from {accuracy[0]} on"
    assert str(found) == f"INVALID line 8, certified_accuracy: {due}"
    for i, pair in enumerate(accuracy):
        for more in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            near = [pair[0] + more[0], pair[1] + more[1]]
            changed = [*accuracy[:i], near, *accuracy[i + 1 :]]
            assert judged(seal(lines, changed)).message == due
    for r in (0, 1, accuracy[-1][0], accuracy[-1][0] + 1):  # a pair more, of no row
        assert judged(seal(lines, [*accuracy, [r, 0]])).message == due
    lines = [line.replace(b'"truth":0', b'"truth":1') for line in lines[:2]]
    lines[0] = lines[0].replace(b'"examples":6', b'"examples":1')
    assert (
        judged(seal(lines, [[1, 1]])).message
        == "is false, should be that of the rows, from no pair on"
    )


@pytest.mark.parametrize("votes", [[18, 1, 0], [18, 2, 1]])
def test_counts_of_one_model_less_or_more_are_malformed(votes: list[int]) -> None:
    """All else in the row is what these counts of 20 models would give."""
    found = judged(build(make([[20, 0, 0], votes])))
    assert str(found) == "MALFORMED line 3, counts: must sum to models = 20"


@pytest.mark.parametrize(
    "end", [b"]\n", b"\n", b"}\n", b"] }\n", b"]}}\n", b"]},\n", b"]} \n", b",]}\n"]
)
def test_the_list_of_accuracies_ends_the_line(end: bytes) -> None:
    content = build(make(VOTES, TRUTHS))
    assert content.endswith(b"]]}\n")
    found = judged(content[:-3] + end)
    assert (found.status, found.field) == ("MALFORMED", "certified_accuracy")
    assert found.message == "is not a list of pairs in canonical spelling"


def test_every_truncation_and_every_changed_byte_is_noticed() -> None:
    for i in range(0, len(GOOD), 7):
        assert judged(GOOD[:i]).status == "MALFORMED"
        flipped = GOOD[:i] + bytes([GOOD[i] ^ 1]) + GOOD[i + 1 :]
        assert judged(flipped).status != "VALID"


# --- lines and limits ----------------------------------------------------------------------------


def padded(length: int) -> bytes:
    """A header line of so many bytes with its newline, in a file sealed again."""
    notes = {"provenance": {f"{i:02}" + "k" * 254: "v" * 256 for i in range(64)}}
    head = dump(json.loads(HEAD) | notes)
    assert len(head) < length
    return head[:-2] + b" " * (length - len(head)) + head[-2:]


@pytest.mark.parametrize("block", [1, 7, 2**16])
def test_a_line_has_at_most_its_limit_to_the_byte(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "BLOCK", block)
    for limit, status in ((len(HEAD) - 1, "MALFORMED"), (len(HEAD), "VALID")):
        monkeypatch.setattr(checker, "MAX_LINE", limit)
        assert len(HEAD) == max(map(len, GOOD.splitlines(keepends=True)))
        found = judged(GOOD)
        assert found.status == status
        if status == "MALFORMED":
            assert str(found) == f"MALFORMED line 1: the line is longer than {limit} bytes"


def test_a_line_at_the_limit_is_read_and_the_next_longer_one_is_not() -> None:
    for length, message in ((2**20, "is not canonical"), (2**20 + 1, "longer than 1048576 bytes")):
        found = judged(padded(length))
        assert (found.status, found.line) == ("MALFORMED", 1)
        assert message in found.message


def test_a_summary_may_be_longer_for_its_radii(monkeypatch: pytest.MonkeyPatch) -> None:
    content = build(make(VOTES, TRUTHS))
    summary = content.splitlines(keepends=True)[-1]
    assert len(HEAD) > len(summary)
    monkeypatch.setattr(checker, "MAX_LINE", len(HEAD))
    monkeypatch.setattr(checker, "SUMMARY_BYTES", 0)
    distinct = summary.count(b"],[") + 1
    monkeypatch.setattr(checker, "RADIUS_BYTES", len(HEAD) // distinct + 1)
    assert judged(content).status == "VALID"
    longer = content[:-1] + b" " * (distinct * checker.RADIUS_BYTES - len(summary)) + b"\n"
    assert "pairs" in judged(longer).message
    assert "longer than" in judged(longer[:-1] + b" \n").message


@pytest.mark.parametrize("block", [2, 7, len(plain(GOOD))])
def test_nothing_follows_a_member_in_whatever_blocks_it_is_read(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "BLOCK", block)
    assert judged(plain(GOOD)).status == "VALID"
    for more in (b"\0", plain(b""), plain(GOOD)):
        found = judged(plain(GOOD) + more)
        assert str(found) == "MALFORMED line 9: something follows the gzip member"


def test_gzip_may_refer_back_as_far_as_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text again more than 16 KiB and less than gzip's 32 KiB later, blocks before."""
    rng = random.Random(7)
    keys, values = ([rng.randbytes(n).hex() for _ in range(64)] for n in (45, 128))
    values[-1] = values[0]
    made = make([[20, 0, 0]])
    content = build((made[0] | {"provenance": dict(zip(keys, values, strict=True))}, *made[1:]))
    assert 2**14 < content.rindex(values[0].encode()) - content.index(values[0].encode()) < 2**15
    monkeypatch.setattr(checker, "BLOCK", 2**10)
    assert judged(plain(content)).status == "VALID"


def test_an_endless_line_is_not_read_to_its_end() -> None:
    class Digits(io.RawIOBase):
        """10^9 digits after a beginning of a header."""

        left = 10**9

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            size = min(len(buffer), self.left)
            buffer[:size] = b"9" * size
            self.left -= size
            return size

    digits = Digits()
    found = checker.check_stream(io.BufferedReader(digits))
    assert found.message == "the line is longer than 1048576 bytes"
    assert digits.left > 10**9 - 2**21


def test_an_empty_file_and_lines_that_are_no_object_are_named_plainly() -> None:
    """Also a line nested deeper than a parser goes, and one that begins with a control byte."""
    assert str(judged(b"")) == "MALFORMED line 1: a line is missing"
    for line in (b"{", b"\xff", b"[]", b"1e9", b"\x01", b"[" * 50_000, b'{"a":' * 50_000):
        found = judged(line + b"\n")
        due = "MALFORMED line 1: is not one object of strings and integers in ASCII"
        assert str(found) == due, line[:9]


def test_distinct_radii_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    content = build(make(VOTES, TRUTHS))
    distinct = content.splitlines()[-1].count(b"],[") + 1
    monkeypatch.setattr(checker, "MAX_RADII", distinct)
    assert judged(content).status == "VALID"
    monkeypatch.setattr(checker, "MAX_RADII", distinct - 1)
    found = judged(content)
    assert (found.status, found.field) == ("MALFORMED", "radius")
    assert f"more than {distinct - 1} distinct radii" in found.message


def test_the_limits_are_those_of_the_writer_and_the_reader() -> None:
    assert checker.MAX_N == limits.MAX_EXAMPLES
    assert checker.MAX_POWER_BITS == limits.MAX_LIST_BITS
    assert checker.MAX_MODELS == limits.MAX_MODELS
    assert checker.MAX_CLASSES == limits.MAX_CLASSES
    assert checker.MAX_EXAMPLES == limits.MAX_TESTED
    assert checker.MAX_ALPHA == limits.MAX_RATIONAL_CHARACTERS
    assert checker.MAX_TEXT == schema.MAX_NAME
    assert checker.MAX_PROVENANCE == schema.MAX_NOTES
    assert checker.MAX_LINE == schema.MAX_LINE
    assert checker.MAX_N - 1 == schema.MAX_INDEX


def test_the_limits_are_those_that_the_format_states() -> None:
    text = (Path(checker.__file__).parent / "FORMAT.md").read_text(encoding="utf-8")
    assert f"`max(2^20, {checker.RADIUS_BYTES} d + {checker.SUMMARY_BYTES})`" in text
    assert text.count(f"at most {checker.MAX_DIGITS} digits") == 2
    assert "at most 2^20 bytes" in text
    assert "at most 2^20 pairs" in text
    assert checker.MAX_LINE == checker.MAX_RADII == 2**20


LONG = "k" * 256
RULES: list[tuple[dict[str, checker.Rule], str, list[Any], list[Any]]] = [
    (checker.HEADER, "format", ["bagcert-certificate/1"], ["bagcert-certificate/2", 1]),
    (checker.HEADER, "n", [1, 10**12], [0, 10**12 + 1, True, "1"]),
    (checker.HEADER, "k", [1, 2**20 // 6], [0, 2**20 // 6 + 1, True]),  # n = 50 has six digits
    (checker.HEADER, "classes", [2, 2**16], [1, 2**16 + 1, True]),
    (checker.HEADER, "models", [1, 10**6], [0, 10**6 + 1, True]),
    (checker.HEADER, "examples", [1, 10**8], [0, 10**8 + 1, True]),
    (checker.HEADER, "alpha", ["1/2", "1/1" + "0" * 37, "9" * 19 + "/1" + "0" * 19],
     ["1/1" + "0" * 38, "2/4", "12/15", "1/1", "3/2", "0/1", "01/2", "1/2 ", "1", 1]),
    (checker.HEADER, "class_names", [["a", "b", "c"], ["a", "b", LONG]],
     [["a", "b"], ["a", "b", "c", "d"], ["a", "b", "b"], ["a", "b", LONG + "k"], ["a", "b", 1],
      "abc", ("a", "b", "c")]),
    (checker.HEADER, "provenance",
     [{}, {str(i): LONG for i in range(64)}, {LONG: ""}],
     [{str(i): "" for i in range(65)}, {LONG + "k": ""}, {"a": LONG + "k"}, {"a": 1}, []]),
    (checker.ROW, "index", [0, 10**12 - 1], [-1, 10**12, True]),
    (checker.ROW, "counts", [[1, 2, 3], [0, 0, -1]],
     [[1, 2], [1, 2, 3, 4], [1, 2, True], [1, 2, "3"], [1, 2, None], "123", (1, 2, 3)]),
    (checker.ROW, "label", [0, 2], [-1, 3, True]),
    (checker.ROW, "truth", [0, 2], [-1, 3, True]),
    (checker.ROW, "radius", [0, 10**20 - 1], ["0", True, None]),
    (checker.ROW, "worst_size", [0, 10**20 - 1], ["0", True, None]),
    (checker.ROW, "p_lower", ["0x0.0p+0", "0x1.0000000000000p-1"], ["0x1.0p-1", 0, "0.5", "0"]),
    (checker.ROW, "p_upper", ["0x0.0p+0", "0x1.0000000000000p-1"], ["0x1.0p-1", 0, "0.5", "0"]),
    (checker.SUMMARY, "count", [7], [6, 8, True]),
    (checker.SUMMARY, "sha256", ["d"], ["e", 1]),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "key", "good", "bad"), RULES, ids=lambda v: str(v)[:12])
def test_each_value_is_held_to_its_range_at_both_ends(
    rules: dict[str, checker.Rule], key: str, good: list[Any], bad: list[Any]
) -> None:
    header = {"n": 50, "classes": 3, "examples": 7, "sha256": "d"}
    for value in good:
        assert rules[key](value, header) is True, value
    for value in bad:
        assert rules[key](value, header) is False, value


def test_an_integer_has_at_most_twenty_digits() -> None:
    assert checker.natural("9" * 20) == 10**20 - 1
    for digits in ("1" * 21, "-1", "1.0", "", "NaN"):
        with pytest.raises(ValueError):  # noqa: PT011 - it has no message
            checker.natural(digits)


# --- streams -------------------------------------------------------------------------------------


def test_a_pipe_is_read_once_and_a_caller_sees_what_was_judged() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as sink:
        sink.write(GOOD)
    headers: list[Any] = []
    rows: list[Any] = []
    with os.fdopen(reading, "rb") as source:
        found = checker.check_stream(source, headers.append, lambda h, row: rows.append((h, row)))
    assert found.status == "VALID"
    assert headers == [json.loads(HEAD)]
    assert rows == [(headers[0], json.loads(line)) for line in MIDDLE]


def test_a_caller_sees_no_row_that_is_false_nor_any_after_it() -> None:
    rows: list[Any] = []
    wrong = [*MIDDLE[:2], MIDDLE[2].replace(b"selection", b"bounds"), *MIDDLE[3:]]
    content = seal([HEAD, *wrong])
    found = checker.check_stream(io.BytesIO(content), on_row=lambda h, row: rows.append(row))
    assert (found.status, found.line) == ("INVALID", 4)
    assert rows == [json.loads(line) for line in MIDDLE[:2]]


def test_what_a_caller_does_changes_no_verdict() -> None:
    def spoil(*shown: dict[str, Any]) -> None:
        for found in shown:
            found.clear()

    found = checker.check_stream(io.BytesIO(GOOD), spoil, spoil)
    assert found == judged(GOOD)
    assert "a = 1/10" in found.remark

    def refuse(*_: object) -> None:
        raise OSError("mine")

    for callbacks in ({"on_header": refuse}, {"on_row": refuse}):
        with pytest.raises(OSError, match="mine"):
            checker.check_stream(io.BytesIO(GOOD), **callbacks)


def test_an_error_while_reading_is_malformed_where_it_happens() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "torn \x1b[2K")

    found = checker.check_stream(Torn())
    assert (found.status, found.line) == ("MALFORMED", 1)
    assert str(found).isascii()
    assert str(found).isprintable()


@pytest.mark.parametrize("name", ["none\n", ".", "nul\0", "a" * 300])
def test_what_cannot_be_opened_is_malformed(tmp_path: Path, name: str) -> None:
    found = checker.check(tmp_path / name)
    assert found.status == "MALFORMED"
    assert found.line is None
    assert str(found).isprintable()


def test_no_file_is_said_plainly(tmp_path: Path) -> None:
    found = checker.check(tmp_path / "none")
    assert str(found) == "MALFORMED cannot be opened: no such file"
