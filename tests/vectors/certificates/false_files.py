"""Files that can be read and are false, by one small edit each; their summaries fit."""

from collections.abc import Iterator
from typing import Any

from tests.vectors.certificates.files import File, moved, plain, resealed
from tests.vectors.certificates.oracle import (
    ONE,
    TRUTHS,
    VOTES,
    Made,
    build,
    dump,
    hexed,
    make,
    seal,
)


def invalid() -> Iterator[File]:
    for method in ("selected", "simuem", "cohen"):
        made = make(VOTES, TRUTHS, method=method)
        i, row = next((i, row) for i, row in enumerate(made[1]) if "label" in row)

        def changed(name: str, field: str, tries: str, base: Made = made, i: int = i,
                    method: str = method, **to: Any) -> File:  # fmt: skip
            return File(f"{method}-{name}", resealed(base, i, **to), i + 2, field, tries)

        low, high, r, size = (row[key] for key in ("p_lower", "p_upper", "radius", "worst_size"))
        yield changed("lower-up", "p_lower", "p_lower one step too large", p_lower=moved(low, 1))
        yield changed("lower-down", "p_lower", "p_lower one step too small", p_lower=moved(low, -1))
        yield changed("upper-up", "p_upper", "p_upper one step too large", p_upper=moved(high, 1))
        yield changed("upper-down", "p_upper", "p_upper one too small", p_upper=moved(high, -1))
        yield changed("radius-up", "radius", "radius + 1", radius=r + 1)
        yield changed("radius-down", "radius", "radius - 1", radius=r - 1)
        yield changed("radius-n", "radius", "radius n", radius=50)
        yield changed("witness-up", "worst_size", "worst_size + 1", worst_size=size + 1)
        yield changed("witness-down", "worst_size", "worst_size - 1", worst_size=size - 1)
        yield changed("no-witness", "worst_size", "worst_size left out", worst_size=None)
        yield changed("label", "label", "the label of another count", label=(row["label"] + 1) % 3)
        claim = dict.fromkeys(("label", "p_lower", "p_upper", "radius", "worst_size"))
        for reason in ("selection", "bounds", "residual"):
            bare = {"index": i, "counts": row["counts"], "abstain": reason, "truth": row["truth"]}
            edited = [bare if j == i else other for j, other in enumerate(made[1])]
            content = build((made[0], edited, made[2]))
            tries = f"abstains for `{reason}` where a certificate is due"
            yield File(f"{method}-abstains-{reason}", content, i + 2, "abstain", tries)
        j, other = next((j, other) for j, other in enumerate(made[1]) if "abstain" in other)
        for reason in {"selection", "bounds", "residual"} - {other["abstain"]}:
            content = resealed(made, j, abstain=reason)
            yield File(f"{method}-not-{reason}", content, j + 2, "abstain", f"not for `{reason}`")
        forged = {"index": j, "counts": other["counts"], **{key: row[key] for key in claim},
                  "label": other["counts"].index(max(other["counts"])), "truth": 0}  # fmt: skip
        edited = [forged if at == j else kept for at, kept in enumerate(made[1])]
        field = "abstain" if method == "selected" else "p_lower"
        tries = "another row's claim where abstention is due"
        yield File(f"{method}-issues", build((made[0], edited, made[2])), j + 2, field, tries)

    made = make(VOTES)
    r = made[1][0]["radius"]
    heads: list[tuple[str, dict[str, Any], int, str, str]] = [
        ("alpha-less", {"alpha": "1/11"}, 2, "p_lower", "alpha smaller than what was used"),
        ("alpha-more", {"alpha": "1/9"}, 2, "p_lower", "alpha larger than what was used"),
        ("alpha-near", {"alpha": "100000000001/1000000000000"}, 2, "p_lower", "alpha + 10^-12"),
        ("scope", {"scope": "simultaneous"}, 2, "p_lower", "each example got the whole alpha"),
        ("method-simuem", {"method": "simuem"}, 2, "p_lower", "another method's bounds"),
        ("method-cohen", {"method": "cohen"}, 2, "p_lower", "another method's bounds"),
        ("n-less", {"n": 49}, 2, "worst_size", "n moved; the radius still fits"),
        ("n-more", {"n": 60}, 2, "radius", "n moved"),
        ("k-less", {"k": 2}, 2, "radius", "k moved"),
        ("k-more", {"k": 4}, 2, "radius", "k moved"),
        ("attack-insert", {"attack": "insert"}, 2, "radius", "a weaker attack claimed"),
        ("attack-delete", {"attack": "delete"}, 2, "radius", "a weaker attack claimed"),
    ]  # fmt: skip
    for name, to, line, field, tries in heads:
        yield File(f"header-{name}", resealed(made, **to), line, field, tries)
    looser = make(VOTES, method="simuem", alpha="3/20")
    content = resealed(looser, method="selected", alpha="1/10")
    yield File(
        "looser-method", content, 2, "p_lower", "bounds at another level, `selected` claimed"
    )
    half = make([[20, 0, 0]], method="cohen", alpha="1/5")
    content = resealed(half, alpha="1/10")
    yield File("cohen-at-a", content, 2, "p_lower", "`cohen` with its bound at a, not at a/2")
    whole = make([[20, 0]], classes=2, method="cohen")
    content = resealed(whole, method="selected")
    yield File("selected-at-half", content, 2, "p_lower", "`selected` at c = 2 with a/2")
    strict = make([[12, 8]], n=2, k=1, classes=2, method="cohen", residual="none", alpha="999/1000")
    content = resealed(strict, residual="paper")
    yield File("residual-looser", content, 2, "abstain", "rows for `none`, header says `paper`")

    for name, text in (
        ("one-and-a-half", "0x1.8000000000000p+0"),
        ("just-above-one", "0x1.0000000000001p+0"),
        ("between", "0x1.8000000000001p-2"),
        ("subnormal", "0x0.0000000000001p-1022"),
        ("not-normal", "0x0.8000000000000p-1"),
        ("huge-exponent", "0x1.0000000000000p+9999"),
        ("tiny-exponent", "0x1.0000000000000p-9999"),
        ("zero-in-long", "0x0.0000000000000p+0"),
    ):
        tries = f"p_lower {text} is not on the grid, or not its spelling"
        yield File(f"grid-{name}", resealed(made, 0, p_lower=text), 2, "p_lower", tries)
    for name, text in (("one", hexed(ONE)), ("zero", hexed(0)), ("half", hexed(ONE // 2))):
        yield File(
            f"lower-{name}", resealed(made, 0, p_lower=text), 2, "p_lower", f"p_lower {name}"
        )
        yield File(
            f"upper-{name}", resealed(made, 0, p_upper=text), 2, "p_upper", f"p_upper {name}"
        )
    high = made[1][0]["p_upper"]
    content = resealed(made, 0, p_lower=high, p_upper=made[1][0]["p_lower"])
    yield File("bounds-swapped", content, 2, "p_lower", "p_lower and p_upper swapped")
    raised = {"p_upper": moved(high, -1), "radius": r + 1}
    yield File("upper-and-radius", resealed(made, 0, **raised), 2, "p_upper", "two lies that fit")
    content = resealed(made, 0, radius=r + 1, worst_size=50)
    yield File("radius-and-witness", content, 2, "radius", "a larger radius with its witness")
    yield File("radius-20-digits", resealed(made, 0, radius=10**20 - 1), 2, "radius", "10^20 - 1")
    content = resealed(made, 0, worst_size=10**20 - 1)
    yield File("witness-20-digits", content, 2, "worst_size", "n' = 10^20 - 1")
    yield File("witness-zero", resealed(made, 0, worst_size=0), 2, "worst_size", "n' = 0")
    alone = make([[20, 0, 0]], n=7, k=1, attack="delete", residual="integral", method="cohen")
    content = resealed(alone, 0, worst_size=0)
    yield File("witness-of-none", content, 2, "worst_size", "n' = 0 where no larger attack exists")
    content = resealed(alone, 0, radius=7, worst_size=None)
    yield File("delete-everything", content, 2, "radius", "delete with radius n")
    inner = make([[20, 0, 0]], n=31, k=60, method="cohen")
    content = resealed(inner, 0, worst_size=31)
    yield File("witness-at-n", content, 2, "worst_size", "n where the worst n' lies beyond it")
    tie = make([[2, 0]], classes=2, models=2, method="cohen", alpha="25/32")
    content = resealed(tie, 0, p_lower=moved(hexed(ONE // 8 * 5), -1))
    yield File("tie-missed", content, 2, "p_lower", "one step below a bound that meets its level")
    content = resealed(tie, 0, p_lower=moved(hexed(ONE // 8 * 5), 1))
    yield File("tie-passed", content, 2, "p_lower", "one step above a bound that meets its level")
    meet = make([[2, 0]], n=3, k=1, classes=2, models=2, method="cohen", alpha="1/2",
                residual="integral")  # fmt: skip
    even = {"p_lower": hexed(ONE // 2), "p_upper": hexed(ONE // 2)}
    claim = {"abstain": None, "label": 0, **even, "radius": 0, "worst_size": 3}
    tries = "a certificate where p_lower = p_upper, and G = 1 alone would carry it"
    yield File("bounds-meet", resealed(meet, 0, **claim), 2, "abstain", tries)
    last = make([[18, 1, 1]] * 6)
    yield File(
        "last-row", resealed(last, 5, radius=last[1][5]["radius"] + 1), 7, "radius", "row 5 lies"
    )
    counts = [1, 18, 1]
    yield File(
        "counts-moved", resealed(made, 0, counts=counts), 2, "label", "counts of another label"
    )
    yield File("counts-more", resealed(made, 0, counts=[19, 1, 0]), 2, "p_lower", "a vote more")
    yield File("counts-less", resealed(made, 0, counts=[17, 2, 1]), 2, "p_lower", "a vote less")

    head, rows, accuracy = truthful = make(VOTES, TRUTHS)
    lines = [dump(head), *map(dump, rows)]
    r0, correct = (accuracy or [[0, 0]])[0]
    for name, wrong in (
        ("more", [[r0, correct + 1], *(accuracy or [])[1:]]),
        ("less", [[r0, correct - 1], *(accuracy or [])[1:]]),
        ("radius", [[r0 + 1, correct], *(accuracy or [])[1:]]),
        ("descending", (accuracy or [])[::-1]),
        ("without-first", (accuracy or [])[1:]),
        ("without-last", (accuracy or [])[:-1]),
        ("empty", []),
        ("repeated", [*(accuracy or []), *(accuracy or [])]),
        ("huge", [[10**20 - 1, 10**20 - 1]]),
    ):
        content = seal(lines, wrong)
        yield File(f"accuracy-{name}", content, 8, "certified_accuracy", f"accuracies: {name}")
    content = resealed(truthful, 0, radius=rows[0]["radius"] + 1)
    tries = "a larger radius; the summary, sealed again, agrees with it"
    forged_pairs = [[r + (r == rows[0]["radius"]), count] for r, count in accuracy or []]
    forged_rows = [rows[0] | {"radius": rows[0]["radius"] + 1}, *rows[1:]]
    yield File("summary-agrees", build((head, forged_rows, forged_pairs)), 2, "radius", tries)
    lie = dump(rows[0] | {"radius": rows[0]["radius"] + 1})
    yield File(
        "rubbish-later", dump(head) + lie + b"rubbish\n", 2, "radius", "the first line decides"
    )
    content = b"".join([dump(head), lie, *lines[2:]]) + dump({"count": 6, "sha256": "0" * 64})
    yield File("digest-later", content, 2, "radius", "a false row, and a wrong digest after it")
    good = resealed(truthful, 0, radius=rows[0]["radius"] + 1)
    yield File("gzip.gz", plain(good), 2, "radius", "a false radius in a gzip member")
