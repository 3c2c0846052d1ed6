"""What is stopped, goes on as if it had never been, and reads with its best weights."""

from dataclasses import replace

import pytest

from core.records import Checkpoint
from core.storage.store import Store
from core.worker import measure, models, tasks
from tests.worker.short_trainings import HELD_OUT, RICH, SMALL, Listener, differences, train, weights


def test_a_stop_before_the_first_batch_leaves_nothing(data):
    listener = Listener(stop_after=0)
    done = train(SMALL, data, listener)
    assert (done.ended, done.last.step, done.last.best_accuracy) == ("stopped", 0, 0)
    assert listener.points == []


def test_a_stop_within_an_epoch_measures_what_was_learnt(data):
    listener = Listener(stop_after=2)  # after the first call there is a point already
    done = train(SMALL, data, listener)
    last = listener.points[-1]
    assert done.ended == "stopped"
    assert 0 < last.epoch < 1
    assert last.images == done.last.images == done.last.step * SMALL.batch_size
    assert last.whole
    kept = (measure.logits(done.model, data.x_test).argmax(1) == data.y_test).mean()
    assert kept == pytest.approx(last.validation_accuracy) == pytest.approx(done.best_accuracy)


@pytest.mark.parametrize("optimizer", ["Adam", "RMSprop", "SGD with momentum"])
def test_a_training_in_pieces_is_a_training_in_one_go(data, optimizer):
    """Stopped in the middle of epochs, with dropout and all else on."""
    config = replace(RICH, optimizer=optimizer)
    in_one = train(config, data)
    done, at = train(config, data, Listener(stop_after=1)), []
    while done.ended == "stopped" and len(at) < 3:
        at.append(done.last.step)
        done = train(config, data, Listener(stop_after=1), resume=done.last)
    assert at == [2, 3, 5]  # of three batches in an epoch; a first call takes two, or what is left
    done = train(config, data, resume=done.last)
    assert (done.ended, done.last.step, done.last.images) == ("finished", 6, 600)
    for one, other in zip(in_one.last.state, done.last.state, strict=True):
        assert other == pytest.approx(one, abs=1e-4)
    assert max(differences(weights(in_one), weights(done)).values()) < 1e-4


CHOOSY = replace(
    RICH, epochs=8, validation_split=HELD_OUT, learning_rate=0.02, schedule="constant", train_size=250
)


@pytest.mark.parametrize("settings", [{}, {"patience": 2}, {"checkpoint_selection": "last"}])
def test_a_resumed_training_has_the_same_curve_and_the_same_end(data, settings):
    """With batch normalization, dropout, Adam: measured on the same weights, so the figures are the same.

    A stop within an epoch is measured too, which an uninterrupted training would not: it chooses nothing.
    """
    config = replace(CHOOSY, **settings)
    whole = Listener()
    in_one = train(config, data, whole)
    pieces, resume = [], None
    while True:
        listener = Listener(stop_after=2)
        done = train(config, data, listener, resume=resume)
        pieces += listener.points
        resume = done.last
        if done.ended != "stopped":
            break
    assert done.ended == in_one.ended

    def curve(points):
        ends = [p for p in points if p.whole and p.epoch == round(p.epoch)]
        return [figure for p in ends for figure in (p.epoch, p.validation_accuracy, p.validation_loss)]

    assert curve(pieces) == pytest.approx(curve(whole.points), abs=1e-3)
    assert (done.best_epoch, done.last.step) == (in_one.best_epoch, in_one.last.step)
    assert done.best_accuracy == pytest.approx(in_one.best_accuracy, abs=0.003)
    assert max(differences(weights(in_one), weights(done)).values()) < 1e-3


def test_a_checkpoint_on_the_way_is_as_good_as_one_at_a_stop(data):
    """As after a crash: the last that the hook was given."""
    listener = Listener()
    in_one = train(replace(SMALL, epochs=3), data, listener)
    first = listener.checkpoints[0]
    assert 0 < first.step < in_one.last.step
    resumed = Listener()
    again = train(replace(SMALL, epochs=3), data, resumed, resume=first)
    assert max(differences(weights(in_one), weights(again)).values()) < 1e-4
    assert resumed.points[0].images > first.images
    assert resumed.points[0].seconds > first.seconds
    assert resumed.points[-1].images == 6000


def test_an_interrupted_run_reads_with_its_best_weights(tmp_path):
    """Also when it was stopped before, and so has a network already."""
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    number = store.add(SMALL, name="mine")
    for step in (1, 2):
        best = models.get_weights(models.build(SMALL.layers))
        store.claim(number, "host:1:1", "")
        store.set_checkpoint(number, Checkpoint(step, 50, 1.0, (), best, step, 0.5))
        store.interrupt(number, "host:1:1", "gone")
        tasks.finish_run(store.url, number)
        assert differences(store.network(number).weights, best) == dict.fromkeys(best, 0.0)
        assert store.run(number).status == "interrupted"
        store.requeue(number)
