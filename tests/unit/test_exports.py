"""What is taken away computes what the network computes here: asked of other programs or arithmetic."""

import ast
import json
import math
import re
import types

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load as load_safetensors
from scipy.signal import correlate
from scipy.special import expit

from core.__main__ import main
from core.models import networks
from core.models.exports import html_file, onnx_file, pytorch
from core.models.exports.formats import FORMATS
from core.nn.activations import softmax
from tests.networks import (
    EVERY_LAYER,
    by_chance,
    logits_of,
    network_of,
    pictures,
)


@pytest.mark.parametrize("number", range(7))
def test_onnx_runtime_answers_as_the_network_does(number):
    network = network_of(number)
    x = pictures(network)
    logits, probabilities = onnxruntime.InferenceSession(onnx_file.make(network)).run(None, {"image": x})
    np.testing.assert_allclose(logits, logits_of(network, x), atol=1e-5)
    np.testing.assert_allclose(probabilities, softmax(logits_of(network, x)), atol=1e-6)


def test_onnx_says_what_is_no_digit(classifier):
    session = onnxruntime.InferenceSession(onnx_file.make(classifier.network))
    x = np.random.default_rng(3).random((4, 28, 28, 1)).astype(np.float32) ** 4
    x[0] = 0
    answered = dict(zip([o.name for o in session.get_outputs()], session.run(None, {"image": x}), strict=True))
    logits = classifier.outputs(x)
    np.testing.assert_allclose(answered["probabilities"], softmax(logits[:, :10]), atol=1e-5)
    np.testing.assert_allclose(answered["is_digit"], 1 - softmax(logits)[:, 10], atol=1e-5)
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == list("0123456789")


# -- PyTorch, its documentation taken at its word in NumPy: it is too large to be installed for a test


class Module:
    training = False

    def __init__(self):
        self.arrays: dict[str, np.ndarray] = {}

    def __call__(self, *given):
        return self.forward(*given)

    def eval(self):
        return self

    def load_state_dict(self, arrays, strict):
        used = {f"{name}.{key}" for name, m in vars(self).items() if isinstance(m, Module) for key in m.keys}
        for name, module in list(vars(self).items()):
            if isinstance(module, Parameter):
                assert arrays[name].shape == module.shape
                setattr(self, name, arrays[name])
                used.add(name)
        for name, module in vars(self).items():
            if isinstance(module, Module):
                module.arrays = {key: arrays[f"{name}.{key}"] for key in module.keys}
        return [], sorted(set(arrays) - used)


class Conv2d(Module):
    keys = ("weight", "bias")

    def __init__(self, inputs, outputs, kernel, stride=1):
        self.shape, self.stride = (outputs, inputs, kernel, kernel), stride

    def forward(self, x):
        weight, bias = self.arrays["weight"], self.arrays["bias"]
        assert weight.shape == self.shape
        every = [[correlate(one, kernel, "valid")[0] for kernel in weight] for one in x]
        sums = np.array(every)[:, :, :: self.stride, :: self.stride] + bias[:, None, None]
        return sums.view(Tensor)


class Linear(Module):
    keys = ("weight", "bias")

    def __init__(self, inputs, outputs):
        self.shape = (outputs, inputs)

    def forward(self, x):
        assert self.arrays["weight"].shape == self.shape
        return x @ self.arrays["weight"].T + self.arrays["bias"]


class BatchNorm(Module):
    keys = ("weight", "bias", "running_mean", "running_var")

    def __init__(self, count, eps):
        self.eps = eps

    def forward(self, x):
        wide = (-1, *[1] * (x.ndim - 2))
        weight, bias, mean, variance = (self.arrays[key].reshape(wide) for key in self.keys)
        return (x - mean) / np.sqrt(variance + self.eps) * weight + bias


class PRelu(Module):
    keys = ("weight",)

    def __init__(self, count):
        self.shape = (count,)

    def forward(self, x):
        assert self.arrays["weight"].shape == self.shape
        slopes = self.arrays["weight"].reshape(-1, *[1] * (x.ndim - 2))
        return np.maximum(x, 0) + slopes * np.minimum(x, 0)


class Parameter:
    def __init__(self, array):
        self.shape = array.shape


class Tensor(np.ndarray):
    def permute(self, *order):
        return self.transpose(order)

    def flatten(self, first):
        assert first == 1
        return self.reshape(len(self), -1)


def pooled(reduce):
    def pool(x, side):
        n, channels, height, width = x.shape
        x = x[:, :, : height // side * side, : width // side * side]
        return reduce(x.reshape(n, channels, height // side, side, width // side, side), (3, 5))

    return pool


def concatenated(parts, axis):
    return np.concatenate(parts, axis).view(Tensor)


def pad(x, around):
    left, right, top, bottom = around
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))


TORCH = {"sigmoid": expit, "tanh": np.tanh, "zeros": lambda *shape: np.zeros(shape), "cat": concatenated}
TORCH |= {
    "softmax": lambda x, axis: softmax(x),
    "log": np.log,
    "clamp": lambda x, **ends: np.maximum(x, ends["min"]),
}
FUNCTIONAL = {"relu": lambda x: np.maximum(x, 0), "pad": pad}
FUNCTIONAL |= {
    "leaky_relu": lambda x, slope: np.maximum(x, slope * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + np.exp(-x)),
}
FUNCTIONAL |= {"max_pool2d": pooled(np.max), "avg_pool2d": pooled(np.mean)}
LAYERS = {
    "Module": Module,
    "Conv2d": Conv2d,
    "Linear": Linear,
    "BatchNorm1d": BatchNorm,
    "BatchNorm2d": BatchNorm,
    "PReLU": PRelu,
    "Parameter": Parameter,
}


@pytest.mark.parametrize("number", range(7))
def test_the_pytorch_module_computes_the_same_from_the_safetensors(number):
    network = network_of(number)
    program = re.sub(r"^(import|from) .*$", "", pytorch.source(network), flags=re.MULTILINE)
    names = {
        "torch": types.SimpleNamespace(**TORCH),
        "nn": types.SimpleNamespace(**LAYERS),
        "F": types.SimpleNamespace(**FUNCTIONAL),
        "load_file": lambda path: load_safetensors(pytorch.tensors(network)),
    }
    exec(program, names)
    x = pictures(network)
    np.testing.assert_allclose(names["load"]()(x.view(Tensor)), logits_of(network, x), atol=1e-5)


@pytest.mark.parametrize("file", ['its "best".safetensors', "C:\\new.safetensors", "é's.safetensors"])
def test_the_pytorch_module_names_the_file_beside_it_whatever_that_is_called(file):
    program = ast.parse(pytorch.source(network_of(0), file))
    (load,) = (one for one in program.body if isinstance(one, ast.FunctionDef))
    assert ast.literal_eval(load.args.defaults[0]) == file


def test_a_networks_name_stays_a_text_in_the_program():
    network = by_chance(*EVERY_LAYER, name='"""\nimport os\\ #</script><b>')
    compile(pytorch.source(network), "module", "exec")
    assert "\nimport os" not in pytorch.source(network)
    page = html_file.make(network).decode()
    assert "<b>" not in page.partition("<main>")[2].partition("<canvas")[0]
    assert page.count("</script>") == 2


# -- the command line


@pytest.mark.parametrize("form", [*FORMATS])
def test_every_format_is_written_on_the_command_line(form, tmp_path, capsys):
    file = tmp_path / f"network{FORMATS[form].suffix}"
    assert main(["export", "assets/models/first-conv-best", "--format", form, "--out", str(file)]) == 0
    network = networks.shipped("first-conv-best")
    assert file.stat().st_size > 0.5 * sum(array.nbytes for array in network.weights.values())
    assert str(file) in capsys.readouterr().out
    assert (tmp_path / "network.py").exists() == (form == "safetensors")


def test_the_weights_are_not_overwritten_by_their_module(tmp_path, capsys):
    out, other = tmp_path / "net.py", tmp_path / "net.safetensors"
    assert main(["export", "assets/models/first-conv-best", "--format", "safetensors", "--out", str(out)]) == 1
    said = f"{out} is what the file beside the safetensors file is called; name it {other}.\n"
    assert capsys.readouterr().err == said
    assert not any(tmp_path.iterdir())


def test_a_network_that_is_not_there_and_a_file_that_cannot_be_written_are_said(tmp_path, capsys):
    assert main(["export", "12345", "--format", "html", "--out", str(tmp_path / "a.html")]) == 1
    assert "Run 12345 has no network" in capsys.readouterr().err
    out = str(tmp_path / "missing" / "a.html")
    assert main(["export", "assets/models/first-conv-best", "--format", "html", "--out", out]) == 1
    assert capsys.readouterr().err == f"{out} cannot be written: No such file or directory.\n"


def test_the_page_of_the_apps_own_network_weighs_at_most_one_and_a_half_megabytes():
    assert len(html_file.make(networks.shipped())) < 1_500_000
