"""Networks by id: those that are shipped, and those that runs have left."""

from functools import lru_cache

from core.models import classifiers, networks
from core.models.classifiers import Classifier
from core.records import Network
from core.storage.store import Store, open_store

SHIPPED = 0  # the id of the default network
# The networks that come with the app, by ids that no run has.
MNIST_ALONE = -2  # the one that has learnt from MNIST's digits and nothing else
WITH_THE_APP = {SHIPPED: networks.DEFAULT, MNIST_ALONE: "first-conv-best"}
# The one that comes with the app for images in colour.
IN_COLOUR = {-3: "cifar-small"}
_KEPT = 40  # classifiers in memory: one per pupil of a class, 1 to 20 MB each


def classifier(network_id: int, owner: str | None = None) -> Classifier | None:
    """Return the classifier of a run or of one WITH_THE_APP; None where the run has none. Raises StoreError.

    owner: who asks: a run has to be theirs, or published. None for the program itself.
    """
    if network_id in WITH_THE_APP:
        return classifiers.shipped(WITH_THE_APP[network_id])
    if network_id in IN_COLOUR:
        return (
            classifiers.shipped(IN_COLOUR[network_id]) if networks.is_shipped(IN_COLOUR[network_id]) else None
        )
    store = open_store() if owner is None else open_store().of(owner)
    run = store.run(network_id)
    if not run or not run.has_network:
        return None
    # A resumed run leaves another network under the same number, at any moment, perhaps as good as the first.
    return _of_run(network_id, store.network_version(network_id), run.test_accuracy, run.name)


def network(store: Store, network_id: int) -> Network | None:
    """Return a run's network or one that comes with the app; None where there is none. Raises StoreError."""
    if name := (WITH_THE_APP | IN_COLOUR).get(network_id):
        return networks.shipped(name)
    return store.network(network_id)


@lru_cache(_KEPT)
def _of_run(network_id: int, *_: object) -> Classifier | None:
    found = network(open_store(), network_id)
    return Classifier(found) if found else None
