"""What a configuration changes of a recipe, as a text for an address."""

import json
from dataclasses import replace

import pytest

from core.ink.decoder import BadInput
from core.nn.architectures import Dense, Flatten
from core.records import Augmentation, FineTuning
from core.training import configs
from core.training.recipe_changes import MAX_LENGTH, read, write
from core.training.recipes import ON_THE_PAGE, RECIPES

QUICK = RECIPES["quick"].config


def test_a_recipe_itself_is_no_change():
    for name in ON_THE_PAGE:
        assert write(name, RECIPES[name].config) == ""
        assert read(name, "{}") == RECIPES[name].config


def test_changes_come_back_and_are_short():
    assert write("quick", replace(QUICK, epochs=3)) == '{"epochs":3}'
    layers = (Flatten(), Dense(30, "relu"), Dense(10, "softmax"))
    changed = replace(QUICK, layers=layers, seed=7, augmentation=Augmentation(rotation=9.0), optimizer="SGD")
    text = write("quick", changed)
    assert read("quick", text) == changed
    assert len(text) < 400


def test_what_is_somebodys_own_is_in_no_text():
    own = replace(QUICK, data="hand", fine_tuning=FineTuning(3, "somebody", 9))
    assert write("quick", own) == ""


@pytest.mark.parametrize("name", configs.FILES)
def test_no_address_names_a_file(name):
    """The worker would open it, whatever it is, and whoever has made the address."""
    for path in ("/dev/zero", 5, ""):
        with pytest.raises(BadInput, match=f"there is no setting '{name}'"):
            read("digit-lab", json.dumps({name: path}))
    own = replace(RECIPES["digit-lab"].config, **{name: "/home/somebody/pens.npz"})
    assert write("digit-lab", own) == ""


def test_what_is_too_long_is_left_out():
    layers = (Flatten(), *(Dense(30 + n) for n in range(100)), Dense(10, "softmax"))
    assert write("quick", replace(QUICK, layers=layers)) == ""
    assert MAX_LENGTH == 4000


def test_layers_that_do_not_fit_yet_are_taken():
    changed = replace(QUICK, layers=(Dense(10, "softmax"),))
    assert configs.check(changed)
    assert read("quick", write("quick", changed)) == changed
