"""Configurations that nobody's Keras wrote get one sentence."""

import json

import pytest

from core.models import keras_import
from tests.worker.keras_models import JOINED, archive_of, members, refused, with_config


def edited(edit) -> bytes:
    """The good file with another config.json: `edit` is given its layers, input first, and may change them."""
    model = json.loads(members()["config.json"])
    edit(model["config"]["layers"])
    return with_config(json.dumps(model).encode())


def setting(place: int, **values) -> bytes:
    return edited(lambda layers: layers[place]["config"].update(values))


CONFIGS = {
    "slopes that share a fourth axis": (
        edited(lambda layers: layers[2].update(class_name="PReLU", config={"name": "p", "shared_axes": [4]})),
        r"'p' has shared_axes \[4\]; accepted are some of 1, 2 and 3",
    ),
    "no JSON": (with_config(b"{"), "config.json is not valid JSON"),
    "no text": (with_config(b"\xff\xfe\x00"), "config.json is not valid JSON"),
    "deep": (with_config(b"[" * 400_000), "nested too deeply"),
    "deep enough for the parser": (
        setting(1, strides=json.loads("[" * 900 + "]" * 900)),
        "has strides|too deeply",
    ),
    "too long": (with_config(b" " * 1_000_001), "config.json has more than 1,000,000 bytes"),
    "a list": (with_config(b"[]"), "The network is None from None"),
    "a number of 9,000 digits": (
        with_config(members()["config.json"].replace(b'"filters": 2', b'"filters": ' + b"9" * 9000)),
        "filters inf is not a whole number",
    ),
    "no layers": (with_config(b'{"module": "keras", "class_name": "Sequential"}'), "lists no layers"),
    "layers that are words": (edited(lambda layers: layers.append("Dense")), "lists no layers"),
    "an input only": (edited(lambda layers: layers.__delitem__(slice(1, None))), "There is no layer yet"),
    "no input": (edited(lambda layers: layers[0]["config"].clear()), "reads the shape None; accepted are"),
    "a class that is a list": (
        edited(lambda layers: layers[1].update(class_name=["Conv2D"])),
        "from 'keras.layers'",
    ),
    "a module of one's own": (edited(lambda layers: layers[1].update(module="os")), "is 'Conv2D' from 'os'"),
    "10**9 units": (setting(4, units=10**9), "units is 1000000000, but has to lie between 1 and 4096"),
    "units that are true": (setting(4, units=True), "units True is not a whole number"),
    "units in words": (setting(4, units="1" * 99_999), "has units '1111.*; accepted is one number"),
    "no units": (
        edited(lambda layers: layers[4]["config"].pop("units")),
        "has units None; accepted is one number",
    ),
    "a list of activations": (setting(4, activation=["relu"] * 99_999 + [1]), "has activation"),
    "code as activation": (
        setting(4, activation={"value": ["4wEAAAA=", None, None]}),
        "has activation {'value'",
    ),
    "filters that are NaN": (setting(1, filters=float("nan")), "filters nan is not a whole number"),
    "a name without end": (setting(1, name="a\n" * 99_999, groups=7), "has groups 7; accepted is 1"),
    "31 layers": (
        edited(lambda layers: layers.__setitem__(slice(4, 4), [layers[4]] * 30)),
        "There are 34 layers; at most 30",
    ),
}


def rejoined(edit) -> bytes:
    """A file with branches, whose list of layers is changed: `edit` is given it and its layers by class."""
    contents = members(JOINED)
    model = json.loads(contents["config.json"])
    layers = model["config"]["layers"]
    edit(model["config"], {layer["class_name"]: layer for layer in layers})
    return archive_of(contents | {"config.json": json.dumps(model).encode()})


def reading(layer: dict, *names) -> None:
    """Let a layer of the list read those of these names."""
    tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}} for name in names]
    layer["inbound_nodes"] = [{"args": [tensors], "kwargs": {}}]


JOINS = {
    "a sum that reads nothing that there is": (
        lambda config, layers: reading(layers["Add"], "side", "elsewhere"),
        "'sum' reads 'elsewhere', which is no layer of the network",
    ),
    "a sum that reads itself": (
        lambda config, layers: reading(layers["Add"], "side", "sum"),
        "'sum' reads what is made of its own output",
    ),
    "a circle": (
        lambda config, layers: reading(layers["Conv2D"], layers["Flatten"]["name"]),
        "reads what is made of its own output",
    ),
    "a sum of one": (
        lambda config, layers: reading(layers["Add"], "side"),
        "Add reads 2 to 16, here 1|read by no",
    ),
    "a sum of nothing": (lambda config, layers: reading(layers["Add"]), "does not read just what other layers"),
    "a sum of twenty": (
        lambda config, layers: reading(layers["Add"], *["side"] * 20),
        "read by no|2 to 16, here 20",
    ),
    "a sum of sizes": (
        lambda config, layers: layers["Conv2D"]["config"].update(padding="valid", kernel_size=[3, 3]),
        "Add needs inputs of one size, but gets",
    ),
    "a second output of a layer": (
        lambda config, layers: layers["Add"]["inbound_nodes"][0]["args"][0][0]["config"].update(
            keras_history=["side", 0, 1]
        ),
        "does not read just what other layers give",
    ),
    "names that are numbers": (
        lambda config, layers: layers["Add"].update(inbound_nodes=[{"args": [[1, 2]], "kwargs": {}}]),
        "does not read just what other layers give",
    ),
    "nodes that are words": (
        lambda config, layers: layers["Add"].update(inbound_nodes=["side"]),
        "does not read just what other layers give",
    ),
    "no nodes": (lambda config, layers: layers["Add"].pop("inbound_nodes"), "does not read just what other"),
    "two layers of one name": (
        lambda config, layers: layers["Flatten"].update(name="side"),
        "Two layers of the network have one name",
    ),
    "a name that is a list": (lambda config, layers: layers["Flatten"].update(name=[]), "or one has none"),
    "no output": (lambda config, layers: config.pop("output_layers"), "more or less than one layer's output"),
    "an output that is not there": (
        lambda config, layers: config.update(output_layers=[["elsewhere", 0, 0]]),
        "more or less than one layer's output",
    ),
    "an output in the middle": (
        lambda config, layers: config.update(output_layers=[["side", 0, 0]]),
        "is read by no other layer; accepted is one output",
    ),
    "no input": (
        lambda config, layers: layers["InputLayer"].update(class_name="Flatten"),
        "The network reads 0 inputs; accepted is one",
    ),
    "an axis in words": (
        lambda config, layers: layers["Add"].update(
            class_name="Concatenate", config={"name": "c", "axis": "x"}
        ),
        "'c' has axis 'x'; accepted is -1 or 1 or 3",
    ),
}


@pytest.mark.parametrize("name", JOINS)
def test_ways_that_lead_nowhere_get_one_sentence(name):
    edit, sentence = JOINS[name]
    data = rejoined(edit)
    refused(lambda: keras_import.read(data), sentence)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_made_up_configuration_gets_one_sentence(name):
    data, sentence = CONFIGS[name]
    refused(lambda: keras_import.read(data), sentence)
