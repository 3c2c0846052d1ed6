"""What is asked of a training in the database, and what its configuration is once it was changed."""

from dataclasses import replace

import pytest

from core.nn.architectures import Dense, Dropout, Flatten
from core.records import Change
from core.storage import steering as stored
from core.storage.database import NotYours
from core.storage.run_access import NotMine
from core.training import configs, steering
from tests.stored_runs import CONFIG


def test_a_change_becomes_part_of_the_runs_record(store):
    number = store.add(CONFIG, name="mine", recipe="perceptron")
    token = store.claim(number, "host:1:2", "")
    stored.ask(store, number, "pause")
    stored.ask(store, number, "learning_rate", 0.5)
    pause, rate = stored.pending(store, number)
    assert (pause.name, rate.name, rate.value) == ("pause", "learning_rate", 0.5)
    stored.heeded(store, number, pause, 7, 350, token=token)
    stored.heeded(store, number, rate, 8, 400, token=token)
    run = store.run(number)
    assert run.training == replace(CONFIG, changes=(Change(8, "learning_rate", 0.5),))
    assert run.recipe == ""  # it is another training now
    assert stored.pending(store, number) == []
    asked = stored.requests(store, number)
    assert [(one.name, one.step, one.images) for one in asked] == [("pause", 7, 350), ("learning_rate", 8, 400)]
    assert stored.pace(asked) == "pause"
    stored.begin(store, number, token=token)
    assert [one.name for one in stored.requests(store, number)] == ["learning_rate"]
    assert stored.pace(stored.requests(store, number)) == "resume"


def test_only_the_owner_asks_and_only_the_writer_answers(store):
    number = store.add(CONFIG, name="mine", visitor="a" * 16)
    store.claim(number, "host:1:2", "")
    with pytest.raises(NotYours):
        stored.ask(store.of("b" * 16), number, "pause")
    stored.ask(store.of("a" * 16), number, "slow")
    (request,) = stored.pending(store, number)
    with pytest.raises(NotMine):
        stored.heeded(store, number, request, 1, 50, token="another")
    assert stored.requests(store.of("b" * 16), number) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("learning_rate", float("nan"), "The learning rate is nan; 1e-06 to 10000 is accepted."),
        ("dropout", 0.95, "The dropout is 0.95; 0 to 0.9 is accepted."),
        ("faster", 0, "'faster' cannot be asked of a training."),
    ],
)
def test_what_cannot_be_asked_is_said(store, name, value, said):
    number = store.add(CONFIG, name="mine")
    with pytest.raises(ValueError, match=r"^" + said.replace(".", r"\.")):
        stored.ask(store, number, name, value)


def test_changes_are_made_in_their_order_and_from_their_step_on():
    config = replace(CONFIG, layers=(Flatten(), Dropout(0.5), Dense(10, "softmax")))
    changes = [Change(9, "learning_rate", 0.2), Change(3, "dropout", 0.1), Change(5, "learning_rate", 0.4)]
    assert steering.at(config, changes, 2) == config
    at_five = steering.at(config, changes, 5)
    assert (at_five.learning_rate, at_five.layers[1]) == (0.4, Dropout(0.1))
    assert steering.value(steering.at(config, changes, 9), "learning_rate") == 0.2
    assert steering.at(config, [Change(1, "shift", 2.0)], 1).augmentation.shift == 2


def test_a_dropout_that_was_changed_to_0_is_raised_again():
    """In the layers that dropped something when the training began, and in no other."""
    layers = (Dropout(0.0), Flatten(), Dropout(0.5), Dropout(0.2), Dense(10, "softmax"))
    config = replace(CONFIG, layers=layers)
    changes = [Change(3, "dropout", 0.0), Change(5, "dropout", 0.4)]
    rates = [
        [layer.rate for layer in steering.at(config, changes, step).layers if isinstance(layer, Dropout)]
        for step in (2, 3, 5)
    ]
    assert rates == [[0, 0.5, 0.2], [0, 0, 0], [0, 0.4, 0.4]]
    assert [steering.value(steering.at(config, changes, n), "dropout") for n in (2, 3, 5)] == [0.5, 0, 0.4]
    assert "dropout" in steering.offered(replace(config, changes=tuple(changes[:1])))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(1, "epochs", 3), "The setting 'epochs' cannot be changed on the way"),
        (Change(1, "momentum", 2), "From step 1 the momentum is 2, but has to lie between 0 and 0.999."),
        (Change(-1, "momentum", 0.5), "A change at step -1 comes before the first step, which is 0."),
    ],
)
def test_a_configuration_says_which_change_cannot_be_made(change, said):
    assert configs.check(replace(CONFIG, changes=(change,))).startswith(said)


def test_changes_survive_json():
    config = replace(CONFIG, momentum=0.5, changes=(Change(3, "shear", 4.0),))
    assert configs.from_json(configs.to_json(config)) == config
