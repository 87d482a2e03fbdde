"""Mutation testing: `python -m tests.mutation.run [--again] [MODULE ...]`, or `make mutants`.

Each mutant of a module (`mutants.py`) is run against the module's tests (`plan.toml`). One that
no test kills must be explained in `survivors.toml`. What was found is kept in `runs/mutants/`,
one line for each mutant, as long as the module's text is the same: an interrupted run goes on
where it stopped, and `--again` tries the survivors once more, and only them. Exit status 1: a
mutant that was not tried, a survivor that is not explained, or an explanation of a mutant that
was killed or is none.
"""

import argparse
import hashlib
import json
import math
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Final

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.runner import Bench, Died, cleaned, import_anew, swap_in
from tests.mutation.tree import ROOT, copied

HERE: Final = Path(__file__).resolve().parent
KEPT: Final = ROOT / "runs" / "mutants"
COSTS: Final = KEPT / "costs.json"

Fates = dict[tuple[str, str, str], str]  # of a mutant's key: what killed it, "" if nothing


def explained(module: str) -> dict[tuple[str, str, str], str]:
    """Why a mutant of a module is let live."""
    entries = tomllib.loads((HERE / "survivors.toml").read_text())["survivor"]
    return {
        (entry["where"], entry["was"], now): entry["why"]
        for entry in entries
        if entry["module"] == module
        for now in entry["now"]
    }


def _record(module: str) -> Path:
    digest = hashlib.sha256((ROOT / module).read_bytes()).hexdigest()[:16]
    return KEPT / f"{module.removesuffix('.py').replace('/', '.')}-{digest}.jsonl"


def known(module: str) -> Fates:
    """What earlier runs found; the last word counts."""
    path = _record(module)
    lines = path.read_text().splitlines() if path.exists() else []
    return {tuple(key): by for key, by in map(json.loads, lines)}


def try_mutants(module: str, mutants: list[Mutant], tests: list[str], most: float) -> None:
    """Run the tests against each mutant, and note what became of it."""
    kills = Counter(by for by in known(module).values() if by)
    by_source, record = {mutant.source: mutant for mutant in mutants}, _record(module)

    def note(source: str, by: str) -> None:
        mutant = by_source[source]
        kills[by] += 1
        with record.open("a") as lines:
            print(json.dumps([mutant.key, by]), file=lines)
        if not by:
            print(f"  alive: {mutant.where}: {mutant.was}  ->  {mutant.now}", flush=True)

    with tempfile.TemporaryDirectory(prefix="mutants-") as name, copied(Path(name)) as copy:
        scratch = Path(name)
        (scratch / "session").mkdir()
        costs = json.loads(COSTS.read_text()) if COSTS.exists() else {}
        bench = cleaned(Bench(module, tests, copy / module, scratch, most, kills, costs))
        COSTS.write_text(json.dumps(bench.costs))
        print(f"{module}: {_cost(bench)}", flush=True)
        size = record.stat().st_size if record.exists() else 0
        swap_in(bench, by_source, note)
        lines = record.read_bytes()[size:].splitlines() if record.exists() else []
        done = [*map(json.loads, lines)]
        keys = {tuple(key) for key, _ in done}
        kills.update(by for _, by in done)
        print(f"{module}: {len(keys)} of {len(mutants)} swapped in", flush=True)
        rest = [mutant.source for mutant in mutants if mutant.key not in keys]
        if rest:
            import_anew(bench, rest, note)


def _cost(bench: Bench) -> str:
    times = bench.clean.tests if bench.clean else {}
    used = [seconds for seconds in times.values() if seconds <= bench.most]
    return f"{len(used)} of {len(times)} tests, {sum(used):.2f} s"


def examine(module: str, tests: list[str], options: argparse.Namespace) -> bool:
    """Bring the record of one module up to date, unless only the table is wanted; compare it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    mutants = [*mutants_of((ROOT / module).read_text())]
    before = known(module)
    todo = [m for m in mutants if before.get(m.key) == ("" if options.again else None)]
    if todo and not options.table:
        try:
            try_mutants(module, todo, tests, options.most)
        except Died as error:
            print(f"{module}: {error}", flush=True)
    fates, reasons = known(module), explained(module)
    alive = [mutant for mutant in mutants if fates.get(mutant.key) == ""]
    bare = [mutant for mutant in alive if mutant.key not in reasons]
    stale = reasons.keys() - {m.key for m in mutants if not fates.get(m.key)}
    missing = sum(mutant.key not in fates for mutant in mutants)
    print(row(module, len(mutants), missing, len(alive), len(bare)), flush=True)
    for mutant in bare if not options.table else ():
        print(f"  not explained, line {mutant.line}: {mutant.where}")
        print(f"    was {mutant.was}\n    now {mutant.now}")
    for where, was, now in sorted(stale):
        print(f"  explained, but not alive: {where}: {was}  ->  {now}")
    return not bare and not stale and not missing


def row(module: str, mutants: int, missing: int, alive: int, bare: int) -> str:
    """One line of the table in README.md."""
    killed, explained = mutants - missing - alive, alive - bare
    if missing == mutants:
        return f"| `{module}` | {mutants} | all | | | | |"
    share = f"{1000 * killed // max(1, killed + bare) / 10} %"
    return f"| `{module}` | {mutants} | {missing} | {killed} | {explained} | {bare} | {share} |"


def main() -> int:
    """Every module of the plan, or those that are named."""
    plan: dict[str, Any] = tomllib.loads((HERE / "plan.toml").read_text())["tests"]
    parser = argparse.ArgumentParser(description="Mutation testing.")
    parser.add_argument("modules", nargs="*", help="paths as in plan.toml; all if none is named")
    parser.add_argument("--again", action="store_true", help="try survivors once more")
    parser.add_argument("--table", action="store_true", help="only say what is known")
    parser.add_argument(
        "--most", type=float, default=math.inf, help="seconds of a test that is worth its time"
    )
    options = parser.parse_args()
    for module in options.modules:
        if module not in plan:
            parser.error(f"{module}: not in plan.toml")
    warnings.simplefilter("ignore", SyntaxWarning)  # mutants such as `0 is 1`
    held = [examine(name, plan[name], options) for name in options.modules or plan]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
