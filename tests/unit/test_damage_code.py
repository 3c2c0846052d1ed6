"""What was done to a network as a text that fits into an address."""

import contextlib
import math
import random

import numpy as np
import pytest

from core.ink.decoder import BadInput
from core.models import damage_code
from core.nn import damage
from core.nn.architectures import Conv2D, Dense, Flatten
from core.nn.damage import BITS, NONE, Damage
from tests.networks import by_chance

LAYERS = (Conv2D(4, 3), Conv2D(3, 5), Flatten(), Dense(8), Dense(10, "softmax"))
SMALL = ((0.5, -1.0), (2.0, 0.125))
KNOWN = {
    "": NONE,
    "prune:30;bits:4": Damage(prune=0.3, bits=4),
    "noise:150;temperature:0.25": Damage(noise=1.5, temperature=0.25),
    "off:conv2d_1:1-3;off:dense_1:2,4,6-8": Damage(off=(("conv2d_1", (0, 1, 2)), ("dense_1", (1, 3, 5, 6, 7)))),
    "kernel:conv2d_1:1:4:0.5,-1,2,0.125": Damage(kernels=(("conv2d_1", 0, 3, SMALL),)),
}


@pytest.fixture(scope="module")
def network():
    return by_chance(*LAYERS)


@pytest.mark.parametrize("text", KNOWN)
def test_the_text_is_this_and_comes_back(text):
    assert damage_code.write(KNOWN[text]) == text
    if text:
        assert damage_code.read(text) == KNOWN[text]


def by_luck(rng: random.Random) -> Damage:
    """All that the controls of Break it can do to LAYERS, in some mixture."""
    side = tuple(tuple(round(rng.uniform(-3, 3), 3) for _ in range(3)) for _ in range(3))
    off = {
        name: tuple(sorted(rng.sample(range(n), rng.randint(1, n))))
        for name, n in (("conv2d_1", 4), ("dense_1", 8))
    }
    return Damage(
        kernels=(("conv2d_1", 0, rng.randrange(4), side),) * rng.randrange(2),
        prune=rng.randrange(100) / 100,
        noise=rng.randrange(151) / 100,
        bits=rng.choice(BITS),
        off=tuple(sorted(off.items()))[: rng.randrange(3)],
        temperature=rng.choice(damage_code.TEMPERATURES),
    )


def test_whatever_was_done_comes_back_and_can_be_done(network):
    for seed in range(200):
        how = by_luck(random.Random(seed))
        if text := damage_code.write(how):
            assert damage_code.read(text) == how
            damage_code.check(network, how)
            damage.apply(network, how)


def test_what_is_too_much_for_an_address_is_left_out():
    number = math.pi
    kernels = tuple(("conv2d_1", n, 0, ((number,) * 7,) * 7) for n in range(20))
    assert damage_code.write(Damage(kernels=kernels)) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected what was done, such as prune:30;bits:4"),
        ("explode:1", "expected what was done"),
        ("prune:100", "accepted are whole numbers from 0 to 99"),
        ("prune:-1", "accepted are whole numbers from 0 to 99"),
        ("noise:151", "accepted are whole numbers from 0 to 150"),
        ("bits:3", "accepted are 32, 8, 4, 2"),
        ("temperature:0", "accepted are 0.25, 0.5"),
        ("off:conv2d_1:0", "accepted are whole numbers from 1"),
        ("off:conv2d_1:9-3", "accepted are whole numbers from 9"),
        ("off:../x:1", "expected the name of a layer"),
        ("off:conv2d_1:5", "conv2d_1 of this network has 4 parts"),
        ("off:dense_2:1", "dense_2 of this network has 0 parts"),  # its answer cannot be switched off
        ("kernel:conv2d_1:1:1:1,2,3", "expected a square kernel"),
        ("kernel:conv2d_1:1:1:1,2,3,nan", "expected a kernel's numbers"),
        ("kernel:conv2d_1:1:1:1,2,3,4", "conv2d_1 of this network has no such kernel"),
        ("kernel:conv2d_1:2:1:" + ",".join("1" * 9), "conv2d_1 of this network has no such kernel"),
        ("kernel:dense_1:1:1:1", "dense_1 of this network has no such kernel"),
        ("bits:4;" * 500, "3,000 are the most"),
    ],
)
def test_what_cannot_be_gets_half_a_sentence(network, text, why):
    with pytest.raises(BadInput, match=why.replace(".", r"\.")):
        damage_code.check(network, damage_code.read(text))


def test_damaged_texts_are_read_or_refused(network):
    for seed in range(2_000):
        rng = random.Random(seed)
        text = list(damage_code.write(by_luck(rng)) or "prune:1")
        for _ in range(rng.randint(1, 4)):
            text[rng.randrange(len(text))] = rng.choice(":;,-.0e1²\0inf")
        with contextlib.suppress(BadInput):
            how = damage_code.read("".join(text))
            damage_code.check(network, how)
            changed = damage.apply(network, how)
            assert all(np.isfinite(array).all() for array in changed.weights.values())
