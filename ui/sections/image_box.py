"""What was taken for ink in an image, marked on it, and a box that says where to look instead."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.ink import files
from core.models import classifiers
from core.records import DigitImage
from ui.components import crop_box
from ui.components.crop_box import WHOLE, Box
from ui.state import keys

MARGIN = 0.03  # of the image, around the ink that was found
NO_INK = "I see no ink in this picture: nothing stands out from the paper."
NO_INK_INSIDE = "I see no ink inside the box: drag it around your digit, or choose the whole picture."
THEN = "drag the box around the digit, and only what is inside is read."


@dataclass(frozen=True)
class Brought:
    """An image that was brought, and which part of it is read.

    whole, part: uint8 [h, w, 3]; the same one where all of it is read. box: of the part, None for all of it.
    url: of the whole, to be shown. turn: counts the boxes that were not the person's.
    """

    whole: np.ndarray
    part: np.ndarray
    url: str
    box: Box | None = None
    turn: int = 0


def bring(key: str, pixels: np.ndarray) -> None:
    """Take a new image, as `files.open_file` returned it, for this uploader or camera, and read all of it."""
    before = st.session_state.get(keys.brought_of(key))
    turn = before.turn + 1 if before else 0
    _read(key, Brought(pixels, pixels, crop_box.image_url(pixels), turn=turn))


def forget(key: str) -> None:
    """Nothing that was brought is shown any longer."""
    st.session_state[keys.brought_of(key)] = None


def part(key: str) -> np.ndarray | None:
    """What is read now of the image that was brought, uint8 [h, w, 3]; None where there is none."""
    brought = st.session_state.get(keys.brought_of(key))
    return brought.part if brought else None


def image_box(key: str, image: DigitImage | None) -> None:
    """Show the image that was brought, if any, with the ink of `image` and the box."""
    brought: Brought | None = st.session_state.get(keys.brought_of(key))
    if brought is None:
        return
    outer, (height, width) = brought.box or WHOLE, brought.whole.shape[:2]
    ink, at = _ink(image, outer)
    with st.container(key=f"{key}-box", gap="xsmall"):
        crop_box.crop_box(
            brought.url,
            width / height,
            box=brought.box or (WHOLE if ink is None else _around(at)),
            turn=brought.turn,
            ink=ink,
            ink_at=outer,
            changed=lambda box: read_inside(key, box),
            key=keys.crop_of(key),
        )
        found = "Nothing was taken for ink" if ink is None else "Orange was taken for ink"
        st.caption(f"{found}: {'' if ink is None else 'if that is wrong, '}{THEN}")
        if brought.box:
            st.button(
                "Whole picture",
                icon=":material/crop_free:",
                key=f"{key}-whole",
                on_click=read_inside,
                args=(key, None),
            )


def read_inside(key: str, box: Box | None) -> None:
    """Read a part of the image anew, or all of it; the image stays, whatever comes of it."""
    brought: Brought | None = st.session_state.get(keys.brought_of(key))
    if brought is None:  # it has gone since
        return
    whole = brought.whole
    if box is None:
        _read(key, Brought(whole, whole, brought.url, turn=brought.turn + 1))
        return
    height, width = whole.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = round((box[0] + box[2]) * width), round((box[1] + box[3]) * height)
    inside = whole[top : max(bottom, top + 1), left : max(right, left + 1)]
    _read(key, Brought(whole, inside, brought.url, box, brought.turn))


def _read(key: str, brought: Brought) -> None:
    st.session_state[keys.brought_of(key)] = brought
    image = files.to_digit_image(brought.part, classifiers.shipped().predict)
    problem = "" if image else NO_INK_INSIDE if brought.box else NO_INK
    st.session_state[keys.read_of(key)] = (image, problem)


def _ink(image: DigitImage | None, outer: Box) -> tuple[np.ndarray | None, Box]:
    """Return (the ink of what was read, float32 [h, w], the box around it as fractions of the image)."""
    step = next((step for step in image.steps if step.box), None) if image else None
    if step is None or step.box is None:
        return None, outer
    height, width = step.image.shape
    left, top, wide, high = step.box
    return step.image, (
        outer[0] + left / width * outer[2],
        outer[1] + top / height * outer[3],
        wide / width * outer[2],
        high / height * outer[3],
    )


def _around(at: Box) -> Box:
    """A box with a margin, within the image."""
    left, top = max(at[0] - MARGIN, 0.0), max(at[1] - MARGIN, 0.0)
    right, bottom = min(at[0] + at[2] + MARGIN, 1.0), min(at[1] + at[3] + MARGIN, 1.0)
    return left, top, right - left, bottom - top
