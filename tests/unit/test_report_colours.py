"""The page's text against what it stands on, in light, dark and print: WCAG 2's contrast ratio.

axe-core decides the page's HTML text in a browser. The text of the charts it leaves undecided (it
says ``imgNode``: every SVG is an image to it; ``shortTextContent``: a tick of one digit is no
text). So the colours themselves are compared here.
"""

import re
from importlib.resources import files

import pytest

CSS = files("bagcert.fastpath.report.page").joinpath("page.css").read_text(encoding="utf-8")
#: What text is coloured with, and what stands behind text.
TEXT = ("ink", "quiet", "good")
BEHIND = ("ground", "soft")


def schemes() -> dict[str, dict[str, str]]:
    """The colours of each scheme: the first rule is light, the others stand in media queries."""
    rule = r":root \{(.*?)\}"
    found = {"light": re.search(rule, CSS, re.DOTALL)}
    for name, query in (("dark", r"\(prefers-color-scheme: dark\)"), ("print", "print")):
        found[name] = re.search(rf"@media {query} \{{\s*{rule}", CSS, re.DOTALL)
    return {
        name: dict(re.findall(r"--([\w-]+): *(#[0-9a-f]+);", match[1]))
        for name, match in found.items()
        if match
    }


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours, at least 1."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance of #rgb or #rrggbb."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast("#fff", "#000000") == 21
    assert contrast("#777", "#fff") < 4.5 < contrast("#767676", "#fff")  # a known pair of greys


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("text", TEXT)
@pytest.mark.parametrize("behind", BEHIND)
def test_text_can_be_read(scheme: str, text: str, behind: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[text], colours[behind]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_bars_and_curves_can_be_told_from_the_ground(scheme: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours["accent"], colours["ground"]) >= 3  # WCAG 2.2, 1.4.11


def test_every_colour_of_text_is_one_of_these_and_so_is_what_stands_behind_it() -> None:
    plain = re.sub(r"--[\w-]+: *#[0-9a-f]+;", "", CSS)
    assert set(re.findall(r"(?<![-\w])color: ([^;]+);", plain)) <= {f"var(--{c})" for c in TEXT}
    behind = set(re.findall(r"background(?:-color)?: ([^;]+);", plain))
    assert behind == {"var(--ground)", "var(--soft)", "#000"}  # black: behind thumbnails
    # Text in a chart: quiet, on the page's ground, for no rule paints behind an SVG.
    assert set(re.findall(r"svg text \{[^}]*fill: ([^;]+);", CSS)) == {"var(--quiet)"}
    assert not re.search(r"(?:svg|figure)[^{}]*\{[^}]*background", CSS)
    assert re.search(r"html \{ background: var\(--ground\)", CSS)
