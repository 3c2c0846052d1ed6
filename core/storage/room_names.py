"""Codes that can be read aloud, and names of two words that nobody has to type.

Called by `core.storage.rooms`, `ui.room_routes` and `ui.sections.join_code`.
"""

import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 O 1 I
CODE = 6  # of them: a billion codes, of which a visitor tries a few in a minute (`limits.WRONG_CODES`)
_FIRST = """
Amber Blue Bold Brave Bright Calm Clever Cosy Crimson Daring Early Fair Fast Gentle Golden Green
Happy Jade Jolly Kind Lively Lucky Merry Noble Olive Polite Proud Quick Quiet Rosy Ruby Silver Smart
Sunny Swift Teal Tidy Violet Warm Wise
"""
_SECOND = """
Badger Beaver Bee Bison Camel Cat Crane Deer Dolphin Dove Eagle Falcon Ferret Finch Fox Frog Gecko
Goose Hare Hawk Heron Horse Koala Lark Lemur Lion Llama Lynx Marten Mole Moose Newt Otter Owl Panda
Parrot Pony Puffin Quail Rabbit Raven Robin Seal Sparrow Squirrel Stork Swan Tiger Toad Turtle Whale
Wolf Wren Yak Zebra
"""
# Each is readable, with white letters, on light and on dark ground.
COLOURS = (
    "#b4472e", "#a2570b", "#7a6a00", "#3f7a1f", "#0f7f5a", "#0b7a8c",
    "#1f6fb5", "#4d5ad0", "#7a4fc4", "#a143a8", "#b93c76", "#6b6f7a",
)  # fmt: skip


def code() -> str:
    """Return a new code, such as 'K7QXM4'."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))


def cleaned(typed: str) -> str:
    """Return a code as it was typed or read aloud: without spaces, in capitals; '' where it can be none.

    Classes that are kept from before have codes of five.

    >>> cleaned(" k7 qxm"), cleaned("K7QX0"), cleaned("hello, world")
    ('K7QXM', '', '')
    """
    text = "".join(typed.upper().split()).replace("-", "")
    return text if 4 <= len(text) <= 6 and set(text) <= set(LETTERS) else ""


def name(taken: set[str]) -> str:
    """Return two words that nobody of this room has yet, such as 'Quiet Otter'."""
    for _ in range(50):
        if (found := f"{secrets.choice(_FIRST.split())} {secrets.choice(_SECOND.split())}") not in taken:
            return found
    return f"{found} {len(taken) + 1}"


def colour(number: int) -> str:
    """Return the colour of the pupil who came as this number, from 0."""
    return COLOURS[number * 5 % len(COLOURS)]
