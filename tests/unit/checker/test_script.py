"""What is said of a file, to whom, and the kernel as a script of its own."""

import io
import json
import os
import runpy
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from bagcert.reference import checker
from tests.vectors.certificates.files import ESCAPES
from tests.vectors.certificates.oracle import VOTES, build, dump, make, seal

GOOD = build(make(VOTES))
HEAD, *MIDDLE, END = GOOD.splitlines(keepends=True)


def judged(content: bytes) -> checker.Verdict:
    return checker.check_stream(io.BytesIO(content))


def resealed(old: bytes, new: bytes) -> bytes:
    body = GOOD[: -len(END)]
    assert old in body
    return seal(body.replace(old, new, 1).splitlines(keepends=True))


@pytest.mark.parametrize(
    ("method", "c", "scope", "level"),
    [
        ("simuem", 3, "each", "(1 + 1/3) a, a = 1/10"),
        ("simuem", 2, "each", "a, a = 1/10"),
        ("cohen", 3, "simultaneous", "a, a = 1/10 / 1"),
        ("selected", 3, "each", "a, a = 1/10"),
    ],
)
def test_the_proven_level_is_said_of_valid_files_only(
    method: str, c: int, scope: str, level: str
) -> None:
    made = make([[20, 0, 0][:c]], method=method, classes=c, scope=scope)
    found = judged(build(made))
    proven = f"proven of each example: Pr(issued and wrong) <= {level}"
    assert found.remark == f"{checker.NOT_JUDGED}\n{proven}"
    lie = dump(made[1][0] | {"radius": made[1][0]["radius"] + 1})
    for content in (seal([dump(made[0]), lie]), build(made)[:-1]):
        assert judged(content).remark == checker.NOT_JUDGED


def test_a_strangers_text_is_printed_in_ascii() -> None:
    for old in (b'"selected"', b'"1/10"', b'"p_lower":"0x1.'):
        new = old.replace(b'"selected', b'"' + json.dumps(ESCAPES)[1:-1].encode())
        new = new.replace(b'"1/10', b'"' + json.dumps(ESCAPES)[1:-1].encode())
        new = new.replace(b'"0x1.', b'"' + json.dumps(ESCAPES)[1:-1].encode())
        text = str(judged(resealed(old, new)))
        assert text.startswith("MALFORMED line")
        assert text.isascii()
        assert text.isprintable()
        assert len(text) < 300


def run_script(script: Path, path: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *flags, str(script), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_script_stands_alone_among_a_strangers_modules(tmp_path: Path) -> None:
    script = tmp_path / "checker.py"
    script.write_bytes(Path(checker.__file__).read_bytes())
    for name in ("json", "re", "argparse", "bisect", "__future__", "fractions"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(0)\n")
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(GOOD)
    bad.write_bytes(resealed(b'"label":0', b'"label":1'))
    for flags in ((), ("-I",), ("-O",), ("-P",)):
        done = run_script(script, good, *flags)
        assert (done.returncode, done.stdout) == (0, "VALID 6 examples, 3 abstain\n")
        assert "counts" in done.stderr
        assert run_script(script, bad, *flags).returncode == 1
        assert run_script(script, tmp_path / "absent", *flags).returncode == 2


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ({"isolated": 0, "safe_path": False}, False),
        ({"isolated": 0}, False),  # as in a Python without that flag
        ({"isolated": 1, "safe_path": True}, True),
        ({"isolated": 1, "safe_path": False}, True),
        ({"isolated": 0, "safe_path": True}, True),  # -P: what comes first is not the script's
    ],
)
def test_only_the_scripts_own_folder_is_left_out(
    flags: dict[str, object], kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {name: getattr(sys.flags, name) for name in dir(sys.flags) if name[0] != "_"}
    del own["safe_path"]
    monkeypatch.setattr(sys, "flags", SimpleNamespace(**own | flags))
    monkeypatch.setattr(sys, "path", ["first", *sys.path])
    monkeypatch.setattr(sys, "argv", [checker.__file__, str(tmp_path / "absent")])
    rest = sys.path[1:]
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(checker.__file__, run_name="__main__")
    assert ended.value.code == 2
    assert sys.path == (["first", *rest] if kept else rest)


@pytest.mark.parametrize("name", ["Kernel", "kernel"])
def test_an_import_leaves_the_path_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = [*sys.path]
    found = runpy.run_path(checker.__file__, run_name=name)
    assert sys.path == before
    assert found["MAX_N"] == checker.MAX_N


def test_a_verdict_that_cannot_be_written_is_no_success(tmp_path: Path) -> None:
    good = tmp_path / "good.jsonl"
    good.write_bytes(GOOD)
    command = [sys.executable, "-I", checker.__file__, str(good)]

    def status(stdout: str | int, stderr: str | int) -> tuple[int, str]:
        with ExitStack() as files:
            streams = {
                name: target if isinstance(target, int) else files.enter_context(open(target, "w"))
                for name, target in (("stdout", stdout), ("stderr", stderr))
            }
            done = subprocess.run(command, **streams, text=True, check=False)  # type: ignore[call-overload]
        return done.returncode, done.stdout or done.stderr or ""

    unwritten = "the verdict cannot be written to standard output\n"
    assert status("/dev/full", subprocess.PIPE) == (2, unwritten)
    assert status("/dev/full", "/dev/full") == (2, "")
    assert status(subprocess.PIPE, "/dev/full") == (0, "VALID 6 examples, 3 abstain\n")


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checker, "check", interrupt)
    assert checker.main(["cert.jsonl"]) == 130


def test_main_prints_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cert.jsonl"
    path.write_bytes(GOOD)
    assert checker.main([os.fspath(path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "VALID 6 examples, 3 abstain\n"
    assert printed.err == judged(GOOD).remark + "\n"


def test_the_source_keeps_its_promises() -> None:
    source = Path(checker.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 650
    for word in ("float(", "assert ", "math.log", "math.exp", "math.sqrt", "bagcert.", "numpy",
                 "setattr", "eval(", "exec(", "fmt: "):  # fmt: skip
        assert word not in source
