"""Submitting, stopping and resuming runs and sweeps: what the program and an owner may ask of the workers."""

from dataclasses import replace

import numpy as np

from core.records import Checkpoint, Imported, Run, TrainConfig
from core.storage import sweeps as stored_sweeps
from core.storage.database import HOME
from core.storage.store import Store
from core.training import configs, memory, search


class NotAccepted(ValueError):
    """A training that cannot be started; the text is one sentence that says why."""


class RunControl:
    """Submits, stops and resumes runs; `queue` has the two that do: Jobs and OwnJobs. Raises StoreError.

    store: as whoever asks sees it; what is refused is refused there.
    """

    store: Store
    failures: dict[int, str]  # run -> what the database could not be told

    def trains_here(self) -> bool:
        """Is it this computer's memory that a training needs?"""
        raise NotImplementedError

    def look_soon(self, *, retry: bool = True) -> None:
        """There is something to do. retry: also for a worker that was given up."""
        raise NotImplementedError

    def check(self, config: TrainConfig) -> str:
        """Return one sentence that says why this cannot be trained, by itself or here, or ''."""
        return configs.check(config) or (memory.check(config) if self.trains_here() else "")

    def submit(
        self,
        config: TrainConfig,
        *,
        name: str,
        visitor: str | None = None,
        recipe: str = "",
        drawing: np.ndarray | None = None,
    ) -> int:
        """Queue a training and return its id. Raises NotAccepted, StoreError."""
        if problem := self.check(config):
            raise NotAccepted(problem)
        run_id = self.store.add(config, name=name, visitor=visitor, recipe=recipe, drawing=drawing)
        self.look_soon()
        return run_id

    def again(self, run: Run, seed: int, visitor: str | None = None) -> int:
        """Queue the same training with another seed. Raises ValueError for a network from a file."""
        config = replace(run.training, seed=seed)
        drawing = self.store.drawing(run.id)
        return self.submit(config, name=run.name, visitor=visitor, recipe=run.recipe, drawing=drawing)

    def sweep(
        self,
        config: TrainConfig,
        plan: search.Plan,
        *,
        name: str,
        recipe: str = "",
        visitor: str | None = None,
    ) -> int:
        """Queue a whole sweep and return its id. Raises NotAccepted, StoreError.

        Where the configuration holds out no images to choose by, some are.
        """
        config = search.with_validation(config)
        if not (problem := search.check(config, plan)):
            tried = (search.change(config, changes) for changes in search.combinations(plan))
            problem = next(filter(None, map(self.check, tried)), "")
        if problem:
            raise NotAccepted(problem)
        whose = (self.store.owner or HOME) if visitor is None else visitor
        number = stored_sweeps.add(self.store, config, plan, name=name, recipe=recipe, visitor=whose)
        self.look_soon()
        return number

    def stop(self, run_id: int) -> None:
        """Stop a run, whether it trains, waits, or has lost its worker. Raises StoreError."""
        self.store.ask_to_stop(run_id)
        self.look_soon(retry=False)

    def resume(self, run_id: int) -> None:
        """Go on with a run that was stopped or interrupted; nothing where it is queued or training."""
        self.store.requeue(run_id)
        self.failures.pop(run_id, None)
        self.look_soon()

    def open_network(
        self, found: Imported, weights: dict[str, np.ndarray], *, name: str, visitor: str | None = None
    ) -> int:
        """Add a network that was read from a file, as a run of its own kind, which waits for no training."""
        checkpoint = Checkpoint(0, 0, 0.0, (), weights, 0, 0.0)
        run_id = self.store.add(found, name=name, visitor=visitor, checkpoint=checkpoint)
        self.look_soon()
        return run_id
