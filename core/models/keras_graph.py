"""Which layers a network of Keras's has, as its JSON lists them, and which of them each reads.

Networks in a network are unfolded. The layers come in an order in which each follows those that it reads, as
`graph` has it; where their arrays lie in the file is decided by the order in which they are listed there.

Called by `core.models.keras_config` and `core.models.keras_import`.
"""

from collections.abc import Sequence
from typing import Any

from core.ink.files import BadInput
from core.models.keras_hdf5 import show
from core.models.keras_layers import GROUPS
from core.nn.graph import IMAGE

CONFIG = "config.json"  # as a .keras file calls it
MODELS = (
    "keras",
    "keras.src.models.functional",
    "keras.src.engine.functional",  # Keras 2
    "tf_keras.src.engine.functional",
)


def with_modules(model: Any) -> Any:
    """An .h5 file of earlier versions does not say that its layers are Keras's own: it had no others."""
    items = get(get(model, "config"), "layers")
    if isinstance(model, dict) and isinstance(items, list):
        named = [{"module": "keras.layers", **item} if isinstance(item, dict) else item for item in items]
        kind = "Functional" if model.get("class_name") == "Model" else model.get("class_name")
        config = {**model["config"], "layers": named}
        return {"module": "keras", **model, "class_name": kind, "config": config}
    return model


def ordered(model: Any, accepted: Sequence[str]) -> tuple[Any, list[dict]]:
    """Return the shape that the network reads, and its layers but the input, in order.

    Each has, besides what Keras says of it, 'reads', the places in this list of the layers whose output it is
    given, IMAGE for the image; and 'within' and 'group', where its arrays lie. accepted: what is named
    where a layer is none of Keras's own.
    """
    found: list[dict] = []
    first = _members(model, accepted)[0]
    shape = get(model["config"], "build_input_shape")
    if first["class_name"] == "InputLayer":
        shape = first["config"].get("batch_shape", first["config"].get("batch_input_shape"))
    _unfold(model, accepted, "layers", IMAGE, found)
    return shape[1:] if isinstance(shape, list) else shape, found


def _members(model: Any, accepted: Sequence[str]) -> list[dict]:
    """Return the layers of a network, as they are listed, networks among them."""
    kind, module, config = (get(model, key) for key in ("class_name", "module", "config"))
    if kind not in ("Sequential", "Functional") or module not in MODELS:
        raise BadInput(
            f"The network is {show(kind)} from {show(module)}; accepted are Keras's Sequential and Functional "
            "networks."
        )
    items = get(config, "layers")
    if not (isinstance(items, list) and items and all(isinstance(get(i, "config"), dict) for i in items)):
        raise BadInput(f"{CONFIG} lists no layers; it is accepted as Keras writes it.")
    for item in items:
        if not _is_network(item):
            _refuse_foreign(item, accepted)
    return items


def _is_network(item: dict) -> bool:
    return item.get("class_name") in ("Sequential", "Functional") and item.get("module") in MODELS


def _refuse_foreign(item: dict, accepted: Sequence[str]) -> None:
    """Raise BadInput for a layer that is not Keras's own, even where its class has the name of one."""
    kind, module, registered = (item.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(kind, str) or module != "keras.layers" or registered not in (None, kind):
        raise BadInput(
            f"{label(item)} is {show(registered or kind)} from {show(module)}; "
            f"accepted are Keras's own layers {', '.join(accepted)}."
        )


def _unfold(model: Any, accepted: Sequence[str], within: str, given: int, found: list[dict]) -> int:
    """Add a network's layers to `found`; return the place of the one whose output is the network's.

    given: the place of what the network reads. within: the group of the file that has its arrays.
    """
    items = _members(model, accepted)
    groups = _groups(items, within)
    is_chain = model["class_name"] == "Sequential"
    order = [(n, [n - 1] if n else []) for n in range(len(items))] if is_chain else _followed(model, items)
    places: dict[int, int] = {}
    for number, read in order:
        item, reads = items[number], [places[one] for one in read]
        if item["class_name"] == "InputLayer":
            places[number] = given
        elif _is_network(item):
            if len(reads) > 1:
                raise BadInput(f"{label(item)} is a network that reads {len(reads)}; accepted is one.")
            inner = f"{groups[number]}/layers"
            places[number] = _unfold(item, accepted, inner, (reads or [given])[0], found)
        else:
            found.append({**item, "reads": reads or [given], "within": within, "group": groups[number]})
            places[number] = len(found) - 1
    return places[order[-1][0]]


def _groups(items: Sequence[dict], within: str) -> list[str]:
    """Return the group of each layer's arrays: 'layers/conv2d', and of further ones 'layers/conv2d_1'."""
    counts: dict[str, int] = {}
    found = []
    for item in items:
        kind = GROUPS.get(item["class_name"], item["class_name"].lower())
        number = counts[kind] = counts.get(kind, -1) + 1
        found.append(f"{within}/{kind}{f'_{number}' if number else ''}")
    return found


def _followed(model: dict, items: Sequence[dict]) -> list[tuple[int, list[int]]]:
    """Return each layer of a Functional network, and those that it reads, which come before it.

    From the output back: what is one way through the network stays together.
    """
    numbers = {item.get("name"): n for n, item in enumerate(items) if isinstance(item.get("name"), str)}
    if len(numbers) < len(items):
        raise BadInput("Two layers of the network have one name, or one has none; accepted is a name for each.")
    inputs = [item for item in items if item["class_name"] == "InputLayer"]
    if len(inputs) != 1:
        raise BadInput(f"The network reads {len(inputs)} inputs; accepted is one, the picture.")
    reads = [_read(item, numbers) for item in items]
    match model["config"].get("output_layers"):
        case [str(name), 0, 0] | [[str(name), 0, 0]] if name in numbers:
            output = numbers[name]
        case _:
            raise BadInput("The network gives more or less than one layer's output, which is what is accepted.")
    order: list[int] = []
    begun, waiting = set[int](), [output]
    while waiting:
        number = waiting[-1]
        missing = [one for one in reads[number] if one not in order]
        if number in order or not missing:
            waiting.pop()
            order += [number] * (number not in order)
            continue
        if number in begun and begun.intersection(missing):
            raise BadInput(f"{label(items[number])} reads what is made of its own output.")
        begun.add(number)
        waiting.append(missing[0])
    if left := set(range(len(items))) - set(order):
        raise BadInput(f"{label(items[min(left)])} is read by no other layer; accepted is one output.")
    return [(number, reads[number]) for number in order]


def _read(item: dict, numbers: dict[Any, int]) -> list[int]:
    """Return the numbers of the layers whose output this one is given."""
    if item["class_name"] == "InputLayer":
        return []
    names = _names(item)
    for name in names:
        if name not in numbers:
            raise BadInput(f"{label(item)} reads {show(name)}, which is no layer of the network.")
    return [numbers[name] for name in names]


def _names(item: dict) -> list[str]:
    """Return the names of the layers whose output this one is given, each once called and giving one."""
    tensors: Any
    match item.get("inbound_nodes"):
        case [{"args": [list(tensors)], "kwargs": dict(options)}]:
            names = [_history(get(get(tensor, "config"), "keras_history")) for tensor in tensors]
        case [{"args": [dict(tensor)], "kwargs": dict(options)}]:
            names, options = [_history(get(get(tensor, "config"), "keras_history"))], dict(options)
        case [[[str(), *_], *_] as tensors]:  # Keras 2
            names = [_history(tensor[:3] if isinstance(tensor, list) else None) for tensor in tensors]
            last = [tensor[3] for tensor in tensors if isinstance(tensor, list) and len(tensor) == 4]
            options = next((one for one in last if one), {}) if len(last) == len(names) else {"": True}
        case [_, _, *_]:
            raise BadInput(f"{label(item)} is used more than once; accepted is a layer for each use.")
        case _:
            names, options = [None], {}
    if None in names or not names or not isinstance(options, dict) or any(map(_says, options.values())):
        raise BadInput(f"{label(item)} does not read just what other layers give, each of them one output.")
    return [name for name in names if name is not None]


def _says(option: Any) -> bool:
    """Is it more than nothing, as training=True, which keeps dropout on? Keras writes mask=[None, None]."""
    return any(map(_says, option)) if isinstance(option, list) else bool(option)


def _history(said: Any) -> str | None:
    """Return the name of the layer whose only output a tensor is."""
    match said:
        case [str(name), 0, 0]:
            return name
    return None


def get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def label(item: dict) -> str:
    return f"Layer {show(get(item['config'], 'name'))}"
