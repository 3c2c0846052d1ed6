"""`python -m core sweep`: begin a sweep and watch it, list, stop, resume and delete sweeps.

Called by `core.commands.command_line`.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.commands import output, show
from core.ink.files import BadInput
from core.runs import sweeps
from core.runs.control import NotAccepted
from core.runs.queue import Jobs
from core.storage import sweeps as stored
from core.storage.store import ACTIVE, Store, open_store
from core.storage.sweeps import Trial
from core.training import search
from core.training.recipes import RECIPES
from core.training.search import BadSweep, Plan
from core.words import percent

_EVERY = 0.3  # seconds between two looks
_STOPPING = 30.0  # that are waited for trainings to stop
_OF_A_NEW_ONE = ("vary", "three_by_three", "method", "budget", "seeds", "draw", "epochs", "seed")


def add(commands: Any) -> None:
    """Add the command to those of the command line."""
    sweep = commands.add_parser("sweep", help="train one network with many settings, the best first")
    what = sweep.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", choices=RECIPES, help="what each training has but for its changes")
    what.add_argument("--list", action="store_true", help="list all sweeps")
    for name, does in (("show", "show one"), ("resume", "go on with one"), ("stop", "stop one")):
        what.add_argument(f"--{name}", type=show.run_or_sweep, metavar="SWEEP", help=does)
    what.add_argument("--delete", type=show.run_or_sweep, metavar="SWEEP", help="delete one with its runs")
    sweep.add_argument(
        "--vary",
        action="append",
        metavar="SETTING=VALUES",
        help="such as learning_rate=0.001,0.003 or batch_size=16..256; several times for several settings",
    )
    sweep.add_argument(
        "--three-by-three",
        action="store_const",
        const=True,
        help="nine of learning rate and batch size",
    )
    sweep.add_argument("--method", choices=search.METHODS, help="else grid")
    sweep.add_argument("--budget", type=int, help="trainings at most, over all seeds; else 9")
    sweep.add_argument("--seeds", type=int, help="trainings of each combination; else 1")
    sweep.add_argument("--draw", type=int, help="the seed of what is drawn at random; else 0")
    sweep.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    sweep.add_argument("--seed", type=int, help="the first one; else 0")
    sweep.add_argument(
        "--json", action="store_true", help="one JSON object per combination, the best first, or per sweep"
    )
    sweep.set_defaults(run=_sweep)


def _sweep(options: argparse.Namespace) -> int:
    store = open_store()
    _refuse_unheeded(options)
    if options.list:
        _list(store, options.json)
        return 0
    for number, does in ((options.stop, stored.stop), (options.delete, stored.delete)):
        if number is not None:
            does(store, number)
            return 0
    if options.show is not None:
        _print(stored.trainings(store, options.show), options.json)
        return 0
    if options.resume is not None:
        stored.resume(store, options.resume)  # refuses what is not there
    plan = _plan(options) if options.resume is None else None
    jobs = Jobs(store, only_taken_on=True)  # what others have waiting would end with this command
    try:
        number = options.resume if plan is None else _begin(jobs, options, plan)
        jobs.take_on(number)
        return _watch(jobs, number, options)
    finally:
        jobs.close()


def _refuse_unheeded(options: argparse.Namespace) -> None:
    """Raise BadInput for an option that would be passed over without a word."""
    given = [name for name in _OF_A_NEW_ONE if getattr(options, name) is not None]
    if given and options.recipe is None:
        raise BadInput(f"--{_spelled(given[0])} is for a new sweep, with --recipe; leave it out.")
    if options.three_by_three and (fixed := [name for name in ("vary", "method", "draw") if name in given]):
        raise BadInput(f"--three-by-three says itself what is tried; leave --{_spelled(fixed[0])} out.")


def _spelled(name: str) -> str:
    return name.replace("_", "-")


def _list(store: Store, as_json: bool) -> None:
    for sweep in stored.every(store):
        done, line = sweeps.progress(sweep, stored.trainings(store, sweep.id))
        if as_json:
            facts = {"name": sweep.name, "recipe": sweep.recipe, "method": sweep.plan.method}
            print(json.dumps({"sweep": sweep.id, **facts, "status": sweep.status, "over": done}))
        else:
            print(f"{sweep.id}: {sweep.name}, {sweep.plan.method}, {sweep.status}. {line}.")


def _plan(options: argparse.Namespace) -> Plan:
    """What the options say. Raises BadInput."""
    seeds = 1 if options.seeds is None else options.seeds
    if options.three_by_three:
        plan = search.three_by_three(RECIPES[options.recipe].config)
        return replace(plan, seeds=seeds, budget=9 * seeds if options.budget is None else options.budget)
    try:
        axes = tuple(search.parse(*_divided(text)) for text in options.vary or ())
    except BadSweep as error:
        raise BadInput(str(error)) from None
    budget = 9 if options.budget is None else options.budget
    return Plan(axes, options.method or "grid", budget, seeds, options.draw or 0)


def _divided(text: str) -> tuple[str, str]:
    name, separator, values = text.partition("=")
    if not separator:
        raise BadSweep(f"{text!r} varies nothing; accepted is such as learning_rate=0.001,0.003.")
    return name.strip(), values


def _begin(jobs: Jobs, options: argparse.Namespace, plan: Plan) -> int:
    recipe = RECIPES[options.recipe]
    epochs = recipe.config.epochs if options.epochs is None else options.epochs
    config = replace(recipe.config, epochs=epochs, seed=options.seed or 0)
    try:
        return jobs.sweep(config, plan, name=recipe.title, recipe=options.recipe)
    except NotAccepted as error:
        raise BadInput(str(error)) from None


def _watch(jobs: Jobs, number: int, options: argparse.Namespace) -> int:
    """Say what has ended until all has, or Ctrl C is pressed; then show the board."""
    if options.resume is not None:
        jobs.look_soon()
    pressed: list[int] = []
    signal.signal(signal.SIGINT, lambda *_: pressed.append(1))
    told: set[int] = set()
    trouble, goes_on, sweep = "", True, None
    while goes_on and not pressed:
        sweep = stored.one(jobs.store, number)
        goes_on = sweep is not None and sweep.status == "running" and not sweep.deleted
        _tell(stored.trainings(jobs.store, number), told)
        if jobs.trouble and not trouble:
            print(jobs.trouble, file=sys.stderr, flush=True)
        trouble = jobs.trouble
        time.sleep(_EVERY * goes_on)
    if pressed:
        stored.stop(jobs.store, number)
    _wait_for_stops(jobs.store, number)  # and for those that were hopeless
    if pressed:
        print(f"To go on: {output.program()} sweep --resume {number}", file=sys.stderr)
    if sweep and sweep.deleted:
        print(f"Sweep {number} was deleted.", file=sys.stderr)
    rows = _print(stored.trainings(jobs.store, number), options.json)
    return 0 if sweeps.best(rows) else 1


def _tell(trials: Sequence[Trial], told: set[int]) -> None:
    """Say of each training that is over how it went, once."""
    for trial in trials:
        if trial.status not in ("waiting", "begun", "paused") and trial.id not in told:
            told.add(trial.id)
            print(f"{len(told)} of {len(trials)}: {_line(trial)}", file=sys.stderr, flush=True)


def _wait_for_stops(store: Store, number: int) -> None:
    until = time.monotonic() + _STOPPING
    while any(t.run_status in ACTIVE for t in stored.trainings(store, number)) and time.monotonic() < until:
        time.sleep(_EVERY)


def _line(trial: Trial) -> str:
    how = {"hopeless": ", stopped early", "skipped": ", not begun"}.get(trial.status, "")
    return f"{sweeps.said(trial.changes)}, seed {trial.seed}: {percent(trial.validation)}{how}"


def _print(trials: Sequence[Trial], as_json: bool) -> list[sweeps.Row]:
    """Print the board, the best first."""
    rows = sweeps.board(trials)
    for row in rows:
        runs = [trial.run for trial in row.trials if trial.run_status]
        if as_json:
            facts = {"mean": row.mean, "min": row.low, "max": row.high, "state": row.state, "runs": runs}
            print(json.dumps({**row.changes, **facts}))
        else:
            several = f" ({percent(row.low)} to {percent(row.high)})" if len(runs) > 1 else ""
            print(f"{percent(row.mean)}{several} {sweeps.said(row.changes)}, {row.state}")
    if (chosen := sweeps.best(rows)) and not as_json:
        print(f"The best by validation is run {chosen.run}, {sweeps.said(chosen.changes)}, seed {chosen.seed}.")
    return rows
