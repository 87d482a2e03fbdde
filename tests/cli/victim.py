"""Run by test_interruptions.py: ``bagcert train`` stopped at random moments, ten times and more.

A forked child runs the command as ``bagcert`` does, without importing everything again; its parent
kills it, or presses Ctrl-C, some time after it began or after it finished some more shards, and
prints one line of JSON for each child.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import bagcert.fastpath.training.ensemble  # noqa: F401  # so that children need not import it
from bagcert.__main__ import app
from bagcert.fastpath.datasets import load_dataset

# A background job of a shell ignores Ctrl-C, and its children with it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def child(arguments: list[str], log: Path) -> int:
    """Run the command in a child process; its standard error goes to ``log``."""
    pid = os.fork()
    if pid:
        return pid
    status = 99
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        app(arguments)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 98
    except KeyboardInterrupt:  # before the command had begun
        status = 130
    finally:
        sys.stderr.flush()
        os._exit(status)


def shards(partial: Path) -> int:
    """Return how many shards are finished."""
    return len(list(partial.glob("models-*")))


def wait_for_shards(pid: int, partial: Path, more: int) -> None:
    """Wait until so many more shards are finished, or the child is."""
    due = shards(partial) + more
    while shards(partial) < due:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return
        time.sleep(0.001)


def main(folder: Path, interruptions: int, seed: int, longest: float, arguments: list[str]) -> None:
    """Interrupt the command ``interruptions`` times, then let it finish."""
    output, log = folder / "votes.npz", folder / "log"
    partial = folder / "votes.npz.partial"
    load_dataset("digits")
    source = random.Random(seed)
    done = 0
    while True:
        pid = child(["train", "-o", str(output), *arguments], log)
        how = None
        if done < interruptions:
            how = source.choice([signal.SIGINT, signal.SIGKILL])
            more = source.randint(0, 3)
            if more:
                wait_for_shards(pid, partial, more)
            time.sleep(source.uniform(0, 0.02 if more else longest))
            os.kill(pid, how)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        line: dict[str, Any] = {
            "how": how and how.name,
            "status": status,
            "votes": output.exists(),
            "shards": shards(partial),
            "log": log.read_text(),
        }
        print(json.dumps(line))
        if how is None:
            return
        if status == 0:  # it was faster: that was no interruption
            output.unlink()
        else:
            done += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
