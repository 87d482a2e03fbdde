"""The page: whole HTML, nothing of a stranger's in it but text, and the right words."""

import base64
import io
import re
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.report.judged import Judged
from bagcert.fastpath.report.page import words
from bagcert.fastpath.report.page.examples import strips
from bagcert.fastpath.report.page.render import render
from bagcert.fastpath.report.page.thumbnails import check_dataset, thumbnail
from bagcert.reference.algorithm1 import Certificate
from bagcert.reference.bounds import Abstention, Method, Reason
from bagcert.reference.certificate.schema import CertificateFile, Header, Row, Scope
from bagcert.reference.checker import Verdict
from bagcert.reference.poisoning import Attack
from bagcert.reference.residuals import Residual

_VOID = {"meta", "img", "path", "line", "rect", "br"}


class Page(HTMLParser):
    """Elements, attributes and texts; every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID or (tag == "rect" and not self.get_starttag_text().endswith("/>")):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def certified(index: int, label: int, radius: int, truth: int | None = None) -> Row:
    counts = [1, 1, 1]
    counts[label] = 8
    outcome = Certificate(label, 0, Fraction(3, 4), Fraction(1, 4), radius, 100)
    return Row(index, counts, outcome, truth)


ROWS = (
    certified(0, 1, 5, truth=1),
    certified(1, 1, 9, truth=0),
    Row(2, (5, 5, 0), Abstention(Reason.SELECTION), 0),
    certified(3, 2, 0, truth=2),
)


def valid(header: Header, rows: tuple[Row, ...] = ROWS, **changed: Any) -> Judged:
    right = [row.outcome.radius for row in rows if row.correct]  # type: ignore[union-attr]
    curve = tuple((r, sum(radius >= r for radius in right)) for r in sorted(set(right)))
    fields = {
        "name": "c.jsonl",
        "sha256": "0" * 64,
        "verdict": Verdict("VALID", None, None, "4 examples, 1 abstain"),
        "file": CertificateFile(header, rows, None if rows[0].truth is None else curve),
    }
    return Judged(**{**fields, **changed})


def header(**changed: Any) -> Header:
    fields = {"n": 100, "k": 2, "classes": 3, "models": 10, "examples": 4, "alpha": Fraction(1, 9)}
    return Header(**{**fields, **changed})


HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(2)>\"' {{ 7*7 }}"


def test_what_a_stranger_wrote_is_text() -> None:
    names = (HOSTILE, "b\u202eevil\x1b[2K", "\ud800")
    notes = {HOSTILE: HOSTILE, "dataset": HOSTILE, "javascript:alert(3)": "https://evil.example/"}
    text = render(valid(header(class_names=names, provenance=notes), name=HOSTILE))
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert "script" not in tags
    assert "img" not in tags
    assert "a" not in tags
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert not {"src", "href", "action", "srcset"} & set(attributes)
    assert text.count("<style>") == text.count("</style>") == 1
    assert text.count("</title>") == text.count("<title>")
    assert HOSTILE in page.text.replace("  ", " ")
    assert "{{ 7*7 }}" in page.text
    for raw in ("\u202e", "\x1b", "\ud800"):
        assert raw not in text
    assert r"b\u202eevil\x1b[2K" in page.text
    text.encode()


def test_the_page_forbids_itself_scripts_and_the_network() -> None:
    page = Page(render(valid(header())))
    policies = [
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert not re.search(r"url\(|@import", render(valid(header())))


@pytest.mark.parametrize("rows", [ROWS, (ROWS[2],), tuple(certified(i, 0, 7) for i in range(4))])
def test_headings_labels_and_tables_are_in_order(rows: tuple[Row, ...]) -> None:
    page = Page(render(valid(header(), rows)))
    assert ("html", {"lang": "en"}) in page.elements
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in ids
        if tag == "th":
            assert attributes.get("scope") in ("row", "col")
        if tag == "img":
            assert attributes["alt"]


def test_the_page_says_what_was_counted() -> None:
    text = Page(render(valid(header(provenance={"votes_sha256": "f" * 64})))).text
    for due in (
        "For 2 of 4 test examples ( 50.00 % ) bagging keeps the correct prediction",
        "up to 0 of the 100 training examples",
        "certified, and wrong 1 ( 25.00 % )",
        "VALID 4 examples, 1 abstain",
        "votes_sha256 " + "f" * 64,
        "sha256sum c.jsonl",
        "bagcert audit c.jsonl",
        "SHA-256 of the file " + "0" * 64,
        "What is not promised",
    ):
        assert due in text, due


def test_at_least_half_is_exact() -> None:
    rows = tuple(certified(i, 0, 7, truth=0) for i in range(2)) + (ROWS[2],) * 2
    text = Page(render(valid(header(), rows, file=CertificateFile(header(), rows, ((7, 2),))))).text
    assert "For 2 of 4 test examples" in text
    less = CertificateFile(header(examples=5), (*rows, ROWS[2]), ((7, 2),))
    assert "Fewer than half of the 5 test examples" in Page(render(valid(header(), file=less))).text


def test_a_page_of_ten_thousand_radii_is_small() -> None:
    examples = 10_000
    rows = tuple(certified(i, 0, i, truth=0) for i in range(examples))
    curve = tuple((r, examples - r) for r in range(examples))
    large = header(examples=examples, n=10**6)
    text = render(valid(large, file=CertificateFile(large, rows, curve)))
    assert len(text.encode()) < 200_000


def test_nothing_is_rendered_without_a_valid_verdict() -> None:
    false = valid(header(), verdict=Verdict("INVALID", 2, "radius", "is 5"), file=None)
    with pytest.raises(ValueError, match="is INVALID; there is nothing"):
        render(false)


def test_a_file_name_is_quoted_for_the_shell() -> None:
    text = Page(render(valid(header(), name="-rf $(x).jsonl"))).text
    assert "bagcert audit './-rf $(x).jsonl'" in text


def test_the_risk_is_what_is_proven() -> None:
    assert "at most 1/9 (11.12 %)" in words.risk(header())
    # SimuEM with c = 3: (1 + 1/c) a is proven of each example.
    assert "at most 4/27 (14.82 %)" in words.risk(header(method=Method.SIMUEM))
    each = words.risk(header(scope=Scope.EACH))
    assert each.startswith("For each example by itself")
    assert "at most 1/9" in each
    almost = header(method=Method.SIMUEM, alpha=Fraction(9, 10))
    assert "at most 1/1 (100.00 %)" in words.risk(almost)


def test_alpha_is_divided_line_by_line() -> None:
    lines = {line.what: line.amount for line in words.spending(header())}
    assert lines["whole budget, α"] == "1/9"
    assert lines["level of one example"] == "1/36"
    # selected: 2 sign tests at a/200 each, the rest halved for two bounds.
    assert Fraction(lines["sign test of the label"]) == Fraction(1, 7200)
    assert Fraction(lines["each confidence bound"]) == (Fraction(1, 36) - Fraction(1, 3600)) / 2
    assert "sign test of the label" not in {
        line.what for line in words.spending(header(method=Method.COHEN))
    }


def test_assumptions_and_limits_follow_the_header() -> None:
    def said(texts: list[str]) -> str:
        return " ".join(texts)

    assert "integral" not in said(words.assumptions(header()))
    assert "integral" in said(words.assumptions(header(residual=Residual.INTEGRAL)))
    seen = {"dataset": "mnist17+no-label", "looked_at": "mnist, mnist17"}
    assert "mnist17 were looked at" in said(words.assumptions(header(provenance=seen)))
    none = {"dataset": "mnist17", "looked_at": "none"}
    for other in (seen | {"dataset": "mnist1"}, seen | {"dataset": ""}, none):
        assert "looked at" not in said(words.assumptions(header(provenance=other)))
        assert "not stated" not in said(words.assumptions(header(provenance=other)))
    for silent in (None, {"dataset": "mnist17"}):
        text = said(words.assumptions(header(provenance=silent)))
        assert "looked at" not in text
        assert "which of the two is not stated" in text
    assert "not stated" not in said(words.assumptions(header(provenance=seen)))
    alone, among = ({"transductive": said} for said in ("false", "true"))
    assert "no test example" not in said(words.assumptions(header(provenance=alone)))
    assert "no test example" in said(words.assumptions(header(provenance=among)))
    assert "removes examples and does nothing else" in said(
        words.not_promised(header(attack=Attack.DELETE))
    )
    assert "nothing else" not in said(words.not_promised(header()))


def test_strips_are_ordered_and_counted() -> None:
    file = CertificateFile(header(), ROWS, ((0, 2), (5, 1)))
    found = {strip.title: strip for strip in strips(file)}
    assert [x.index for x in found["Most robust"].examples] == [1, 0, 3]
    assert [x.index for x in found["Least robust"].examples] == [3, 0, 1]
    assert [(x.index, x.truth) for x in found["Certified, and wrong"].examples] == [(1, "0")]
    (without,) = found["Without a certificate"].examples
    assert (without.label, without.runner_up, without.reason) == ("0", "1", Reason.SELECTION)


def images(test_x: Any, name: str = "d.npz", test_y: Any = (1, 0, 0, 2)) -> Dataset:
    test_x = np.asarray(test_x, dtype=np.float64)
    train_y = np.zeros(2, dtype=np.int64)
    train_x = np.zeros((2, *test_x.shape[1:]))
    return Dataset(name, train_x, train_y, test_x, np.asarray(test_y), 3, ("0", "1", "2"))


def pixels(address: str) -> Any:
    head, content = address.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.mark.parametrize("form", ["hw", "hw1", "1hw", "hw3", "3hw"])
def test_images_of_each_form_become_their_pixels(form: str) -> None:
    values = np.arange(4 * 6 * 5 * 3).reshape(4, 6, 5, 3) % 256
    grey = values[..., 0]
    arrays = {
        "hw": grey, "hw1": grey[..., None], "1hw": grey[:, None],
        "hw3": values, "3hw": np.moveaxis(values, -1, 1),
    }  # fmt: skip
    data = images(arrays[form] / 255)
    due = values if form in ("hw3", "3hw") else grey
    assert (pixels(thumbnail(data, 2)) == due[2]).all()


def test_digits_are_eight_by_eight_and_large_images_are_made_small() -> None:
    assert pixels(thumbnail(images(np.ones((4, 64)), name="digits"), 0)).shape == (8, 8)
    assert pixels(thumbnail(images(np.ones((4, 100, 200))), 0)).shape == (32, 64)


def test_only_the_certificates_own_data_set_is_shown() -> None:
    data = images(np.ones((4, 2, 2)))
    rows = CertificateFile(header(), ROWS, None)
    assert "states no digest" in check_dataset(rows, data)
    stated = CertificateFile(header(provenance={"dataset_digest": data.digest}), ROWS, None)
    assert "the one that the file states" in check_dataset(stated, data)
    other = CertificateFile(header(provenance={"dataset_digest": "0" * 64}), ROWS, None)
    for file, wrong, said in (
        (other, data, "digest"),
        (rows, images(np.ones((4, 2, 2)), test_y=(1, 0, 0, 1)), "test example 3 has another label"),
        (rows, images(np.ones((3, 2, 2)), test_y=(1, 0, 0)), "no test example 3"),
        (rows, images(np.full((4, 2, 2), 1.01)), "outside"),
        (rows, images(np.full((4, 2, 2), -0.01)), "outside"),
        (rows, images(np.ones((4, 13))), r"no images: its examples have the shape \(13,\)"),
        (rows, images(np.ones((4, 2, 2, 2))), "no images"),
    ):
        with pytest.raises(ValueError, match=said):
            check_dataset(file, wrong)


def test_pictures_stand_on_the_page_with_a_text_of_their_own() -> None:
    page = Page(render(valid(header()), data=images(np.ones((4, 2, 2)))))
    shown = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(shown) == 3 + 3 + 1 + 1
    assert all((image["src"] or "").startswith("data:image/png;base64,") for image in shown)
    assert {image["alt"] for image in shown} == {f"test example {i}" for i in range(4)}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_colour_stands_out_from_every_ground_in_each_scheme() -> None:
    # WCAG 2 AA, 4.5 to 1; in a browser axe-core cannot decide it for text inside a picture.
    style = render(valid(header())).partition("<style>")[2].partition("</style>")[0]
    schemes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(schemes) == 3  # light, dark, print
    for scheme in schemes:
        for ground in ("ground", "soft"):
            for ink in ("ink", "quiet", "accent", "good"):
                dark, light = sorted(luminance(scheme[name]) for name in (ground, ink))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, ink, scheme)
