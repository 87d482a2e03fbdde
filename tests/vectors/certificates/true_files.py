"""Files that are true: every method, scope, attack and residual, and the format's edges."""

import zlib
from collections.abc import Iterator
from itertools import product

from tests.vectors.certificates.files import ESCAPES, File, member, plain
from tests.vectors.certificates.oracle import SELECTED, TRUTHS, VOTES, Made, build, make


def valid() -> Iterator[File]:
    def file(name: str, made: Made | bytes, tries: str) -> File:
        return File(name, made if isinstance(made, bytes) else build(made), None, None, tries)

    for method, scope in product(("simuem", "cohen", "selected"), ("simultaneous", "each")):
        made = make(VOTES, TRUTHS, method=method, scope=scope)
        yield file(f"{method}-{scope}", made, f"method {method}, scope {scope}, with truth")
    for attack, residual in product(
        ("any", "modify", "delete", "insert"), ("paper", "none", "integral")
    ):
        made = make(VOTES, attack=attack, residual=residual, n=17, k=5)
        yield file(f"{attack}-{residual}", made, f"attack {attack}, residual {residual}")
    two = [[20, 0], [11, 9], [1, 19], [10, 10]]
    for method in ("simuem", "cohen", "selected"):
        yield file(f"two-classes-{method}", make(two, classes=2, method=method), "c = 2")
    one = {"n": 1, "k": 1, "method": "cohen"}
    yield file("one-list", make(VOTES, **one), "n = k = 1: nothing has a gap, `residual`")
    yield file("one-list-integral", make(VOTES, **one, residual="integral"), "n = k = 1: radius 0")
    yield file("k-one", make(VOTES, k=1, method="cohen"), "k = 1: eq (7) has no root")
    yield file("one-model", make([[1, 0, 0], [0, 0, 1]], models=1, method="cohen"), "N = 1")
    made = make([[20, 0, 0]], n=7, k=1, attack="delete", residual="integral", method="cohen")
    yield file("delete-all-but-one", made, "delete with radius n - 1: no larger attack, no witness")
    made = make([[20, 0, 0], [19, 1, 0]], n=31, k=60, method="cohen")
    yield file("witness-beyond-n", made, "the worst n' lies between n and n + r")
    made = make([[2, 0]], classes=2, models=2, method="cohen", alpha="25/32")
    yield file(
        "exact-tie", made, "p_lower = 5/8 meets its level exactly: Pr(Bin(2, 5/8) = 2) = 25/64"
    )
    meet = {"classes": 2, "models": 2, "method": "cohen", "alpha": "1/2", "residual": "integral"}
    made = make([[2, 0]], n=3, k=1, **meet)
    yield file("bounds-meet", made, "p_lower = p_upper = 1/2 exactly: `bounds`, although G = 1")
    made = make([[10, 10, 0], [0, 10, 10], [7, 7, 6]], method="cohen")
    yield file("equal-counts", made, "between equal counts the smaller label is the label")
    made = make([[18, 1, 1]] * 3)
    for row, index in zip(made[1], (5, 7, 10**12 - 1), strict=True):
        row["index"] = index
    yield file("indices", made, "indices with gaps, up to 10^12 - 1")
    alpha = "1234567890123456789/98765432109876543211"
    yield file("alpha-of-40", make(VOTES, alpha=alpha), "alpha of 40 characters")
    yield file("alpha-near-one", make(VOTES, alpha="999/1000"), "alpha almost 1")
    names = {"class_names": ["", ESCAPES, "c" * 256]}
    yield file(
        "class-names", make(VOTES, **names), "names: empty, terminal escapes, 256 characters"
    )
    notes = {"provenance": {"k" * 256: "v" * 256, "": "", ESCAPES: ESCAPES}}
    yield file("provenance", make(VOTES, **notes), "notes: long, empty, terminal escapes")
    notes = {"provenance": {f"key{i}": str(i) for i in range(64, 0, -1)}}
    yield file("provenance-64", make(VOTES, **notes), "64 notes in no order")
    yield file("no-provenance", make(VOTES, class_names=["a", "b", "c"], provenance={}), "no notes")
    yield file("none-correct", make(VOTES, [1, 1, 0, 0, 0, 1]), "certified_accuracy is empty")
    made = make([[0] * 299 + [20], [20] + [0] * 299], classes=300, method="simuem")
    yield file("many-classes", made, "c = 300, the last label of all")
    head = SELECTED | {"examples": 1, "models": 10**6, "method": "cohen"}
    row = {"index": 0, "counts": [500_000, 500_000, 0], "abstain": "bounds"}
    yield file("million-models", (head, [row], None), "N = 10^6; equal counts cannot be separated")
    yield file("longest-k", make([[20, 0, 0]], n=1, k=2**20, residual="none"), "k = 2^20 at n = 1")
    good = build(make(VOTES, TRUTHS))
    yield file("gzip.gz", plain(good), "one gzip member")
    yield file("gzip-stored.gz", member(good, level=0), "a gzip member that compresses nothing")
    yield file(
        "gzip-name.gz", member(good, flags=8, extra=b"lie\x1b[2K\0"), "FNAME, with an escape"
    )
    yield file("gzip-extra.gz", member(good, flags=4, extra=b"\x02\0ab"), "FEXTRA")
    yield file("gzip-all.gz", member(good, flags=31, extra=b"\x02\0abn\0c\0"), "all header fields")
    flush = zlib.compressobj(wbits=31)
    parts = [flush.compress(good[i : i + 1]) + flush.flush(zlib.Z_FULL_FLUSH) for i in range(2000)]
    parts.append(flush.compress(good[2000:]) + flush.flush())
    yield file("gzip-blocks.gz", b"".join(parts), "a deflate block for almost every byte")
