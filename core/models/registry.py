"""Networks by id: those that are shipped, and those that runs have left."""

from functools import lru_cache

from core.models import classifiers, networks
from core.models.classifiers import Classifier
from core.records import Network
from core.storage.store import Store, open_store

SHIPPED = 0  # the id of the default network
# The networks that come with the app, by ids that no run has.
WITH_THE_APP = {SHIPPED: networks.DEFAULT, -2: "first-conv-best"}
# The one that comes with the app for pictures in colour.
IN_COLOUR = {-3: "cifar-small"}
_KEPT = 40  # recognizers in memory: one per pupil of a class, 1 to 20 MB each


def classifier(number: int) -> Classifier | None:
    """Return the recognizer of a run or of one WITH_THE_APP; None where the run has none. Raises StoreError."""
    if number in WITH_THE_APP:
        return classifiers.shipped(WITH_THE_APP[number])
    if number in IN_COLOUR:
        return classifiers.shipped(IN_COLOUR[number]) if networks.is_shipped(IN_COLOUR[number]) else None
    store = open_store()
    run = store.run(number)
    if not run or not run.has_network:
        return None
    # A resumed run leaves another network under the same number, at any moment, perhaps as good as the first.
    return _of_run(number, store.network_version(number), run.test_accuracy, run.name)


def network(store: Store, number: int) -> Network | None:
    """Return the network of a run or of one WITH_THE_APP; None where the run has none. Raises StoreError."""
    if number in WITH_THE_APP:
        return networks.shipped(WITH_THE_APP[number])
    return store.network(number)


@lru_cache(_KEPT)
def _of_run(number: int, *_: object) -> Classifier | None:
    found = network(open_store(), number)
    return Classifier(found) if found else None
