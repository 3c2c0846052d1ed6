"""The command line: python -m core predict | train | sweep | evaluate | export | runs | recipes | reproduce |
backup | map | landscapes."""

import argparse
import dataclasses
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from tqdm import tqdm

from core.analysis import embedding, loss_plane
from core.analysis.reports import subjects
from core.analysis.reports.formats import REPORTS
from core.analysis.reports.subjects import Subject
from core.data import data_command, datasets, pen_files
from core.ink import files
from core.models import classifiers, input_scalings, keras_import, networks, number_prediction
from core.models.exports.formats import FORMATS
from core.nn import metrics
from core.records import Dataset, Drawing, Metric, Run, TrainConfig
from core.runs import processes, queue, reproduction, sweep_command
from core.storage.database import HOME
from core.storage.store import Store, StoreError, open_store
from core.training import configs, memory
from core.training.recipes import RECIPES
from core.words import confidence, counted, in_words, percent

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_BAR = "{desc}{percentage:3.0f}% |{bar}| epoch {n:.2f} of {total} [{elapsed} < {remaining}]"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)

    for add in (
        _add_predict,
        _add_train,
        sweep_command.add,
        data_command.add,
        _add_backup,
        _add_evaluate,
        _add_export,
        _add_runs,
        _add_recipes,
        _add_reproduce,
        _add_map,
        _add_landscapes,
    ):
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (StoreError, files.BadInput, datasets.NoData) as error:
        print(error, file=sys.stderr)
        return 1


def _add_predict(commands: Commands) -> None:
    predict = commands.add_parser("predict", help="read digits in pictures and stroke files")
    predict.add_argument("files", nargs="+", type=Path, metavar="FILE")
    predict.add_argument("--json", action="store_true", help="one JSON object per line")
    predict.add_argument(
        "--number", action="store_true", help="read several digits side by side as a number, such as 42"
    )
    predict.set_defaults(run=_predict)


def _add_train(commands: Commands) -> None:
    train = commands.add_parser("train", help="train a network; it is also shown on the app's Runs page")
    what = train.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", choices=RECIPES)
    what.add_argument("--resume", type=int, metavar="RUN", help="go on with a run that has not come to its end")
    train.add_argument(
        "--data",
        choices=("mnist", "cifar10", *datasets.IN_FILES),
        help="instead of the recipe's own data set; of those in files see `python -m core data`",
    )
    train.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    train.add_argument("--seed", type=int, help="of all that chance decides, 0 unless said")
    train.add_argument(
        "--pen-digits", type=Path, metavar="FILE", help="for digit-lab: pen-drawn digits (docs/model-card.md)"
    )
    train.add_argument(
        "--unipen-digits", type=Path, metavar="FILE", help="for digit-lab: UNIPEN's digits (docs/model-card.md)"
    )
    train.add_argument(
        "--unipen-characters", type=Path, metavar="FILE", help="for digit-lab: UNIPEN's letters and signs"
    )
    train.add_argument("--json", action="store_true", help="one JSON object per line: each point, then the run")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="store the network in this folder as well")
    train.set_defaults(run=_train)


def _add_backup(commands: Commands) -> None:
    backup = commands.add_parser("backup", help="copy the database, also while the app runs and trains")
    backup.add_argument(
        "file", type=Path, metavar="FILE", help="a new file; docs/deployment.md says how to restore it"
    )
    backup.set_defaults(run=_backup)


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="measure a network on the test pictures of its data set")
    evaluate.add_argument(
        "network",
        metavar="RUN_OR_MODEL",
        help="a run's number, a .keras or .h5 file, or a folder such as assets/models/...",
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=_evaluate)


def _add_export(commands: Commands) -> None:
    export = commands.add_parser(
        "export", help="write a network as a file that other programs open, or a report of one or several"
    )
    export.add_argument(
        "networks",
        nargs="+",
        metavar="RUN_OR_FOLDER",
        help="a run's number, a folder such as assets/models/..., or a .keras or .h5 file; several for a "
        "report or a notebook that compares them",
    )
    export.add_argument("--format", required=True, choices=[*FORMATS, *REPORTS])
    export.add_argument("--out", type=Path, metavar="FILE", required=True)
    export.set_defaults(run=_export)


def _add_runs(commands: Commands) -> None:
    runs = commands.add_parser("runs", help="list all trainings")
    runs.add_argument("--json", action="store_true", help="one JSON object per line")
    runs.set_defaults(run=_runs)


def _add_recipes(commands: Commands) -> None:
    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.add_argument("--json", action="store_true", help="one JSON object per line")
    recipes.set_defaults(run=_recipes)


def _add_reproduce(commands: Commands) -> None:
    reproduce = commands.add_parser(
        "reproduce",
        help="train the tutorials' recipes and write docs/reproduction.md; goes on where it was interrupted",
    )
    reproduce.add_argument(
        "names", nargs="*", metavar="NAME", help="recipes, as `recipes` lists them; else all"
    )
    reproduce.add_argument("--seeds", type=int, help="how many; else 3 where each takes under ten minutes")
    reproduce.add_argument("--epochs", type=int, help="at most so many; the table says where a recipe has more")
    reproduce.add_argument(
        "--cifar10-is",
        default="",
        metavar="TEXT",
        help="such as 'a JPEG copy of CIFAR-10', if yours is no original",
    )
    reproduce.add_argument(
        "--into", type=Path, metavar="FOLDER", help="keep reproduction.json and reproduction.md there instead"
    )
    reproduce.add_argument(
        "--report", action="store_true", help="only write the page anew from what is measured"
    )
    reproduce.set_defaults(run=_reproduce)


def _add_map(commands: Commands) -> None:
    the_map = commands.add_parser("map", help="make the files by which the map of digits is there at once")
    the_map.add_argument("--out", type=Path, metavar="FOLDER", default=embedding.SHIPPED)
    the_map.set_defaults(run=_map)


def _add_landscapes(commands: Commands) -> None:
    landscapes = commands.add_parser("landscapes", help="make the files of the loss around the app's networks")
    landscapes.add_argument("--out", type=Path, metavar="FOLDER", default=loss_plane.SHIPPED)
    landscapes.set_defaults(run=_landscapes)


def _predict(options: argparse.Namespace) -> int:
    classifier, failed = classifiers.shipped(), False
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold what is no letter
        sys.stdout.reconfigure(errors="backslashreplace")
    answer, sentence = (_number, _number_sentence) if options.number else (_answer, _sentence)
    for path in options.files:
        row = _predict_file(classifier, path, answer)
        failed |= "error" in row
        print(json.dumps(row) if options.json else f"{path}: {row.get('error') or sentence(row)}", flush=True)
    return int(failed)


def _predict_file(
    classifier: classifiers.Classifier, path: Path, answer: Callable[[classifiers.Classifier, bytes], dict]
) -> dict:
    """One row of the answer: {"file", ...what `answer` says of its bytes} or {"file", "error"}."""
    try:
        files.check_length(path.stat().st_size)
        with path.open("rb") as file:  # what is no ordinary file may have no length, and no end
            data = file.read(files.MAX_BYTES + 1)
        return {"file": str(path), **answer(classifier, data)}
    except files.BadInput as error:
        said = str(error)
    except OSError as error:
        said = f"The file cannot be read: {error.strerror}."
    except Exception as error:  # noqa: BLE001  what is wrong with one file is no reason to leave the others out
        said = f"The file cannot be read: {type(error).__name__}, {error}."
    return {"file": str(path), "error": said}


def _answer(classifier: classifiers.Classifier, data: bytes) -> dict:
    """{"digit", "probabilities", "is_digit"} of one file."""
    image = files.read(data, classifiers.shipped().predict)
    if image is None:  # no ink: nothing speaks for one digit more than for another
        return {"digit": None, "probabilities": [0.1] * 10, "is_digit": 0.0}
    prediction = classifier.predict(image)
    probabilities = [round(float(p), 6) for p in prediction.probabilities]
    is_digit = None if prediction.is_digit is None else round(prediction.is_digit, 6)
    return {"digit": prediction.digit, "probabilities": probabilities, "is_digit": is_digit}


def _sentence(row: dict) -> str:
    return "no digit" if row["digit"] is None else in_words(row["probabilities"])


def _number(classifier: classifiers.Classifier, data: bytes) -> dict:
    """{"number", "digits": [{"digit", "probability", "box"}]} of one file, boxes in the file's own unit."""
    content = files.open_file(data)
    reading = number_prediction.predict(content, classifier)
    zoom = 1.0 if isinstance(content, Drawing) else files.reduced(data, content)
    if reading is None:
        return {"number": None, "digits": []}
    digits = [
        {
            "digit": digit.prediction.digit,
            "probability": round(float(digit.prediction.probabilities.max()), 6),
            "box": [round(zoom * side, 2) for side in digit.box],
        }
        for digit in reading.digits
    ]
    return {"number": reading.number, "digits": digits}


def _number_sentence(row: dict) -> str:
    if row["number"] is None:
        return "no number"
    return f"{row['number']} ({', '.join(confidence(digit['probability']) for digit in row['digits'])})"


def _train(options: argparse.Namespace) -> int:
    store = open_store()
    if options.recipe is None:
        _refuse_changes(options)
        number = _stopped_run(store, options.resume)
    else:
        number = _new_run(store, options)
    run, network = _watched(store, number, options.json), store.network(number)
    if network and options.out:
        networks.save(network, options.out)
    print(json.dumps(_run_row(run)) if options.json else _run_line(run))
    if run.status == "stopped" and not options.json:
        print(f"To go on: python -m core train --resume {number}")
    return 0 if run.has_network else 1


def _watched(store: Store, number: int, as_json: bool) -> Run:
    """Train a queued run here, with a bar or a line per point, until it ends or Ctrl C is pressed."""
    # TensorFlow: six seconds that the other commands need not wait.
    from core.worker import tasks  # noqa: PLC0415

    def stop(*_: object) -> None:
        # In a thread: the training may hold the database's lock at the very line where Ctrl C reaches it.
        threading.Thread(target=store.ask_to_stop, args=(number,)).start()

    signal.signal(signal.SIGINT, stop)  # Ctrl C keeps the best weights
    run = store.run(number)
    assert run is not None
    config = run.training
    with tqdm(total=config.epochs, unit="epoch", disable=as_json or None, bar_format=_BAR) as bar:

        def report(metric: Metric) -> None:
            bar.update(round(metric.epoch, 2) - bar.n)
            if as_json:
                print(json.dumps(dataclasses.asdict(metric)), flush=True)
            elif metric.whole:
                bar.write(_line(metric, config))
                sys.stdout.flush()

        def drawn(fraction: float) -> None:
            bar.set_description("" if fraction == 1 else f"drawing its pictures, {fraction:.0%}")

        tasks.train_run(store.url, number, report, drawn)
    run = store.run(number)
    assert run is not None
    return run


def _new_run(store: Store, options: argparse.Namespace) -> int:
    recipe = RECIPES[options.recipe]
    epochs = recipe.config.epochs if options.epochs is None else options.epochs
    config = dataclasses.replace(recipe.config, seed=options.seed or 0, epochs=epochs)
    config = dataclasses.replace(config, **_files(options))  # type: ignore[arg-type]
    if options.data and options.data != config.data:
        config = configs.with_data(config, options.data)
        if not datasets.has(config.data) and config.data in datasets.IN_FILES:
            raise files.BadInput(datasets.absent(config.data))
    if problem := configs.check(config) or memory.check(config):
        raise files.BadInput(problem)
    if config.data != recipe.config.data:
        return _added(store, config, "", f"{recipe.title}, {datasets.KINDS[config.data].title}")
    return _added(store, config, options.recipe, recipe.title)


# Options that name files of what pens have written -> what reads them, and says what is wrong with them.
_PEN_FILES = {
    "pen_digits": pen_files.pen_digits,
    "unipen_digits": pen_files.pen_digits,
    "unipen_characters": pen_files.pen_characters,
}


def _files(options: argparse.Namespace) -> dict[str, str]:
    """The files among the options, by the settings they are. Raises BadInput for what cannot be read."""
    given = {name: str(path.resolve()) for name in _PEN_FILES if (path := getattr(options, name))}
    try:
        for name, path in given.items():
            _PEN_FILES[name](path)
    except ValueError as error:
        raise files.BadInput(str(error)) from None
    return given


def _added(store: Store, config: TrainConfig, recipe: str, title: str) -> int:
    """A run for this process alone: an app that waits for runs leaves it."""
    from core.worker import tasks  # noqa: F401, PLC0415  # first what takes seconds: it is not silent meanwhile

    me = processes.name()
    return store.add(config, name=title, visitor=HOME, recipe=recipe, worker=me)


def _refuse_changes(options: argparse.Namespace) -> None:
    """Raise BadInput where a run that is resumed is asked to be another than it began as."""
    for name in ("data", "epochs", "seed", *_PEN_FILES):
        if getattr(options, name) is not None:
            raise files.BadInput(
                f"--{name.replace('_', '-')} {getattr(options, name)} is for a new run: run {options.resume} "
                "goes on with the settings that it began with. Leave it out, or train anew with --recipe."
            )


def _stopped_run(store: Store, number: int) -> int:
    """Queue a run again that was stopped, or whose process has ended."""
    if (run := store.run(number)) is None:
        raise files.BadInput(f"There is no run {number}; `python -m core runs` lists what there is.")
    if run.kind == "imported":
        raise files.BadInput(f"Run {number} is a network from a file, so there is no training to go on with.")
    queue.interrupt_gone(store, number)
    if not store.requeue(number, processes.name()):
        if number not in {run.id for run in store.runs()}:
            raise files.BadInput(f"Run {number} is deleted; Undo on the page Runs brings it back for a day.")
        raise files.BadInput(f"Run {number} is training or waiting just now, so there is nothing to resume.")
    return number


def _line(metric: Metric, config: TrainConfig) -> str:
    measured = configs.measured(config)
    return (
        f"epoch {metric.epoch:5.4g} of {config.epochs}  {metric.seconds:6.1f} s"
        f"  train {metric.train_accuracy:.2%}  {measured} {percent(metric.validation_accuracy)}"
    )


def _runs(options: argparse.Namespace) -> int:
    store = open_store()
    queue.interrupt_gone(store)
    runs = store.runs()
    for run in runs:
        print(json.dumps(_run_row(run)) if options.json else _run_line(run))
    if not runs and not options.json:
        print("There are no runs yet: python -m core train --recipe quick")
    return 0


def _run_row(run: Run) -> dict:
    row = dataclasses.asdict(run)
    more = {"kind": run.kind, "config": configs.to_json(run.config), "created": run.created.isoformat()}
    return {**row, **more}


def _run_line(run: Run) -> str:
    accuracy = f"  test {percent(run.test_accuracy)}" if run.has_network else ""
    what = "own network" if run.kind == "trained" else "network"
    return (
        f"run {run.id}  {run.status:11}  {run.recipe or what:22}  {configs.origin(run.config)}"
        f"  {run.seconds:6.1f} s{accuracy}  {run.note}".rstrip()
    )


def _backup(options: argparse.Namespace) -> int:
    open_store().backup(options.file)
    print(f"{options.file} holds all drawings, trainings and networks.")
    return 0


def _map(options: argparse.Namespace) -> int:
    for path in embedding.ship(classifiers.shipped(), options.out):
        print(f"{path} ({path.stat().st_size / 1000:,.0f} kB)")
    return 0


def _landscapes(options: argparse.Namespace) -> int:
    for name in loss_plane.NETWORKS:
        print(loss_plane.ship(networks.shipped(name), options.out), flush=True)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    classifier = _classifier(options.network)
    data, noun = datasets.load(classifier.network.data), datasets.KINDS[classifier.network.data].noun
    logits = classifier.logits(data.x_test.astype(np.float32) / 255)
    right, (_, loss, _) = logits.argmax(1) == data.y_test, metrics.figures(logits, data.y_test)
    train_accuracy, train_loss, count = _training_figures(options.network, classifier, data)
    pixels = input_scalings.sentence(
        input_scalings.measure(classifier.logits, data.x_test, data.y_test), classifier.shape, noun
    )
    if options.json:
        row = {"network": options.network, "test_accuracy": right.mean(), "wrong": int((~right).sum())}
        row |= {"test_loss": loss, "train_accuracy": train_accuracy, "train_loss": train_loss}
        print(json.dumps({**row, "pixels": pixels}))
    else:
        print(f"{right.mean():.2%} of {len(right):,} test {noun}, {(~right).sum()} wrong, loss {loss:.4f}")
        print(f"{train_accuracy:.2%} of {count:,} training {noun}, loss {train_loss:.4f}")
        if pixels:
            print(pixels)
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.format in REPORTS:
        about = [_subject(named) for named in options.networks]
        written = {options.out: REPORTS[options.format].make(about)}
    else:
        if len(options.networks) > 1:
            raise files.BadInput(
                f"{len(options.networks)} networks cannot be one {options.format} file; name one of them, or "
                "take report or notebook, which compare several."
            )
        network, form = _classifier(options.networks[0]).network, FORMATS[options.format]
        written = {options.out: form.make(network)}
        if beside := form.beside:
            text = beside.make(network, options.out.name)
            written[options.out.with_suffix(beside.suffix)] = text.encode()
    for path, data in written.items():
        try:
            path.write_bytes(data)
        except OSError as error:
            raise files.BadInput(f"{path} cannot be written: {error.strerror}.") from None
        print(f"{path} ({len(data) / 1000:,.0f} kB)")
    return 0


def _subject(named: str) -> Subject:
    """What a report says of a run or of a network in a folder or file."""
    network = _classifier(named).network
    store = open_store()
    run = store.run(int(named)) if named.isdecimal() else None
    return subjects.of_network(network, run, store.metrics(run.id) if run else ())


def _training_figures(
    named: str, classifier: classifiers.Classifier, data: Dataset
) -> tuple[float, float, int]:
    """(accuracy, loss, how many) of the training images that a run has learnt from, or of them all for a file.

    As stored with the run, else measured now.
    """
    run = open_store().run(int(named)) if named.isdecimal() else None
    chosen = np.arange(len(data.x_train))
    if run and run.kind == "trained":
        chosen = configs.training_indices(run.training, len(chosen) - configs.divide(run.training)[1])
    if run and run.train_accuracy is not None and run.train_loss is not None:
        return run.train_accuracy, run.train_loss, len(chosen)
    parts = np.array_split(chosen, -(-len(chosen) // 1000))
    logits = [
        classifier.logits(data.x_train[part].astype(np.float32) / 255)
        for part in tqdm(parts, desc="training pictures", disable=None, leave=False)
    ]
    return *metrics.figures(np.concatenate(logits), data.y_train[chosen])[:2], len(chosen)


def _classifier(named: str) -> classifiers.Classifier:
    """A run's number, a .keras or .h5 file, or a folder -> what reads with its network. Raises BadInput."""
    if named.isdecimal() and len(named) < 10:
        if not (network := open_store().network(int(named))):
            raise files.BadInput(f"Run {named} has no network; `python -m core runs` lists what there is.")
        return classifiers.Classifier(network)
    path = Path(named)
    try:
        if path.is_dir():
            return classifiers.Classifier(networks.load(path))
        layers, weights, shape = keras_import.read(path.read_bytes())
    except (OSError, ValueError) as error:
        raise files.BadInput(f"{named} is no network that I can read: {error}") from None
    from core.worker import export, models  # noqa: PLC0415

    model, data = models.build(layers, shape), configs.imported(layers, shape).data
    models.set_weights(model, weights)
    return classifiers.Classifier(export.to_network(model, layers, path.stem, {}, data))


def _reproduce(options: argparse.Namespace) -> int:
    if unknown := [name for name in options.names if name not in reproduction.NAMES]:
        known = ", ".join(reproduction.NAMES)
        raise files.BadInput(f"There is no tutorial's recipe {unknown[0]!r}; there are {known}.")
    if options.epochs is not None and options.epochs < 1:
        raise files.BadInput(f"The epochs are {options.epochs}, but have to be at least 1.")
    file, page = reproduction.FILE, reproduction.DOCUMENT
    if options.seeds is not None and options.seeds < 1:
        raise files.BadInput(f"The seeds are {options.seeds}, but have to be at least 1.")
    if options.into:
        options.into.mkdir(parents=True, exist_ok=True)
        file, page = (options.into / path.name for path in (file, page))
    os.environ["DIGIT_LAB_BFLOAT16"] = "0"  # as the tutorials computed: float32 on every processor
    results = reproduction.read(file)
    for name in () if options.report else options.names or reproduction.TUTORIALS:
        seed = 0
        while seed < (options.seeds or reproduction.seeds(results, name)):
            found = _reproduced(name, seed, results, options)
            if found is not None:
                results = reproduction.add(results, name, found)
                reproduction.write(results, file)
                page.write_text(reproduction.document(results))
                if found.epochs < min(found.of, options.epochs or found.of):
                    print("Interrupted; the same command goes on.")
                    return 1
            seed += 1
    page.write_text(reproduction.document(results))
    missing = [name for name in reproduction.TUTORIALS if name not in results]
    print(f"{page} is written" + (f"; not yet measured: {', '.join(missing)}." if missing else "."))
    return 0


def _reproduced(
    name: str, seed: int, results: dict[str, tuple[reproduction.Result, ...]], options: argparse.Namespace
) -> reproduction.Result | None:
    """Train a recipe with a seed, or go on with it; None where that is done already."""
    recipe = reproduction.recipe(name)
    epochs = min(recipe.config.epochs, options.epochs or recipe.config.epochs)
    if reproduction.is_done(results, name, seed, epochs):
        return None
    store = open_store()
    config = dataclasses.replace(recipe.config, seed=seed, epochs=epochs)
    earlier = (run for run in store.runs() if run.recipe == name and run.config == config)
    run = next(earlier, None)
    print(f"{name}, seed {seed}, {counted(epochs, 'epoch')}", flush=True)
    if run is None:
        run = _watched(store, _added(store, config, name, recipe.title), as_json=False)
    elif run.status != "done":
        run = _watched(store, _stopped_run(store, run.id), as_json=False)
    if not run.has_network:
        raise files.BadInput(run.note or f"Run {run.id} has left no network.")
    from core.worker import tasks  # noqa: PLC0415

    last = tasks.last_test_accuracy(store.url, run.id)
    images = options.cifar10_is if config.data == "cifar10" else ""
    device = run.device.replace("this computer's", f"{reproduction.processor()},")
    try:
        return reproduction.result(run, store.metrics(run.id), last, device, images, recipe.config)
    except ValueError as error:
        raise files.BadInput(f"{name}: {error}; the same command goes on.") from None


def _recipes(options: argparse.Namespace) -> int:
    for name, recipe in RECIPES.items():
        if options.json:
            row = {**dataclasses.asdict(recipe), "name": name, "config": configs.to_json(recipe.config)}
            print(json.dumps(row))
        else:
            print(f"{name}: {recipe.title}. Claim: {recipe.claim}. Source: {recipe.source}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
