"""The mutation runner's list and its swapping; the mutants themselves are run by hand."""

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.mutants import left_out
from tests.mutation.swapping import Living, changed

ROOT = Path(__file__).parents[2]
PLAN: dict[str, Any] = tomllib.loads((ROOT / "tests/mutation/plan.toml").read_text())["tests"]
SURVIVORS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests/mutation/survivors.toml").read_text()
)["survivor"]


def test_every_module_of_the_plan_and_every_test_is_there() -> None:
    for module, tests in PLAN.items():
        assert (ROOT / module).is_file()
        assert tests
        assert all((ROOT / test).exists() for test in tests)


def test_every_explanation_is_of_a_line_that_stands_where_it_says() -> None:
    for entry in SURVIVORS:
        assert entry.keys() == {"module", "where", "was", "now", "why"}
        assert entry["module"] in PLAN
        source = (ROOT / entry["module"]).read_text()
        lines = source.splitlines()
        name = entry["where"].split(".")[-1]
        holders = [
            node
            for node in ast.walk(ast.parse(source))
            if getattr(node, "name", None) == name or (name, type(node)) == ("module", ast.Module)
        ]
        held = [
            line.strip()
            for node in holders
            for line in lines[getattr(node, "lineno", 1) - 1 : getattr(node, "end_lineno", None)]
        ]
        assert entry["was"] in held, entry
        assert entry["now"]
        assert entry["was"] not in entry["now"]
        assert entry["why"]


SOURCE = """
LIMIT = 3

def plain(x):
    return x + 1

def outer(x):
    def inner(y):
        return y + 1
    return inner(x)

class Held:
    size = 4

    def method(self, x=5):
        return x + 1

RULES = {"a": lambda v: v > 1}
"""


def living(called: set[tuple[str, int]]) -> tuple[Living, dict[str, Any]]:
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "swapped/here.py", "exec", dont_inherit=True), names)
    return Living("swapped/here.py", SOURCE, called), names


@pytest.mark.parametrize(
    ("old", "new", "ask", "before", "after"),
    [
        ("return x + 1\n\ndef", "return x - 1\n\ndef", lambda f: f["plain"](1), 2, 0),
        ("return y + 1", "return y - 1", lambda f: f["outer"](1), 2, 0),
        ("x + 1\n\nR", "x - 1\n\nR", lambda f: f["Held"]().method(1), 2, 0),
        ("v > 1", "v > 2", lambda f: f["RULES"]["a"](2), True, False),
    ],
)  # fmt: skip
def test_code_is_swapped_inside_functions(
    old: str, new: str, ask: Callable[[dict[str, Any]], Any], before: Any, after: Any
) -> None:
    alive, names = living(set())
    assert SOURCE.count(old) == 1
    assert ask(names) == before
    swaps = alive.swaps(SOURCE.replace(old, new))
    assert swaps is not None
    for function, code in swaps:
        function.__code__ = code
    assert ask(names) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [("LIMIT = 3", "LIMIT = 4"), ("size = 4", "size = 5"), ("x=5", "x=6"), ("v: v", "v: +v")],
)
def test_what_runs_at_import_is_not_swapped(old: str, new: str) -> None:
    rules = 1 + SOURCE.splitlines().index('RULES = {"a": lambda v: v > 1}')
    alive, _ = living({("<lambda>", rules)})  # as if a rule had been asked during the import
    assert alive.swaps(SOURCE.replace(old, new)) is None


def test_a_function_that_was_called_while_all_was_imported_is_not_swapped() -> None:
    mutant = SOURCE.replace("return y + 1", "return y - 1")
    for called, swapped in ((("plain", 4), True), (("outer", 7), False)):
        alive, _ = living({called})
        assert (alive.swaps(mutant) is not None) is swapped
    inner = ("outer.<locals>.inner", 8)
    assert living({inner})[0].swaps(mutant) is None


def test_one_and_true_are_different_constants() -> None:
    old, new = (compile(f"X = {text}\nY = {text}", "c", "exec") for text in ("1", "True"))
    assert changed(old, new) is None
    assert changed(old, old) == []


def test_annotations_caches_and_messages_are_left_out() -> None:
    source = (
        "@lru_cache(maxsize=64)\n"
        "def f(x: int | None = 1) -> int | str:\n"
        "    y: int | None = 2\n"
        "    raise ValueError(f'{x + 1}', x + 2)\n"
    )
    lines = source.splitlines()
    cut = {lines[start[0] - 1][start[1] : end[1]] for start, end in left_out(ast.parse(source))}
    assert cut == {"lru_cache(maxsize=64)", "int | None", "int | str", "f'{x + 1}'"}
