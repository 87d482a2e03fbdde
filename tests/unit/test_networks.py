"""The stacked networks: against plain torch modules, model for model, and alone or in company."""

import dataclasses
import itertools
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np
import pytest

from bagcert.fastpath.datasets import Dataset
from bagcert.fastpath.draws import model_streams
from bagcert.fastpath.learners import (
    Cifar10Cnn,
    ConvNet,
    LearnerError,
    MnistCnn,
    Subsamples,
    load_learner,
    stated_name,
)
from bagcert.fastpath.learners.networks.augmentation import augmented
from bagcert.fastpath.learners.networks.layers import CIFAR10, MNIST, Drop, multiplications, plan
from bagcert.fastpath.training.ensemble import predict_models, train_votes

torch = pytest.importorskip("torch")

from bagcert.fastpath.learners.networks import stack as network_stack  # noqa: E402 (needs torch)

TINY = "conv3same conv4 pool drop0.25 dense6 drop0.5"
#: 67 filters and 11 units: sizes that fill no vector register evenly.
UNEVEN = "conv5 conv67 pool drop0.25 conv3same dense11 drop0.5 dense7"


def net(layers: str = TINY, **changes: Any) -> ConvNet:
    settings: dict[str, Any] = {"shape": "8x9x2", "layers": layers, "epochs": 3, "batch_size": 4}
    return ConvNet(**settings | changes)


def batch(models: int, k: int = 7, classes: int = 3, size: int = 144) -> Any:
    drawn = np.random.Generator(np.random.Philox(5))
    images = drawn.random((models, k, size), np.float32)
    labels = drawn.integers(0, classes, (models, k))
    tested = drawn.random((60, size), np.float32)
    return Subsamples(images, labels, classes), tested, drawn.integers(0, 2**63, models, np.uint64)


def only(of: Subsamples, rows: list[int]) -> Subsamples:
    return Subsamples(of.features[rows], of.labels[rows], of.classes)


class Plain(torch.nn.Module):  # type: ignore[misc,name-defined]
    """One model as torch's users write it: modules, images (m, c, h, w), channels first."""

    def __init__(self, layers: Any, weights: Any) -> None:
        super().__init__()
        given, parts = iter(weights), []
        for layer in layers:
            if hasattr(layer, "filters"):
                part: Any = torch.nn.Conv2d(layer.given, layer.filters, 3, padding=layer.padding)
                weight, bias = next(given).detach(), next(given).detach()
                parts += [part, torch.nn.ReLU()]
            elif hasattr(layer, "units"):
                part = torch.nn.Linear(layer.given, layer.units)
                weight, bias = next(given).detach().T, next(given).detach()
                if not any(isinstance(p, torch.nn.Linear) for p in parts):
                    parts.append(Flat())
                parts += [part] if layer.last else [part, torch.nn.ReLU()]
            else:
                parts.append(Masked() if isinstance(layer, Drop) else torch.nn.MaxPool2d(2))
                continue
            part.weight.data, part.bias.data = weight.clone(), bias.clone()
        self.parts = torch.nn.ModuleList(parts)

    def forward(self, x: Any, masks: Any) -> Any:
        given = iter(masks)
        for part in self.parts:
            x = x * next(given) if isinstance(part, Masked) and masks else part(x)
        return x


class Flat(torch.nn.Module):  # type: ignore[misc,name-defined]
    def forward(self, x: Any) -> Any:
        return x.permute(0, 2, 3, 1).flatten(1)  # height, width, channel, as Keras does


class Masked(torch.nn.Identity):  # type: ignore[misc,name-defined]
    """Dropout whose mask is given."""


@pytest.mark.parametrize("layers", [TINY, UNEVEN, "dense5", "pool drop0.5"])
def test_forward_and_gradients_are_those_of_plain_modules(layers: str) -> None:
    models, m = 3, 5
    form = plan(layers, (8, 9, 2), 3)
    weights = [
        [(w.detach().double() + 0.01).requires_grad_() for w in of_model]
        for of_model in (network_stack.initial_weights(form, seed, "cpu") for seed in (1, 2, 3))
    ]
    torch.manual_seed(0)
    x = torch.randn(m, models * 2, 8, 9, dtype=torch.float64)
    y = torch.randint(3, (models, m))
    own = [  # each model's masks
        [torch.rand(m, *d.shape, dtype=torch.float64) for d in form if isinstance(d, Drop)]
        for _ in range(models)
    ]
    own = [[d.permute(0, 3, 1, 2) if d.ndim == 4 else d for d in masks] for masks in own]
    joined = [[torch.cat(d, dim=1)] if d[0].ndim == 4 else list(d) for d in zip(*own, strict=True)]
    for masks in (joined, []):
        scores = network_stack.forward(form, weights, x, masks)
        for g, (of_model, found) in enumerate(zip(weights, scores, strict=True)):
            loss = torch.nn.functional.cross_entropy(found, y[g])
            gradients = torch.autograd.grad(loss, of_model, retain_graph=True)
            plain = Plain(form, of_model).double()
            due = plain(x[:, 2 * g : 2 * g + 2], own[g] if masks else [])
            torch.testing.assert_close(found, due, rtol=1e-10, atol=1e-12)
            torch.nn.functional.cross_entropy(due, y[g]).backward()
            as_modules = Plain(form, gradients)
            for parameter, gradient in zip(
                plain.parameters(), as_modules.parameters(), strict=True
            ):
                torch.testing.assert_close(parameter.grad, gradient.data, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("optimiser", "lr"), [("adadelta", 0.7), ("rmsprop", 1e-3)])
@pytest.mark.parametrize("common", [False, True])
def test_training_is_plain_training_of_each_model(optimiser: str, lr: float, common: bool) -> None:
    """Modules one at a time, the optimisers by their formulas in numpy: the same weights."""
    learner = net(
        epochs=2, optimiser=optimiser, lr=lr, decay=0.5, rho=0.9, epsilon=1e-6, common_start=common
    )
    form = plan(TINY, (8, 9, 2), 3)
    drawn, _, _ = batch(3)
    images, seeds = drawn.features.reshape(3, 7, 8, 9, 2), [11, 12, 13]
    trained = network_stack.train(form, learner, images, drawn.labels, seeds, Event())
    for g, seed in enumerate(seeds):
        start = 0 if common else seed
        plain = Plain(form, network_stack.initial_weights(form, start, "cpu"))
        squares = [np.zeros(p.shape) for p in plain.parameters()]
        steps = [np.zeros(p.shape) for p in plain.parameters()]
        for step, (epoch, start) in enumerate(itertools.product(range(2), (0, 4))):
            rows = model_streams.order(seed, epoch, 7)[start : start + 4]
            x = torch.from_numpy(images[g][rows]).permute(0, 3, 1, 2)
            masks = [
                torch.from_numpy(
                    model_streams.kept(seed, step, part, (len(rows), *d.shape), d.rate)
                )
                / (1 - d.rate)
                for part, d in enumerate(form)
                if isinstance(d, Drop)
            ]
            masks[0] = masks[0].permute(0, 3, 1, 2)
            loss = torch.nn.functional.cross_entropy(
                plain(x, masks), torch.from_numpy(drawn.labels[g][rows])
            )
            plain.zero_grad()
            loss.backward()
            for i, parameter in enumerate(plain.parameters()):
                gradient = parameter.grad.double().numpy()
                squares[i] = 0.9 * squares[i] + 0.1 * gradient**2
                if optimiser == "adadelta":
                    way = np.sqrt(steps[i] + 1e-6) / np.sqrt(squares[i] + 1e-6) * gradient
                    steps[i] = 0.9 * steps[i] + 0.1 * way**2
                else:
                    way = gradient / (np.sqrt(squares[i]) + 1e-6)
                parameter.data -= torch.from_numpy(lr / (1 + 0.5 * step) * way).float()
        due = Plain(form, trained[g])
        for found, parameter in zip(plain.parameters(), due.parameters(), strict=True):
            torch.testing.assert_close(found.data, parameter.data, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("layers", [TINY, UNEVEN])
def test_a_model_alone_is_the_model_in_company_at_any_place(layers: str, precision: str) -> None:
    learner = net(layers, precision=precision, stack=3, rotation=20.0, shift=0.1, flip=True)
    drawn, tested, seeds = batch(7)
    labels = learner.fit_predict(drawn, tested, seeds)
    assert (labels != labels[0]).any()
    for rows in ([6], [3], [4, 6, 5, 3, 0, 1, 2], [5, 5]):
        found = learner.fit_predict(only(drawn, rows), tested, seeds[rows])
        assert (found == labels[rows]).all()


@pytest.mark.parametrize(
    ("layers", "shape", "classes"),
    [(UNEVEN, (8, 9, 2), 3), (MNIST, (28, 28, 1), 2), (CIFAR10, (32, 32, 3), 10)],
)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_weights_do_not_depend_on_the_place_in_the_stack(
    layers: str, shape: tuple[int, int, int], classes: int, precision: str
) -> None:
    """Bit for bit."""
    form, stack = plan(layers, shape, classes), 3
    spelled = "x".join(map(str, shape))
    learner = net(layers, shape=spelled, precision=precision, epochs=2, batch_size=5)
    drawn, _, _ = batch(stack, k=8, classes=classes, size=int(np.prod(shape)))
    images = drawn.features.reshape(stack, 8, *shape)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        due = network_stack.train(form, learner, images, drawn.labels, range(stack), Event())
        for rows in ([1, 2, 0], [2, 0, 1], [0, 0, 2]):
            found = network_stack.train(
                form, learner, images[rows], drawn.labels[rows], rows, Event()
            )
            for place, model in enumerate(rows):
                assert all(map(torch.equal, found[place], due[model]))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    "ways",
    [
        {"rotation": 10.0, "shift": 0.1, "flip": True},
        {"rotation": 10.0, "shift": 0.0, "flip": False},
        {"rotation": 0.0, "shift": 0.1, "flip": False},
    ],
)
def test_a_models_augmented_images_do_not_depend_on_the_others(
    monkeypatch: pytest.MonkeyPatch, ways: dict[str, Any]
) -> None:
    """What each model is shown, bit for bit, alone and at another place among other models."""
    shown: dict[int, dict[int, bytes]] = {}

    def watched(images: Any, seed: int, step: int, **given: Any) -> Any:
        assert given == ways
        found = augmented(images, seed, step, **given)
        assert (found != images).any(axis=(1, 2, 3)).all()
        of_model = shown.setdefault(seed, {})
        assert of_model.setdefault(step, found.tobytes()) == found.tobytes()  # a stack's filling
        return found

    monkeypatch.setattr(network_stack, "augmented", watched)
    drawn, tested, seeds = batch(5)
    learner = net(stack=3, **ways)
    learner.fit_predict(drawn, tested, seeds)
    company, shown = shown, {}
    assert set(company) == set(map(int, seeds))
    assert len({of_model[0] for of_model in company.values()}) == 5
    for row in (1, 4):
        shown = {}
        net(stack=1, **ways).fit_predict(only(drawn, [row]), tested, seeds[[row]])
        assert list(shown[int(seeds[row])]) == list(range(3 * 2))  # epochs times batches
        assert shown == {int(seeds[row]): company[int(seeds[row])]}


def threads_of_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return int(pool.submit(torch.get_num_threads).result())


def test_the_seed_decides_and_the_threads_do_not() -> None:
    drawn, tested, seeds = batch(3)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        labels = net().fit_predict(drawn, tested, seeds)
        assert torch.get_num_threads() == threads_of_a_new_thread() == 3
        torch.manual_seed(1)
        torch.set_num_threads(1)
        assert (net().fit_predict(drawn, tested, seeds) == labels).all()
    finally:
        torch.set_num_threads(before)
    assert (net().fit_predict(drawn, tested, seeds[::-1]) != labels).any()


def test_votes_do_not_depend_on_sharding() -> None:
    drawn = np.random.Generator(np.random.Philox(3))
    y = drawn.integers(0, 2, 80)
    x = 0.2 * drawn.random((80, 6, 6), np.float32)
    x[:, :3] += 0.8 * y[:, None, None]
    data = Dataset("stripes", x[:50], y[:50], x[50:], y[50:], 2, ("a", "b"))
    learner = net("conv4 pool dense8", shape="6x6x1", epochs=30, stack=2, epsilon=1e-3)
    due = train_votes(data, learner, 8, 5, 3, keep_predictions=True)
    assert due.predictions is not None
    assert (due.predictions == data.test_y).mean() > 0.7
    found = train_votes(data, learner, 8, 5, 3, shard=3)
    assert found.digests is not None
    assert due.digests is not None
    assert np.array_equal(found.digests, due.digests)
    assert (predict_models(data, learner, 8, 3, [4]) == due.predictions[4]).all()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_scores_that_are_not_finite_name_the_row(precision: str) -> None:
    """In bfloat16 a convolution with 3 channels multiplies its neighbours' by zero."""
    drawn, tested, seeds = batch(3)
    drawn.features[1] = np.inf
    with pytest.raises(LearnerError, match="not finite") as caught:
        net(stack=3, precision=precision).fit_predict(drawn, tested, seeds)
    assert caught.value.row == 1


def test_a_failing_model_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an interrupt does: nobody waits for a training that nobody wants."""
    stopped = []
    plain = network_stack.train

    def watched(layers: Any, learner: Any, images: Any, labels: Any, seeds: Any, stop: Any) -> Any:
        if not np.isfinite(images).all():
            return plain(layers, learner, images, labels, seeds, stop)
        with pytest.raises(InterruptedError) as caught:
            plain(layers, net(epochs=10**6), images, labels, seeds, stop)
        stopped.append(True)
        raise caught.value

    monkeypatch.setattr(network_stack, "train", watched)
    drawn, tested, seeds = batch(2)
    drawn.features[0] = np.nan
    with pytest.raises(LearnerError, match="not finite") as failed:
        net(stack=1).fit_predict(drawn, tested, seeds)
    assert failed.value.row == 0
    assert stopped in ([True], [])  # it may not have started


def test_the_papers_networks() -> None:
    """Counted by hand: 3 x 3 x 1 x 32 at 26 x 26, and so on."""
    mnist = plan(MNIST, (28, 28, 1), 10)
    due = 288 * 26**2 + 18432 * 24**2 + 9216 * 128 + 1280
    assert multiplications(mnist) == due
    weights = network_stack.initial_weights(mnist, 3, "cpu")
    assert sum(w.numel() for w in weights) == 1_199_882  # as Keras's summary counts them
    assert all(abs(float(w.detach().abs().max()) - (6 / f) ** 0.5) < 1e-3 for w, f in (
        (weights[0], 9 * 33), (weights[2], 9 * 96), (weights[4], 9216 + 128)))  # fmt: skip
    cifar = network_stack.initial_weights(plan(CIFAR10, (32, 32, 3), 10), 3, "cpu")
    assert sum(w.numel() for w in cifar) == 1_250_858


#: What each recipe's source says (fastpath/learners/networks/recipes.py).
RECIPES: dict[str, dict[str, Any]] = {
    "mnist-cnn": {"epochs": 40, "batch_size": 32},
    "mnist-cnn-keras": {"epochs": 12, "batch_size": 128},
    "mnist-cnn-authors": {
        "epochs": 200, "batch_size": 16, "rotation": 10.0, "shift": 0.1, "common_start": True,
    },
    "cifar10-cnn": {"epochs": 100, "shift": 0.1, "flip": True},
    "cifar10-cnn-keras": {
        "epochs": 100, "shift": 0.1, "flip": True, "optimiser": "rmsprop", "lr": 1e-4, "rho": 0.9,
        "decay": 1e-6,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_what_its_source_says(name: str) -> None:
    learner: Any = load_learner(name)
    layers, shape = (MNIST, "28x28x1") if "mnist" in name else (CIFAR10, "32x32x3")
    assert learner == as_plain(learner, shape=shape, layers=layers, **RECIPES[name])
    assert stated_name(learner) == name
    assert load_learner(name, learner.settings) == learner


def as_plain(learner: ConvNet, **settings: Any) -> ConvNet:
    """A learner of the same class whose every other setting is the plain network's."""
    return type(learner)(**dataclasses.asdict(ConvNet(**settings)))


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_replayed_alone_and_its_k_may_be_below_a_batch(name: str) -> None:
    """Two epochs with one small layer; the settings are the header's."""
    given = {"epochs": "2", "layers": "conv2 pool drop0.5", "stack": "2"}
    shape = (28, 28) if "mnist" in name else (32, 32, 3)
    drawn = np.random.Generator(np.random.Philox(4))
    x, y = drawn.random((40, *shape), np.float32), drawn.integers(0, 3, 40)
    data = Dataset("noise", x[:30], y[:30], x[30:], y[30:], 3, ("a", "b", "c"))
    due = train_votes(data, load_learner(name, given), 9, 5, 3, keep_predictions=True)
    assert due.header is not None
    assert due.predictions is not None
    stated = load_learner(str(due.header.learner), due.header.learner_settings)
    assert (predict_models(data, stated, 9, 3, [4, 1]) == due.predictions[[4, 1]]).all()


def test_images_first_and_last_channels() -> None:
    learner = Cifar10Cnn()
    image = np.random.default_rng(0).random((32, 32, 3))
    due = image.astype(np.float32).reshape(-1)
    assert (learner.features(image) == due).all()
    assert (learner.features(image.transpose(2, 0, 1)) == due).all()
    assert (MnistCnn().features(np.ones((28, 28))) == 1).all()
    with pytest.raises(LearnerError, match=r"wants images 28x28x1, not \(8, 8\)"):
        MnistCnn().features(np.ones((8, 8)))


def test_settings_read_back_and_bad_ones_are_named() -> None:
    for learner in (MnistCnn(epochs=7, lr=0.1 + 0.2), Cifar10Cnn(flip=False, device="cuda:1")):
        assert load_learner(learner.name, learner.settings) == learner
        assert not learner.ignores_seed
    bad = {
        "epochs": "0", "batch_size": "x", "optimiser": "adam", "lr": "nan", "decay": "-1",
        "rotation": "181", "common_start": "1", "rho": "1.5", "epsilon": "0", "shift": "2",
        "flip": "yes", "device": "cuda:x", "precision": "int8", "stack": "5000", "shape": "28x28",
        "layers": "conv0", "width": "1",
    }  # fmt: skip
    for name, value in bad.items():
        with pytest.raises(ValueError, match=f"learner_settings: .*{name}"):
            load_learner("mnist-cnn", {name: value})


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ("dense3 conv3", "after a full layer"),
        ("pool pool pool pool", "nothing is left"),
        ("conv3 drop0.3", "multiple of 1/256"),
        ("dense3same", "no layer"),
        ("dense9999 dense9999 dense9999", "weights, more than"),
        ("pool " * 70, "more than 64"),
        ("drop1", "no layer"),
    ],
)
def test_layers_that_do_not_fit(layers: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        net(layers)


def test_torch_is_imported_by_who_uses_it() -> None:
    code = "import sys, bagcert.fastpath.learners as l; l.MnistCnn(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_torch_or_a_device_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn, tested, seeds = batch(1)
    if not torch.cuda.is_available():
        with pytest.raises(LearnerError, match="no CUDA device"):
            net(device="cuda").fit_predict(drawn, tested, seeds)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LearnerError, match=r"pip install 'bagcert\[torch\]'"):
        net().fit_predict(drawn, tested, seeds)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_on_cuda_models_are_reproducible_and_do_not_meet(precision: str) -> None:
    learner = net(UNEVEN, device="cuda", precision=precision, stack=3)
    drawn, tested, seeds = batch(7)
    labels = learner.fit_predict(drawn, tested, seeds)
    assert (learner.fit_predict(drawn, tested, seeds) == labels).all()
    for rows in ([6], [4, 6, 5, 3, 0, 1, 2]):
        assert (learner.fit_predict(only(drawn, rows), tested, seeds[rows]) == labels[rows]).all()
