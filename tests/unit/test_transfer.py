"""Transfer: a frozen module's features, a module that looks at its neighbours, arrays."""

import sys
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.datasets import Dataset, with_features
from bagcert.fastpath.learners import (
    KernelRidge,
    Learner,
    LearnerError,
    LogisticRegression,
    ScatteringRidge,
    Transfer,
)
from bagcert.fastpath.training.ensemble import train_votes

torch = pytest.importorskip("torch")


def images(m: int, seed: int = 0) -> Any:
    return np.random.Generator(np.random.Philox(seed)).random((m, 1, 8, 8), np.float32)


def dataset() -> Dataset:
    x, labels = images(300), np.arange(300) % 2
    x[:, :, :4] *= labels[:, None, None, None]
    return Dataset("halves", x[:260], labels[:260], x[260:], labels[260:], 2, ("a", "b"))


def network() -> Any:
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Dropout(0.5)
    )


@pytest.mark.parametrize("head", [KernelRidge(0.01), LogisticRegression()])
def test_votes_are_the_heads_on_the_modules_features(head: Learner) -> None:
    """By the other way: the features made ahead, as a data set of their own."""
    data, module = dataset(), network()
    learner = Transfer(module, head, "random")
    votes = train_votes(data, learner, 15, 7, 2, keep_predictions=True)
    assert votes.predictions is not None
    assert (votes.predictions == data.test_y).mean() > 0.8
    module.eval()
    with torch.no_grad():
        train_x, test_x = (
            np.concatenate([module(torch.from_numpy(x[None].copy())).flatten(1) for x in part])
            for part in (data.train_x, data.test_x)
        )
    ahead = with_features(data, train_x, test_x, "random")
    due = train_votes(ahead, head, 15, 7, 2)
    assert (due.counts == votes.counts).all()
    assert due.header is not None
    assert due.header.dataset == "halves/random"
    assert due.header.dataset_digest not in (data.digest, None)
    assert ahead.digest == due.header.dataset_digest


def test_the_module_is_frozen_when_it_is_handed_over() -> None:
    module = network()
    learner = Transfer(module.train(), KernelRidge(), "random")
    before, digest = learner.features(images(1)[0]), learner.settings["module_sha256"]
    with torch.no_grad():
        module[0].weight.add_(1.0)
    module(torch.from_numpy(images(9)))  # moves the running mean of the module, not of the copy
    assert (learner.features(images(1)[0]) == before).all()
    changed = Transfer(module, KernelRidge(), "random")
    assert changed.settings["module_sha256"] != digest
    assert Transfer(network(), KernelRidge(), "random").settings["module_sha256"] == digest
    assert learner.settings["head_gamma"] == "0.1"
    assert learner.settings["head"] == "kernel-ridge"
    assert learner.ignores_seed


class Centred(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Batch statistics in evaluation: the usual way to see the neighbours."""

    def forward(self, x: Any) -> Any:
        return x - x.mean(dim=0)


class Summed(torch.nn.Module):  # type: ignore[misc,name-defined]
    def forward(self, x: Any) -> Any:
        return x.sum(dim=0, keepdim=True)


def test_a_module_that_sees_other_examples_is_refused() -> None:
    with pytest.raises(LearnerError, match="change with the other examples"):
        train_votes(dataset(), Transfer(Centred(), KernelRidge(), "x"), 5, 2, 1)
    with pytest.raises(LearnerError, match="one row for each example"):
        train_votes(dataset(), Transfer(Summed(), KernelRidge(), "x"), 5, 2, 1)
    with pytest.raises(LearnerError, match="the module failed"):
        train_votes(dataset(), Transfer(torch.nn.Linear(3, 3), KernelRidge(), "x"), 5, 2, 1)
    poisoned = network()
    with torch.no_grad():
        poisoned[0].bias.fill_(float("nan"))
    with pytest.raises(LearnerError, match="not finite"):
        train_votes(dataset(), Transfer(poisoned, KernelRidge(), "x"), 5, 2, 1)


def test_arguments() -> None:
    with pytest.raises(TypeError, match="torch module"):
        Transfer(len, KernelRidge(), "x")
    with pytest.raises(TypeError, match="scattering-ridge relates"):
        Transfer(network(), ScatteringRidge(), "x")
    with pytest.raises(ValueError, match="201 characters"):
        Transfer(network(), KernelRidge(), "x" * 201)


def test_features_made_ahead_must_be_a_row_for_each_example() -> None:
    data = dataset()
    rows = np.ones((260, 5)), np.ones((40, 5))
    with pytest.raises(ValueError, match="train_y: must hold 259"):
        with_features(data, rows[0][1:], rows[1], "x")
    with pytest.raises(ValueError, match="test_x: its examples have another shape"):
        with_features(data, rows[0], rows[1][:, 1:], "x")
    with pytest.raises(ValueError, match="finite"):
        with_features(data, rows[0] * np.nan, rows[1], "x")


def test_without_torch_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'bagcert\[torch\]'"):
        Transfer(None, KernelRidge(), "x")
