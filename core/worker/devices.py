"""The devices that TensorFlow trains on: this computer's cores, one GPU, or several."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from core.worker import models  # sets TensorFlow's log level before it is imported

import tensorflow as tf  # isort: skip

from core import paths
from core.nn import architectures
from core.nn.architectures import Layer, Shape

assert models

# bfloat16 halves what large layers read and write; small ones would only be doing the casts as well.
# Multiplications per image: on a processor a network of 6 million gained nothing, one of 42 million a third.
# For GPUs this is an estimate, not measured.
_MUCH_WORK = 10_000_000
_HAS_BFLOAT16 = (8, 0)  # compute capability, since NVIDIA's A100
_CPUINFO = Path("/proc/cpuinfo")  # of Linux
_PROCESSOR_HAS_BFLOAT16 = ("avx512_bf16", "amx_bf16")  # as Linux calls the instructions


def prepare() -> None:
    """Let GPUs take memory as they need it. To be called before anything is computed."""
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


def describe() -> str:
    """Return such as 'NVIDIA H200, 139 GB', '2 x NVIDIA L4, 22 GB' or 'this computer's 2 cores'."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"this computer's {_cores()} cores"
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "a GPU")
    several = f"{len(gpus)} x " if len(gpus) > 1 else ""
    return f"{several}{name}{_memory(gpus)}"


_alone = threading.local()  # set where this thread's training is for one GPU


@contextmanager
def on_one(single: bool = True) -> Iterator[None]:
    """Train on the first device alone meanwhile: others have trainings of their own."""
    _alone.single = single
    try:
        yield
    finally:
        _alone.single = False


def strategy() -> tf.distribute.Strategy:
    """Return how training is spread: each batch over all GPUs, or over all logical CPU devices if several.

    Within `on_one`, not at all.
    """
    return tf.distribute.get_strategy() if getattr(_alone, "single", False) else _over_all()


@cache
def _over_all() -> tf.distribute.Strategy:
    """Return that over all devices, one for all trainings of this process.

    Each new one would number its sums over the devices from 1 again, and TensorFlow takes the same number for
    the same sum, of the same size.
    """
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def has_gpu() -> bool:
    """Is there a GPU that TensorFlow can use?"""
    return bool(tf.config.list_physical_devices("GPU"))


def compute_dtype(layers: tuple[Layer, ...], shape: Shape = architectures.MNIST_SHAPE) -> str:
    """Return what training computes these layers in, 'float32' or 'bfloat16'; what they learn is float32.

    shape: of the image that they read.
    """
    is_much = architectures.multiply_adds(layers, shape) >= _MUCH_WORK
    return "bfloat16" if is_much and paths.bfloat16() and _has_bfloat16() else "float32"


def _has_bfloat16() -> bool:
    """Do all GPUs, or else the processor, multiply numbers of this kind themselves?"""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return _processor_has_bfloat16()
    details = map(tf.config.experimental.get_device_details, gpus)
    return all(d.get("compute_capability", (0, 0)) >= _HAS_BFLOAT16 for d in details)


def _processor_has_bfloat16() -> bool:
    """Does this processor? Without the instructions, bfloat16 would take longer than float32."""
    words = set(_CPUINFO.read_text(encoding="utf-8").split()) if _CPUINFO.exists() else set()
    return not words.isdisjoint(_PROCESSOR_HAS_BFLOAT16)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory(gpus: list) -> str:
    """', 80 GB': what TensorFlow found at its start, '' where it does not say."""
    # TensorFlow knows the memory in use but not the whole; the driver's own library is not a dependency.
    try:
        with os.popen("nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits") as answer:
            return f", {int(answer.readline()) / 1024:.0f} GB"
    except ValueError:
        return ""
