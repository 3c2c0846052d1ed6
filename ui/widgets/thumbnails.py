"""Small images of digits, as HTML that takes the theme's text colour as its ink."""

import html
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.io.data_urls import PNG, data_url


def ink_url(image: np.ndarray) -> str:
    """float32 [h, w], 0 = paper, 1 = ink -> a PNG whose ink is opacity, as a data URL."""
    alpha = Image.fromarray(np.round(255 * np.clip(image, 0, 1)).astype(np.uint8))
    return image_url(Image.merge("LA", (Image.new("L", alpha.size), alpha)))


def colour_url(image: np.ndarray) -> str:
    """float32 [h, w, 3], 0..1, red, green, blue -> a PNG as a data URL."""
    return image_url(Image.fromarray(np.round(255 * np.clip(image, 0, 1)).astype(np.uint8)))


def image_url(image: Image.Image) -> str:
    """Return an image as a PNG in a data URL."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return data_url(out.getvalue(), PNG)


def ink(image: np.ndarray, style: str = "", title: str = "") -> str:
    """One image as a <div>; its ink has the colour of the text around it. A coloured one has its own."""
    label = f' role="img" aria-label="{html.escape(title)}" title="{html.escape(title)}"' if title else ""
    if image.ndim == 3:
        style += f";background:url({colour_url(image)}) 0 0 / 100% 100%"
        return f'<div class="dl-ink" style="{style}"{label}></div>'
    url = ink_url(image)
    return (
        f'<div class="dl-ink" style="{style};-webkit-mask-image:url({url});mask-image:url({url})"{label}></div>'
    )


def strip(images: Sequence[np.ndarray], columns: int, captions: Sequence[str] = ()) -> str:
    """Images in rows of `columns`, each with an optional caption, which is also its description."""
    cells = []
    for place, image in enumerate(images):
        caption = captions[place] if captions else ""
        words = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
        cells.append(f'<figure><div class="dl-thumb">{ink(image, title=caption)}</div>{words}</figure>')
    return f'<div class="dl-thumbs" style="--columns:{columns}">{"".join(cells)}</div>'


def rng(seed: int) -> np.random.Generator:
    """Chance that shows the same images until the seed is changed."""
    return np.random.default_rng([seed, 28])
