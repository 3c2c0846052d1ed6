"""Teaching the network that reads the Draw page somebody's hand, and what came of it."""

import streamlit as st

from core.models import prediction_cache, registry
from core.models.classifiers import Classifier
from core.records import DrawingArrays, Run
from core.runs.control import NotAccepted
from core.runs.queue import OwnJobs
from core.storage.store import ACTIVE, StoreError
from core.training import configs, finetuning
from core.words import counted, duration, fraction, percent
from ui import plain, say
from ui.sections import network_choice
from ui.state import navigation, selection, visitor, worker

EVERY = 0.7  # seconds between two looks at a fine-tuning
FEW = 20  # held out drawings, below which an accuracy says little


def fine_tuning_panel(jobs: OwnJobs, hand: DrawingArrays) -> None:
    """The button, the progress of the latest fine-tuning on this visitor's drawings, and its result."""
    st.header("Retrain")
    run = latest(jobs)
    active = run is not None and run.status in ACTIVE
    _offer(jobs, hand, active)
    if run is None:
        return
    if active:
        st.fragment(_watch, run_every=EVERY)(jobs, run.id)
    else:
        _result(jobs, run, hand)


def latest(jobs: OwnJobs) -> Run | None:
    """Return the last fine-tuning on this visitor's drawings that is not deleted, or None."""
    for run in jobs.store.runs():
        fine_tuning = configs.fine_tuning(run.config)
        retrained = fine_tuning and run.recipe == finetuning.RECIPE
        if retrained and fine_tuning and run.visitor == fine_tuning.visitor == visitor.name():
            return run
    return None


def _offer(jobs: OwnJobs, hand: DrawingArrays, active: bool) -> None:
    learnt, held = int((~hand.held_out).sum()), int(hand.held_out.sum())
    network = selection.first().network
    st.markdown(
        f"Teach this hand to **{plain.markdown(network.name)}**, which reads the Draw page. It learns "
        f"{counted(learnt, 'drawing')}, each a little changed every time, among MNIST's digits so that it does "
        f"not forget them. {_held_out(held)}"
    )
    if missing := finetuning.missing(hand):
        st.info(missing)
        st.page_link("pages/draw.py", label="Draw more", icon=":material/draw:")
    label = "Retrain with these few" if missing else "Retrain"
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            label, key="retrain", type="primary", icon=":material/school:", disabled=active or not learnt
        )
        st.caption("ten to twenty seconds")
    if clicked and submit(jobs, hand):
        st.rerun()


def _held_out(count: int) -> str:
    if not count:
        return "None is held back yet to see what it has learnt."
    others = "The other one is" if count == 1 else f"The other {count:,}, one in five and always the same, are"
    return f"{others} held back to see what it has learnt."


def submit(jobs: OwnJobs, hand: DrawingArrays) -> bool:
    """Queue the fine-tuning of the network that reads."""
    network, number = selection.first().network, selection.chosen_for_digits()
    config = finetuning.config(network.layers, number, visitor.name(), until=int(hand.ids.max()))
    name = network.name if finetuning.NAME_SUFFIX in network.name else f"{network.name}{finetuning.NAME_SUFFIX}"
    try:
        jobs.submit(config, name=name, recipe=finetuning.RECIPE)
    except (NotAccepted, StoreError) as error:
        say.error(error)
        return False
    return True


@worker.spoken
def _watch(jobs: OwnJobs, number: int) -> None:
    run = jobs.store.run(number)
    if run is None or run.status not in ACTIVE:
        st.rerun()
    if run.status == "queued":
        ahead = jobs.store.position(number)
        text = f"It waits for {counted(ahead, 'other training')}." if ahead else "It begins in a moment."
        st.progress(0.0, text=plain.markdown(worker.state(jobs)) or text)
    else:
        points = jobs.store.metrics(number)
        done = points[-1].epoch / run.training.epochs if points else 0.0
        st.progress(min(done, 1.0), text=f"It is being taught: {done:.0%}.")
    stop = worker.spoken(jobs.stop)
    st.button("Stop", key="stop-retraining", icon=":material/stop:", on_click=stop, args=(number,))


def _result(jobs: OwnJobs, run: Run, hand: DrawingArrays) -> None:
    if note := jobs.failures.get(run.id) or run.note:
        st.markdown(plain.markdown(note))
    assert run.training.fine_tuning is not None
    before, after = (
        registry.classifier(run.training.fine_tuning.base, visitor.name()),
        registry.classifier(run.id, visitor.name()),
    )
    if after is None:
        return
    with st.container(key="before-after", border=True):
        st.markdown(f"**{plain.markdown(run.name)}** (run {run.id}), taught in {duration(run.seconds)}")
        if before is None:
            st.caption("The network that it began with is gone, so there is no before to compare with.")
        else:
            _before_after(hand, before, after, run)
        _switch(run)


def _before_after(hand: DrawingArrays, before: Classifier, after: Classifier, run: Run) -> None:
    held = hand.held_out
    test_accuracy = before.network.about.get("test_accuracy")
    mnist = f"MNIST {percent(test_accuracy)} → {percent(run.test_accuracy)}"
    if not held.any():
        st.markdown(f"**{mnist}**")
        st.caption("No drawing is held back yet, so nothing can be said of your hand; draw more.")
        return
    correct = [
        int((prediction_cache.predict(classifier, hand.x[held])[0] == hand.y[held]).sum())
        for classifier in (before, after)
    ]
    accuracies = " → ".join(fraction(n, int(held.sum())) for n in correct)
    st.markdown(f"### Your hand {accuracies}\n**{mnist}**")
    few = f" They are few: each is worth {1 / held.sum():.0%}." if held.sum() < FEW else ""
    st.caption(
        f"Of {counted(held.sum(), 'drawing')} held back it read {correct[0]:,} rightly before, and "
        f"{correct[1]:,} now.{few} MNIST: of its 10,000 test digits."
    )


def _switch(run: Run) -> None:
    assert run.training.fine_tuning is not None
    base, chosen = run.training.fine_tuning.base, selection.chosen_for_digits()
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if chosen == run.id:
            st.button(
                "Switch back",
                key="switch-back",
                icon=":material/undo:",
                on_click=selection.choose,
                args=(base,),
            )
            st.caption(":material/check: It reads the Draw page.")
        else:
            network_choice.choose_button(run)
        if st.button("Its curves", key="retrain-curves", icon=":material/monitoring:"):
            navigation.open_run(run.id)
