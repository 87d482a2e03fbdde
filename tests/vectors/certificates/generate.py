"""Writes the corpus: certificate files that are valid, invalid and malformed, and their indices.

`python -m tests.vectors.certificates.generate`, at the root, writes all of it again, byte for
byte, from formulas of its own (oracle.py) and small edits; about a second.
"""

import shutil
from pathlib import Path

from tests.vectors.certificates.broken_files import malformed
from tests.vectors.certificates.false_files import invalid
from tests.vectors.certificates.true_files import valid

HERE = Path(__file__).parent
FOLDERS = {"valid": valid, "invalid": invalid, "malformed": malformed}


def corpus() -> dict[str, bytes]:
    """Every file by its path in this folder, the indices too."""
    found = {}
    for folder, files in FOLDERS.items():
        index = ["file\tline\tfield\ttries"]
        for file in sorted(files()):
            stem = file.name.removesuffix(".gz")
            name = f"{stem}.jsonl{file.name.removeprefix(stem)}"
            if f"{folder}/{name}" in found:
                raise ValueError(f"{folder}/{name} twice")
            found[f"{folder}/{name}"] = file.content
            index.append("\t".join((name, str(file.line or "-"), file.field or "-", file.tries)))
        found[f"{folder}/INDEX.tsv"] = ("\n".join(index) + "\n").encode()
    return found


def main() -> None:
    for folder in FOLDERS:
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir()
    for name, content in corpus().items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
