"""Another last layer in a network's LiteRT bytes, of as many outputs as one likes, without TensorFlow.

The bytes are a FlatBuffer, which is opened, changed and written anew with the classes that come with LiteRT.

Called by `core.models.own_head`.
"""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_IDENTIFIER = b"TFL3"
_DENSE, _RESHAPE = schema.BuiltinOperator.FULLY_CONNECTED, schema.BuiltinOperator.RESHAPE


def with_last_layer(litert: bytes, name: str, kernel: np.ndarray, bias: np.ndarray) -> bytes:
    """Return the bytes with other weights, and as many outputs as these have, in the layer of that name.

    name: of the last layer, which is Dense. kernel: float32 [features, outputs]. bias: float32 [outputs].
    Raises ValueError where the bytes do not hold such a layer.
    """
    model = _opened(litert)
    _set_weights(model, _dense(model, name), kernel, bias)
    return _written(model)


def on_pixels(litert: bytes, last: str, kernel: np.ndarray, bias: np.ndarray) -> bytes:
    """Return a network of Flatten and Dense, made of the bytes of another that reads the same images.

    litert: of a network with a Flatten layer. last: the name of its last layer, which is Dense. kernel:
    float32 [numbers of an image, outputs]. bias: float32 [outputs]. Raises ValueError as `with_last_layer`.
    """
    model = _opened(litert)
    graph, dense = model.subgraphs[0], _dense(model, last)
    flat = _output(model, "flatten_1")
    (image,) = graph.inputs
    kept, wanted = [dense], {int(flat)}
    for operator in reversed(graph.operators):  # what makes the flat image, but not what it is made of
        if wanted.intersection(operator.outputs.tolist()):
            kept.insert(0, operator)
            if flat in operator.outputs.tolist() and _code(model, operator) != _RESHAPE:
                raise ValueError("its Flatten layer is no reshape")
            before = operator.inputs[0]
            if graph.tensors[before].shape is not None and len(graph.tensors[before].shape) == 4:
                operator.inputs = _first(operator.inputs, image)
            if _code(model, operator) == schema.BuiltinOperator.PACK:  # [batch, how many numbers]
                _set_array(model, operator.inputs[-1], np.array(kernel.shape[0], "<i4"))
            wanted |= {int(n) for n in operator.inputs if n != image}
    dense.inputs = _first(dense.inputs, flat)
    _reshape(graph.tensors[flat], kernel.shape[0])
    graph.operators = kept
    _set_weights(model, dense, kernel, bias)
    (signature,) = model.signatureDefs
    outputs = {b"flatten_1": int(flat), b"dense_1": int(dense.outputs[0])}
    signature.outputs = [_named(key, index) for key, index in outputs.items()]
    graph.outputs = np.array(list(outputs.values()), np.int32)
    return _written(_slimmed(model))


def _opened(litert: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(litert, 0))


def _written(model: Any) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _code(model: Any, operator: Any) -> int:
    return model.operatorCodes[operator.opcodeIndex].builtinCode


def _output(model: Any, name: str) -> int:
    (signature,) = model.signatureDefs
    for output in signature.outputs:
        if output.name == name.encode():
            return output.tensorIndex
    raise ValueError(f"it has no layer {name}")


def _dense(model: Any, name: str) -> Any:
    """The operator that makes the outputs of the layer of that name."""
    wanted = _output(model, name)
    for operator in model.subgraphs[0].operators:
        if (
            wanted in operator.outputs.tolist()
            and _code(model, operator) == _DENSE
            and len(operator.inputs) > 2
        ):
            return operator
    raise ValueError(f"its layer {name} is none that can be replaced")


def _set_weights(model: Any, dense: Any, kernel: np.ndarray, bias: np.ndarray) -> None:
    tensors = model.subgraphs[0].tensors
    for place, array in ((dense.inputs[1], kernel.T), (dense.inputs[2], bias)):
        _set_array(model, place, np.ascontiguousarray(array, "<f4"))
    _reshape(tensors[dense.outputs[0]], len(bias))


def _set_array(model: Any, place: int, array: np.ndarray) -> None:
    """Put these numbers into the tensor at this place."""
    buffer, tensor = schema.BufferT(), model.subgraphs[0].tensors[place]
    buffer.data = np.frombuffer(array.tobytes(), np.uint8)
    model.buffers.append(buffer)  # its own: another tensor may have had the same numbers
    tensor.buffer, tensor.shape = len(model.buffers) - 1, np.array(array.shape, np.int32)


def _reshape(tensor: Any, last: int) -> None:
    """Its last size becomes this one."""
    tensor.shape = np.array([*tensor.shape[:-1], last], np.int32)
    if tensor.shapeSignature is not None:
        tensor.shapeSignature = np.array([*tensor.shapeSignature[:-1], last], np.int32)


def _first(inputs: np.ndarray, tensor: int) -> np.ndarray:
    """These inputs with another first one."""
    return np.array([tensor, *inputs[1:]], np.int32)


def _named(name: bytes, index: int) -> Any:
    made = schema.TensorMapT()
    made.name, made.tensorIndex = name, index
    return made


def _slimmed(model: Any) -> Any:
    """Without the numbers of what no operator uses any more."""
    graph = model.subgraphs[0]
    used = (
        {0}
        | {int(n) for n in graph.inputs}
        | {int(n) for o in graph.operators for n in (*o.inputs, *o.outputs)}
    )
    kept = {graph.tensors[n].buffer for n in used if n >= 0} | {0}
    kept |= {entry.buffer for entry in model.metadata or []}
    for place, buffer in enumerate(model.buffers):
        if place not in kept:
            buffer.data = None
    return model
