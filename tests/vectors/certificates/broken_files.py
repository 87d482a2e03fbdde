"""Files that are no certificates: one fault of form each."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from tests.vectors.certificates.files import File, member, plain
from tests.vectors.certificates.oracle import SELECTED, TRUTHS, VOTES, build, dump, make, seal

#: What is put for an integer, and is JSON of another kind, or out of range.
OTHER_VALUES = {"float", "exponent", "exponent-huge", "text", "true", "null", "zero", "beyond",
                "list", "object", "escaped-digits"}  # fmt: skip


def malformed() -> Iterator[File]:
    good = build(make(VOTES))
    head, *middle, end = good.splitlines(keepends=True)
    body = good[: -len(end)]
    truthful = build(make(VOTES, TRUTHS))

    def edit(name: str, old: bytes, new: bytes, line: int, field: str | None, tries: str) -> File:
        if old not in body:
            raise ValueError(f"{name}: {old!r} is not there")
        return File(
            name, seal(body.replace(old, new, 1).splitlines(keepends=True)), line, field, tries
        )

    def raw(name: str, content: bytes, line: int, tries: str, field: str | None = None) -> File:
        return File(name, content, line, field, tries)

    yield raw("empty", b"", 1, "nothing")
    yield raw("newline", b"\n", 1, "an empty line")
    yield raw("header-only", head, 2, "no rows")
    yield raw("no-summary", body, 8, "no summary")
    yield raw("no-last-newline", good[:-1], 8, "the last line is not ended")
    yield raw("truncated", good[:-20], 8, "cut within the summary")
    yield raw("cut-in-row", body[: len(head) + 30], 2, "cut within a row")
    yield raw("row-missing", seal([head, *middle[:-1]]), 7, "a summary where a row is due", "index")
    extra = middle[-1].replace(b'index":5', b'index":6')
    yield raw(
        "row-more", seal([head, *middle, extra]), 8, "a row where the summary is due", "count"
    )
    yield raw("row-twice", seal([head, middle[0], *middle[:-1]]), 3, "a row twice", "index")
    swapped = [head, middle[1], middle[0], *middle[2:]]
    yield raw("rows-swapped", seal(swapped), 3, "rows in another order", "index")
    yield raw(
        "spliced", b"".join([head, *middle[:-1], extra, end]), 8, "another row spliced in", "sha256"
    )
    bad = end.replace(b'sha256":"', b'sha256":"0')
    yield raw("digest-long", body + bad, 8, "a digest of 65 digits", "sha256")
    flipped = dump({"count": 6, "sha256": "0" * 64})
    yield raw("digest", body + flipped, 8, "the digest of nothing", "sha256")
    loud = end.upper().replace(b"COUNT", b"count").replace(b"SHA256", b"sha256")
    yield raw("digest-upper", body + loud, 8, "a digest in upper case", "sha256")
    yield raw("count", body + end.replace(b'count":6', b'count":7'), 8, "a wrong count", "count")
    yield raw("count-true", body + end.replace(b'count":6', b'count":true'), 8, "true", "count")
    yield raw("two-summaries", good + end, 9, "two summaries")
    yield raw("two-files", good + good, 9, "a second file after the first")
    yield raw("two-headers", seal([head, head, *middle]), 2, "two headers", "index")
    yield raw("trailing-newline", good + b"\n", 9, "an empty line after the summary")
    yield raw("trailing-space", good + b" ", 9, "a space after the summary")
    yield raw("trailing-nul", good + b"\0", 9, "a NUL after the summary")
    yield raw("byte-order-mark", b"\xef\xbb\xbf" + good, 1, "a byte-order mark")
    yield raw("utf-16", b"\xff\xfe" + good.decode().encode("utf-16-le"), 1, "UTF-16")
    yield raw("crlf", good.replace(b"\n", b"\r\n"), 1, "CR LF")
    yield raw("cr", good.replace(b"\n", b"\r"), 1, "CR")
    yield raw("spaces", good.replace(b",", b", "), 1, "spaces after commas")
    yield raw("leading-space", b" " + good, 1, "a space first")
    yield raw("one-array", json.dumps([json.loads(line) for line in good.splitlines()]).encode(), 1,
              "one array instead of lines")  # fmt: skip
    yield edit("key-order", b'"n":50,"k":3', b'"k":3,"n":50', 1, None, "another order of keys")
    yield edit("key-twice", b'"n":50', b'"n":50,"n":50', 1, None, "a key twice, same value")
    yield edit(
        "key-twice-other", b'"n":50', b'"n":60,"n":50', 1, None, "a key twice, the last right"
    )
    yield edit("key-unknown", b'"n":50', b'"n":50,"N":50', 1, None, "an unknown key")
    yield edit("key-missing", b'"n":50,', b"", 1, "n", "no n")
    yield edit("key-escaped", b'"n":50', b'"\\u006e":50', 1, None, "a key with an escape")
    yield edit("row-key-unknown", b'{"index":0', b'{"note":"","index":0', 2, None, "a key of a row")
    yield edit("word-escaped", b'"any"', b'"an\\u0079"', 1, None, "a word with an escape")
    for name, number in (
        ("float", b"50.0"), ("exponent", b"5e1"), ("exponent-huge", b"1e999999999"),
        ("nan", b"NaN"), ("infinity", b"-Infinity"), ("negative", b"-50"), ("minus-zero", b"-0"),
        ("leading-zero", b"050"), ("plus", b"+50"), ("hexadecimal", b"0x32"), ("text", b'"50"'),
        ("true", b"true"), ("null", b"null"), ("zero", b"0"), ("underscore", b"5_0"),
        ("arabic-digits", "٥٠".encode()), ("escaped-digits", b'"\\u0665\\u0660"'),
        ("wide-digits", "５０".encode()), ("beyond", b"1000000000001"),
        ("21-digits", b"100000000000000000000"), ("list", b"[50]"), ("object", b"{}"),
    ):  # fmt: skip
        field = "n" if name in OTHER_VALUES else None  # the others are no JSON, or no integers
        yield edit(f"n-{name}", b'"n":50', b'"n":' + number, 1, field, f"n: {name}")
    yield edit("minus-zero-index", b'"index":0', b'"index":-0', 2, None, "index -0")
    yield edit("k-zero", b'"k":3', b'"k":0', 1, "k", "k = 0")
    yield edit("k-beyond", b'"k":3', b'"k":%d' % (2**20 // 6 + 1), 1, "k", "k * bits(n) > 2^20")
    yield edit("classes-one", b'"classes":3', b'"classes":1', 1, "classes", "c = 1")
    yield edit("classes-beyond", b'"classes":3', b'"classes":65537', 1, "classes", "c = 2^16 + 1")
    yield edit("models-zero", b'"models":20', b'"models":0', 1, "models", "N = 0")
    yield edit("models-beyond", b'"models":20', b'"models":1000001', 1, "models", "N = 10^6 + 1")
    none = head.replace(b'examples":6', b'examples":0')
    yield raw("examples-zero", seal([none]), 1, "e = 0", "examples")
    yield edit(
        "examples-beyond", b'"examples":6', b'"examples":100000001', 1, "examples", "e > 10^8"
    )
    yield edit("format", b"certificate/1", b"certificate/2", 1, "format", "another format")
    yield edit("format-number", b'"bagcert-certificate/1"', b"1", 1, "format", "a number")
    for name, alpha in (
        ("one", "1/1"), ("zero", "0/10"), ("over-zero", "1/0"), ("not-lowest", "2/20"),
        ("decimal", "0.1"), ("exponent", "1e-1"), ("exponent-huge", "1e-999999999"),
        ("long", "1/1" + "0" * 38), ("space", "1 /10"), ("sign", "+1/10"), ("digits", "1/١٠"),
        ("leading-zero", "1/010"), ("above-one", "11/10"),
    ):  # fmt: skip
        new = json.dumps(alpha).encode()
        yield edit(f"alpha-{name}", b'"1/10"', new, 1, "alpha", f"alpha: {name}")
    yield edit("alpha-newline", b"1/10", b"1/10\\n", 1, "alpha", "alpha with a line feed")
    yield edit(
        "method-case", b'"selected"', b'"Selected"', 1, "method", "a method's other spelling"
    )
    yield edit("method-list", b'"selected"', b'["selected"]', 1, "method", "a list for a word")
    yield edit("attack-unknown", b'"any"', b'"all"', 1, "attack", "an unknown attack")
    lists: list[tuple[str, Any]] = [
        ("twice", ["a", "b", "a"]), ("long", ["a", "b", "c" * 257]), ("few", ["a", "b"]),
        ("many", ["a", "b", "c", "d"]), ("many-twice", ["a", "b", "c", "a"]),
        ("number", ["a", "b", 3]), ("object", {"a": "b"}), ("null", None),
    ]  # fmt: skip
    for name, value in lists:
        new = b'"paper","class_names":' + json.dumps(value, separators=(",", ":")).encode()
        yield edit(f"names-{name}", b'"paper"', new, 1, "class_names", f"class_names: {name}")
    notes: list[tuple[str, Any]] = [
        ("nested", {"a": {}}), ("number", {"a": 1}), ("null", {"a": None}), ("list", ["a"]),
        ("many", {str(i): "" for i in range(65)}), ("long", {"a": "b" * 257}),
        ("long-key", {"a" * 257: "b"}),
    ]  # fmt: skip
    for name, value in notes:
        new = b'"paper","provenance":' + json.dumps(value, separators=(",", ":")).encode()
        yield edit(f"notes-{name}", b'"paper"', new, 1, "provenance", f"provenance: {name}")
    raw_note = '"paper","provenance":{"a":"é"}'.encode()
    yield edit("not-ascii", b'"paper"', raw_note, 1, None, "a character beyond ASCII")
    upper = b'"paper","provenance":{"a":"\\u00E9"}'
    yield edit("escape-upper", b'"paper"', upper, 1, None, "an escape in upper case")
    slash = b'"paper","provenance":{"a":"\\/"}'
    yield edit("escape-needless", b'"paper"', slash, 1, None, "an escape that is not needed")
    control = b'"paper","provenance":{"a":"\x1b[2K"}'
    yield edit("escape-raw", b'"paper"', control, 1, None, "a raw terminal escape")
    delete = b'"paper","provenance":{"a":"\x7f"}'
    yield edit("delete-raw", b'"paper"', delete, 1, None, "a raw DEL")
    key_twice = b'"paper","provenance":{"a":"1","a":"1"}'
    yield edit("notes-key-twice", b'"paper"', key_twice, 1, None, "a note twice")
    for name, counts in (
        ("sum", b"[18,1,2]"), ("short", b"[19,1]"), ("long", b"[18,1,1,0]"),
        ("true", b"[18,true,1]"), ("nested", b"[[18],1,1]"), ("text", b'["18",1,1]'),
        ("object", b"{}"), ("float", b"[18.0,1,1]"), ("empty", b"[]"),
    ):  # fmt: skip
        yield edit(f"counts-{name}", b"[18,1,1]", counts, 2, "counts", f"counts: {name}")
    yield edit("counts-negative", b"[18,1,1]", b"[21,-1,0]", 2, None, "a negative count")
    yield edit("index-repeated", b'"index":1', b'"index":0', 3, "index", "index again")
    yield edit("index-beyond", b'"index":5', b'"index":%d' % 10**12, 7, "index", "index 10^12")
    yield edit("label-beyond", b'"label":0', b'"label":3', 2, "label", "label c")
    yield edit("radius-21-digits", b'"radius":', b'"radius":' + b"1" * 20, 2, None, "21 digits")
    yield edit("both", b'"abstain":', b'"radius":1,"abstain":', 4, None, "claim and abstention")
    yield edit("reason", b'"abstain":"selection"', b'"abstain":"tired"', 4, "abstain", "a reason")
    yield edit("reason-null", b'"abstain":"selection"', b'"abstain":null', 4, "abstain", "null")
    yield edit("hex-upper", b'"p_lower":"0x1.', b'"p_lower":"0X1.', 2, "p_lower", "0X")
    yield edit("hex-decimal", b'"p_upper":"0x', b'"p_upper":"', 2, "p_upper", "no 0x")
    yield edit("hex-newline", b'p-1"', b'p-1\\n"', 2, "p_lower", "a line feed after a bound")
    yield edit("hex-long", b'p-1"', b'0p-1"', 2, "p_lower", "14 digits")
    yield edit(
        "hex-number", b'"p_lower":"', b'"p_lower":0,"x":"', 2, "p_lower", "a number for a bound"
    )
    some = middle[2][:-2] + b',"truth":0}\n'
    yield edit("some-truth", middle[2], some, 4, "index", "truth on some rows only")
    lines = [head, *(line[:-2] + b',"truth":false}\n' for line in middle)]
    yield raw("truth-false", seal(lines, []), 2, "truth: false", "truth")
    *told, last = truthful.splitlines(keepends=True)
    sealed = seal(told)
    yield raw("accuracy-missing", sealed, 8, "truth without accuracies", "certified_accuracy")
    needless = seal(good.splitlines(keepends=True)[:-1], [])
    yield raw("accuracy-needless", needless, 8, "accuracies without truth", "certified_accuracy")
    for name, text in (
        ("true", b"[[true,1]]"), ("triple", b"[[1,2,3]]"), ("single", b"[[1]]"), ("flat", b"[1,2]"),
        ("comma", b"[[1,2],]"), ("zeros", b"[[01,2]]"), ("digits", b"[[%d,1]]" % 10**20),
        ("object", b"{}"), ("spaces", b"[[1, 2]]"), ("open", b"[[1,2]"), ("deep", b"[[[1,2]]]"),
    ):  # fmt: skip
        start = sealed.splitlines(keepends=True)[-1][:-2]
        content = b"".join([*told, start, b',"certified_accuracy":', text, b"}\n"])
        field = "certified_accuracy" if text[:1] == b"[" else None
        yield raw(f"accuracy-{name}", content, 8, f"accuracies: {name}", field)
    for name, old, new in (("space", b":[[", b":[ [["[:-1]), ("space-between", b"],[", b"], [")):
        content = b"".join([*told, last.replace(old, new, 1)])
        tries = "the right accuracies, with a space between brackets"
        yield raw(f"accuracy-with-{name}", content, 8, tries, "certified_accuracy")
    order = last.split(b',"certified_accuracy":')
    late = b'{"certified_accuracy":' + order[1][:-2] + b"," + order[0][1:] + b"}\n"
    yield raw("accuracy-first", b"".join([*told, late]), 8, "accuracies before the count")
    yield raw("list", b"[]\n", 1, "a list")
    yield raw("number", b"7\n", 1, "a number")
    yield raw("string", b'"certificate"\n', 1, "a string")
    yield raw("deep.gz", plain(b"[" * 100_000 + b"\n"), 1, "100,000 lists, one in the other")
    yield raw("deep-objects.gz", plain(b'{"a":' * 100_000 + b"\n"), 1, "100,000 objects")
    yield raw("deep-endless.gz", plain(b"[" * 2**22), 1, "nesting without an end")
    yield raw("long-line.gz", plain(b" " * (2**20 + 1) + b"\n"), 1, "a line of 2^20 + 2 bytes")
    digits = body.replace(b'"n":50', b'"n":' + b"9" * 10**7, 1)
    yield raw("n-of-10-million-digits.gz", plain(digits), 1, "an integer of 10^7 digits")
    digits = body.replace(b'"n":50', b'"n":' + b"9" * 10**5, 1)
    yield raw("n-of-100000-digits.gz", plain(digits), 1, "an integer of 10^5 digits")
    packed = plain(good)
    yield raw("gzip-truncated.gz", packed[:-9], 9, "a member cut within its data")
    yield raw("gzip-no-trailer.gz", packed[:-8], 9, "a member without its trailer")
    yield raw("gzip-half-trailer.gz", packed[:-4], 9, "a member without its length")
    yield raw("gzip-header.gz", packed[:10], 1, "a member's header")
    yield raw("gzip-magic.gz", packed[:2], 1, "two bytes")
    yield raw("gzip-two.gz", packed + packed, 9, "two members")
    split = plain(head) + plain(good[len(head) :])
    yield raw("gzip-split.gz", split, 2, "a file in two members")
    yield raw("gzip-empty-second.gz", packed + plain(b""), 9, "an empty second member")
    yield raw("gzip-trailing.gz", packed + b"\0", 9, "a zero byte after the member")
    yield raw("gzip-padding.gz", packed + b"\0" * 512, 9, "512 zero bytes after the member")
    yield raw("gzip-crc.gz", packed[:-8] + b"\0" * 4 + packed[-4:], 1, "a wrong CRC")
    yield raw("gzip-length.gz", packed[:-4] + b"\0" * 4, 1, "a wrong length")
    yield raw("gzip-reserved.gz", member(good, flags=0x80), 1, "a reserved flag")
    yield raw("gzip-header-crc.gz", packed[:3] + b"\x02" + packed[4:10] + b"\0\0" + packed[10:], 1,
              "a wrong CRC of the header")  # fmt: skip
    yield raw(
        "gzip-method.gz", packed[:2] + b"\x07" + packed[3:], 1, "an unknown compression method"
    )
    yield raw("gzip-twice.gz", plain(packed), 1, "a member in a member")
    yield raw("gzip-nothing.gz", plain(b""), 1, "a member of nothing")
    yield raw("gzip-bomb.gz", plain(b" " * 2**23), 1, "8 MiB of spaces")
    yield raw("zlib.gz", zlib.compress(good), 1, "zlib's format")
    yield raw("deflate.gz", packed[10:-8], 1, "raw deflate")
    budget = SELECTED | {"examples": 1, "k": 1, "n": 10**12 + 1}
    yield raw("limit-first", dump(budget), 1, "n beyond its limit, and nothing else", "n")
