"""For the projector: what the class has drawn, and what the network makes of it."""

from core.storage.store import StoreError
from ui import say
from ui.sections import wall

try:
    wall.page()
except StoreError as error:
    say.error(error)
