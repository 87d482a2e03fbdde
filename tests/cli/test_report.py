"""``bagcert report``: what it writes, and what it refuses before any work."""

import hashlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.command import bagcert


def made(folder: Path, name: str, votes: str, *options: object) -> Path:
    path, source = folder / f"{name}.jsonl", folder / f"{name}.csv"
    source.write_text(votes)
    status, _, error = bagcert("certify", source, "--n", 1000, "--k", 10, "-o", path, *options)
    assert status == 0, error
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return made(tmp_path, "cert", "95,5,0\n50,50,0\n0,0,100\n2,97,1\n")


def labelled(folder: Path, name: str, labels: list[int]) -> Path:
    counts = np.array([[95, 5, 0], [50, 50, 0], [0, 0, 100], [2, 97, 1]])
    source, path = folder / f"{name}.npz", folder / f"{name}.jsonl"
    np.savez(source, counts=counts, labels=np.array(labels))
    assert bagcert("certify", source, "--n", 1000, "--k", 10, "-o", path)[0] == 0
    return path


def test_a_page_is_written_whole_and_equal_each_time(certificate: Path, tmp_path: Path) -> None:
    pages = [tmp_path / name for name in ("a.html", "b.html")]
    for page in pages:
        status, out, error = bagcert("report", certificate, "-o", page)
        assert (status, error) == (0, f"bagcert: wrote {page}\n")
        assert "4 examples, 1 abstain" in out
    first, second = (page.read_text() for page in pages)
    assert first == second
    assert first.startswith("<!doctype html>")
    assert first.endswith("</html>\n") or first.endswith("</html>")
    assert str(tmp_path) not in first  # where it lay is nobody's business


@pytest.mark.parametrize(
    ("suffix", "magic"), [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-"), ("svg", b"<?xml")]
)
def test_the_ending_is_the_format_and_equal_curves_are_equal_files(
    certificate: Path, tmp_path: Path, suffix: str, magic: bytes
) -> None:
    pictures = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for picture in pictures:
        assert bagcert("report", certificate, "--plot", picture)[0] == 0
    first, second = (picture.read_bytes() for picture in pictures)
    assert first.startswith(magic)
    assert first == second


@pytest.mark.parametrize(
    ("option", "name"),
    [("--plot", name) for name in ("x.jpg", "x.txt", "x.PDF", "x", "png", "x.html")]
    + [("-o", name) for name in ("x.pdf", "x.HTML", "x", "html")],
)
def test_an_ending_that_says_something_else_is_refused_before_the_work(
    tmp_path: Path, option: str, name: str
) -> None:
    nothing = tmp_path / "no.jsonl"  # there is no work that could be begun
    status, out, error = bagcert("report", nothing, option, tmp_path / name)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"bagcert: error: .*: must end in \.\w+ or .*\n", error)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("option", "suffix"), [("--plot", "png"), ("-o", "html")])
@pytest.mark.parametrize("link", [False, True])
def test_no_output_is_an_input(
    certificate: Path, tmp_path: Path, option: str, suffix: str, link: bool
) -> None:
    path = tmp_path / f"cert.{suffix}"
    certificate.rename(path)
    output = path
    if link:
        output = tmp_path / f"link.{suffix}"
        output.symlink_to(path)
    before = path.read_bytes()
    status, _, error = bagcert("report", path, option, output, "--force")
    assert status == 2
    assert "is also what is read" in error
    assert path.read_bytes() == before


def test_no_output_is_another_certificate(certificate: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.svg"
    other.write_bytes(certificate.read_bytes())
    status, _, error = bagcert("report", certificate, "--with", other, "--plot", other, "--force")
    assert status == 2
    assert "is also what is read" in error
    assert other.read_bytes() == certificate.read_bytes()


def test_an_existing_file_is_kept_without_force(certificate: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    status, _, error = bagcert("report", certificate, "-o", page)
    assert (status, page.read_text()) == (2, "mine")
    assert "pass --force" in error
    assert bagcert("report", certificate, "-o", page, "--force")[0] == 0
    assert page.read_text() != "mine"


def test_several_certificates_are_one_picture(certificate: Path, tmp_path: Path) -> None:
    other = made(tmp_path, "other", "95,5,0\n50,50,0\n0,0,100\n2,97,1\n", "--method", "cohen")
    twin = made(tmp_path, r"$\frac$_", "95,5,0\n50,50,0\n0,0,100\n60,39,1\n", "--method", "cohen")
    picture = tmp_path / "curves.svg"
    status, _, error = bagcert(
        "report", certificate, "--with", other, "--with", twin, "--plot", picture
    )
    assert status == 0, error
    drawn = picture.read_text()  # matplotlib states each text that it draws in a comment
    for name, method in (("cert", "selected"), ("other", "cohen"), (r"\$\\frac\$_", "cohen")):
        assert re.search(rf"Bagging on {name}\.jsonl: k = 10, N = 100, α = \S+, {method}", drawn)
    assert "share of examples certified" in drawn
    assert drawn.count("of 4 abstain") == 3


def test_a_picture_states_the_accuracy_without_attack(tmp_path: Path) -> None:
    # Votes 0, 0 (a tie), 2, 1: three of four are right.
    picture = tmp_path / "curve.svg"
    assert bagcert("report", labelled(tmp_path, "l", [0, 0, 2, 0]), "--plot", picture)[0] == 0
    assert "clean accuracy 75.00 % (dotted)" in picture.read_text()


def test_curves_that_mean_different_things_are_not_drawn_together(
    certificate: Path, tmp_path: Path
) -> None:
    outputs = ["--plot", tmp_path / "p.png", "-o", tmp_path / "p.html"]
    status, _, error = bagcert(
        "report", labelled(tmp_path, "l", [0, 0, 2, 1]), "--with", certificate, *outputs
    )
    assert status == 2
    assert error.startswith("bagcert: error: cert.jsonl: states no true labels")
    assert not list(tmp_path.glob("p.*"))


def test_options_that_would_do_nothing_are_refused(certificate: Path, tmp_path: Path) -> None:
    assert "name it with --plot" in bagcert("report", certificate, "--with", certificate)[2]
    assert "name it with --output" in bagcert("report", certificate, "--data", "digits")[2]


def test_nothing_is_written_of_a_false_file(certificate: Path, tmp_path: Path) -> None:
    false = tmp_path / "false.jsonl"
    text = certificate.read_text()
    *lines, _ = text.replace('"radius":', '"radius":1', 1).splitlines(keepends=True)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    false.write_text("".join(lines) + f'{{"count":4,"sha256":"{digest}"}}\n')
    page = tmp_path / "page.html"
    status, out, _ = bagcert("report", false, "-o", page)
    assert (status, out[:7]) == (1, "INVALID")
    assert not page.exists()
    status, out, _ = bagcert(
        "report", certificate, "--with", false, "--plot", tmp_path / "p.png", "-o", page
    )
    assert (status, out.startswith(f"{false}: INVALID")) == (1, True)
    assert not page.exists()
    assert bagcert("report", tmp_path / "no.jsonl", "-o", page)[0] == 2


def test_a_certificate_is_read_once(certificate: Path, tmp_path: Path) -> None:
    pipe, page = tmp_path / "pipe", tmp_path / "page.html"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(certificate.read_bytes()))
    writer.start()
    status, _, error = bagcert("report", pipe, "-o", page)
    writer.join()
    assert status == 0, error
    assert "VALID" in page.read_text()


def test_images_of_the_data_set_stand_on_the_page(tmp_path: Path) -> None:
    certificate = labelled(tmp_path, "l", [0, 0, 2, 1])
    arrays: dict[str, Any] = {
        "train_x": np.zeros((2, 3, 3)), "train_y": np.array([0, 1]),
        "test_x": np.zeros((4, 3, 3)), "test_y": np.array([0, 0, 2, 1]), "classes": np.array(3),
    }  # fmt: skip
    np.savez(tmp_path / "images.npz", **arrays)
    page = tmp_path / "page.html"
    options = ["--data", "images.npz", "--data-dir", tmp_path, "-o", page]
    status, _, error = bagcert("report", certificate, *options)
    assert status == 0, error
    assert page.read_text().count('src="data:image/png;base64,') > 3
    page.unlink()
    arrays["test_y"] = np.array([0, 0, 2, 2])
    np.savez(tmp_path / "images.npz", **arrays)
    status, _, error = bagcert("report", certificate, *options)
    assert status == 2
    assert "test example 3 has another label" in error
    assert not page.exists()


def test_radii_are_those_asked_for_or_even_ones(tmp_path: Path) -> None:
    certificate, page = labelled(tmp_path, "right", [0, 0, 0, 1]), tmp_path / "page.html"
    # The largest radius with the true label is 43; that of the wrong label, 52, counts nowhere.
    for asked, due in (("0,33", [0, 33]), (None, [0, 10, 20, 30, 40])):
        options = [] if asked is None else ["--radii", asked]
        status, out, _ = bagcert("report", certificate, "-o", page, "--force", *options)
        assert status == 0
        rows = re.findall(r'<th scope="row" class="n">([\d,]+)</th>', page.read_text())
        assert [int(row) for row in rows] == due
        assert [int(r) for r in re.findall(r"^  r = (\d+)", out, re.MULTILINE)] == due


@pytest.mark.parametrize(
    ("option", "name", "library"),
    [("-o", "p.html", "jinja2"), ("--plot", "p.png", "matplotlib")],
)
def test_a_library_that_is_not_there_is_one_line(
    certificate: Path, tmp_path: Path, option: str, name: str, library: str
) -> None:
    code = (
        f"import sys; sys.modules['{library}'] = None; "
        "from bagcert.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "report", str(certificate), option, str(tmp_path / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("is not installed; type: pip install 'bagcert[plot]'\n")
    assert done.stderr.count("\n") == 1
