"""Tables on standard output: where numbers stand, and that every command's go through one place."""

import pytest

from bagcert.fastpath.paper.experiments import EXPERIMENTS, Outcome, print_beside_the_reported
from bagcert.fastpath.paper.reported import load_claims
from bagcert.fastpath.report.accuracy import rows_at
from bagcert.fastpath.report.methods import print_comparison
from bagcert.proofs_checks.enumeration import exhaustive
from bagcert.reference.commands.plan import plan
from bagcert.reference.terminal.tables import print_table


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_numbers_stand_to_the_right_and_words_to_the_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heads = ("r", "share", "count", "mixed", "word", "gap")
    print_table(
        heads,
        [
            (5, "9.00 %", "90 (9.0 %)", "selected", "one", None),
            (100, "10.00 %", None, 7, "a dozen", ""),
        ],
    )
    head, rule, *lines = printed(capsys)
    assert head == "  r     share        count   mixed      word       gap"
    assert set(rule) == {"─"}
    assert lines == [
        "  5    9.00 %   90 (9.0 %)   selected   one       none",
        "100   10.00 %         none   7          a dozen       ",
    ]


def test_what_a_cell_could_do_to_a_terminal_is_spelled(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a\x1b[2J",), [("\x1b[31m[red]x",)])
    assert printed(capsys) == ["a\\x1b[2J      ", "──────────────", "\\x1b[31m[red]x"]


def test_a_notebook_gets_plain_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as its kernel does
    print_table(("head",), [("cell",)])
    assert printed(capsys) == ["head", "────", "cell"]


def test_methods_are_columns(capsys: pytest.CaptureFixture[str]) -> None:
    column = {
        "certified": 2, "abstained": 1, "level_proven_for_one_example": "1/3000",
        "radius_sum": 7, "radius_min_median_max": None, "rows_above_selected": 0,
        "rows_below_selected": 1, "certified_accuracy": [[0, 2], [10, 1]],
    }  # fmt: skip
    print_comparison({"selected": column, "cohen": column}, 3)
    lines = printed(capsys)
    assert lines[0] == "                                selected      cohen"
    assert "median radius                       none       none" in lines
    assert "certified accuracy, r = 10       33.33 %    33.33 %" in lines


def test_the_reported_is_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    accuracy = ((0, 3, 3), (25, 2, 3), (50, 1, 3), (75, 0, 3), (100, 0, 3))
    print_beside_the_reported(
        EXPERIMENTS["mnist17"], [Outcome("none", accuracy, "VALID", {})], load_claims()
    )
    lines = printed(capsys)
    assert lines[:2] == ["certified accuracy, k = 50", "  r   reported   as it is"]
    assert " 50    96.95 %    33.33 %" in lines
    assert " 75                0.00 %" in lines


def test_a_plan_is_a_grid(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(1000, 3, 10, 5, k="10,500", models="100,1000") == 0
    lines = printed(capsys)
    assert lines[1] == "  k       N = 100       N = 1000   at most r"
    assert lines[3:5] == [
        " 10   75 (75.0 %)   611 (61.1 %)          66",
        "500          none           none           1",
    ]


def test_what_was_enumerated_is_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = exhaustive.Scale(n=1, k=1, classes=2, lists=1, pairs=1, learners=4, visits=1)
    monkeypatch.setattr(exhaustive, "QUICK", few)
    assert exhaustive.main([]) == 0
    lines = printed(capsys)
    assert lines[0] == "              number"
    assert lines[2].startswith("by learners  ")


def test_a_curve_counts_at_r_what_its_next_step_counts() -> None:
    steps = ((3, 10), (7, 4))
    assert [rows_at(steps, r) for r in (0, 3, 4, 7, 8)] == [10, 10, 4, 4, 0]
    assert rows_at((), 0) == 0
