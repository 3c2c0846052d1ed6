"""What a network makes of drawings and images that a new last layer is to learn, each in some variants.

Called by `core.models.own_head` and `core.models.own_live`.
"""

import zlib
from functools import lru_cache

import numpy as np

from core.models.classifiers import Classifier
from core.nn import architectures
from core.records import ColourImage, DigitImage

VARIANTS = 6  # of each drawing or image, itself among them
_KEPT = 3_000  # images in colour whose features are kept: a network takes milliseconds for each variant


def has_hidden_layer(base: Classifier) -> bool:
    """Is there a layer before the last?"""
    return len(base.network.layers) > 1


def of(base: Classifier | None, pixels: np.ndarray) -> np.ndarray:
    """float32 [n, 28, 28] -> float32 [n, features]: the base's last hidden layer, or the pixels."""
    if base is None:
        return pixels.reshape(len(pixels), -1)
    if not has_hidden_layer(base):
        return pixels.reshape(len(pixels), -1)
    names = architectures.names(base.network.layers)
    if len(pixels) == 1:  # a batch takes as long for one as for all its places
        image = DigitImage(pixels[0]) if pixels.ndim == 3 else ColourImage(pixels[0])
        return base.activations(image)[names[-2]].reshape(1, -1)
    return base.activations_many(pixels, [names[-2]])[names[-2]].reshape(len(pixels), -1)


def of_variants(base: Classifier | None, pixels: np.ndarray) -> np.ndarray:
    """float32 [n, *shape] -> float32 [VARIANTS * n, features]: of themselves, then of their variants."""
    if base is None or pixels.ndim == 3:
        return of(base, variants(pixels))
    known, keys = _memory(base), [image.tobytes() for image in pixels]
    new = [place for place, key in enumerate(keys) if key not in known]
    if len(known) + len(new) > _KEPT:
        known.clear()
        new = list(range(len(keys)))
    if new:
        seeds = [zlib.crc32(keys[place]) for place in new]
        each = [variants(pixels[place : place + 1], seed) for place, seed in zip(new, seeds, strict=True)]
        found = of(base, np.concatenate(each)).reshape(len(new), VARIANTS, -1)
        known.update({keys[place]: one for place, one in zip(new, found, strict=True)})
    return np.concatenate(np.stack([known[key] for key in keys], 1))


@lru_cache(4)
def _memory(base: Classifier) -> dict[bytes, np.ndarray]:
    """float32 [VARIANTS, features] of each image that this network has seen."""
    return {}


def forget() -> None:
    """Of all images, what networks have made of them."""
    _memory.cache_clear()


def variants(pixels: np.ndarray, seed: int = 0) -> np.ndarray:
    """float32 [n, *shape] -> float32 [VARIANTS * n, *shape]: themselves, then each turned, moved and scaled.

    Images in colour are mirrored, too, every other time.
    """
    from scipy.ndimage import affine_transform  # noqa: PLC0415

    rng, parts = np.random.default_rng(seed), [pixels]
    middle, in_colour = (np.array(pixels.shape[1:3]) - 1) / 2, pixels.ndim == 4
    for turn in range(VARIANTS - 1):
        changed = []
        for image in pixels:
            angle, scale = rng.normal(0, 0.12), np.exp(rng.normal(0, 0.07))
            c, s = np.cos(angle) / scale, np.sin(angle) / scale
            matrix = np.array([[c, s], [-s, c]])
            offset = middle - matrix @ middle + rng.normal(0, 0.6, 2)
            if in_colour:
                turned = image[:, ::-1] if turn % 2 else image
                channels = [
                    affine_transform(turned[..., k], matrix, offset, order=1, mode="nearest") for k in range(3)
                ]
                changed.append(np.stack(channels, -1))
            else:
                changed.append(affine_transform(image, matrix, offset, order=1))
        parts.append(np.stack(changed).astype(np.float32) if len(pixels) else pixels)
    return np.concatenate(parts)
