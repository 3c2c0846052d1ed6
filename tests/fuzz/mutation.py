"""Bytes, JSON and numbers changed at random, the same for a seed."""

import json
import random
import struct

Random = random.Random


def changed(data: bytes, rng: Random) -> bytes:
    """The data with a few bytes, numbers or parts changed, moved, doubled or cut off."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(result) + 1)
        match rng.randrange(8):
            case 0 | 1 | 2 if at < len(result):
                result[at] = rng.choice((0, 1, 127, 128, 254, 255, rng.randrange(256)))
            case 3:
                width, order = rng.choice("bhiq"), rng.choice("<>")
                number = rng.choice((0, 1, -1, 2 ** (8 * struct.calcsize(width) - 1) - 1))
                result[at : at + struct.calcsize(width)] = struct.pack(order + width, number)
            case 4:
                del result[at : at + rng.choice((1, 4, 100, len(result)))]
            case 5:
                other = rng.randrange(len(result) + 1)
                result[at:at] = result[other : other + rng.choice((1, 8, 60))]
            case 6:
                result[at:at] = rng.randbytes(rng.choice((1, 4, 90)))
            case _:
                result = result[:at] if rng.random() < 0.3 else result
    return bytes(result)


EVIL = (
    None,
    True,
    -1,
    0,
    11,
    10**30,
    10**400,
    1e308,
    -1e308,
    1e-308,
    1e-38,
    5e-324,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    "",
    "\ud800",
    "\x00",
    "x" * 3000,
    "![](http://elsewhere.example)",
    [],
    {},
    [[]],
    [[[]]],
    "AAAA",
    "7",
    [None],
)


def distorted(value, rng: Random, odds: float = 0.12):
    """The same JSON value with some of its parts replaced, left out, doubled or put into one another."""
    if rng.random() < odds:
        many = 2 if isinstance(value, dict | list) else rng.choice((2, 300))  # many in many have no end
        return rng.choice((*EVIL, [value] * many, {"strokes": value}))
    if isinstance(value, dict):
        return {key: distorted(part, rng, odds) for key, part in value.items() if rng.random() > odds / 4}
    if isinstance(value, list):
        return [distorted(part, rng, odds / max(len(value), 1)) for part in value]
    return value


def as_json(value, rng: Random) -> bytes:
    data = json.dumps(value).encode()
    match rng.randrange(12):
        case 0:
            return changed(data, rng)
        case 1:
            return rng.choice((b"\xef\xbb\xbf", b" \n", b"\xff\xfe")) + data
        case 2:
            return b"[" * rng.choice((10, 5000, 200_000)) + data
        case 3:
            return data.decode().encode(rng.choice(("utf-16", "utf-32", "utf-16-le")))
    return data
