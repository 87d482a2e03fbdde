"""What a stranger wrote, printed: nothing that a terminal obeys comes through, anywhere."""

import json
import sys
import unicodedata

import pytest
import typer

from bagcert.reference.terminal.console import command, say, show, tell
from bagcert.reference.terminal.printable import printable

#: Erases the line, moves, rings, hides, turns the direction, breaks the line, is half a character.
HOSTILE = "\x1b[2K\r\n\x07\x9b\u202e\u2066\u200b\u2028\ufffe\udcff\x7f"


def test_no_character_of_unicode_that_a_terminal_may_obey_comes_through() -> None:
    for point in range(sys.maxunicode + 1):
        shown = printable(chr(point))
        kinds = {unicodedata.category(sign) for sign in shown}
        assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}, hex(point)
        assert shown == chr(point) or shown.startswith("\\")


def test_a_second_pass_changes_nothing_and_words_stay() -> None:
    once = printable(HOSTILE + "naïve 数 \\ é")
    assert printable(once) == once
    assert printable("naïve 数 C:\\votes é") == "naïve 数 C:\\votes é"
    assert printable("") == ""


def test_what_is_too_long_is_cut_after_it_was_escaped() -> None:
    assert printable("\x1b" * 9, 5) == "\\x1b…"
    assert printable("abcde", 5) == "abcde"
    assert printable("abcdef", 5) == "abcd…"


def test_every_way_out_is_printable(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"drew {HOSTILE}")
    tell(f"DIFFERS {HOSTILE}", "second")
    show({"votes": HOSTILE}, as_json=False)
    show({"votes": HOSTILE}, as_json=True)
    out, error = capsys.readouterr()
    told, second, shown, as_json = out.split("\n")[:-1]
    assert shown == "votes  " + printable(HOSTILE)
    assert told == "DIFFERS " + printable(HOSTILE)
    assert second == "second"
    assert json.loads(as_json) == {"votes": HOSTILE}
    assert as_json.isprintable()
    assert all(line.isprintable() for line in error.split("\n"))


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"{HOSTILE}: not votes"),
        TypeError(HOSTILE),
        FileNotFoundError(2, "No such file or directory", HOSTILE),
        FileNotFoundError(2, "No such file or directory", b"\xff\x1b\n"),
    ],
)
def test_an_error_is_one_printable_line(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> None:
        raise error

    with pytest.raises(typer.Exit):
        command(run)()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bagcert: error: ")
    assert line.isprintable()
