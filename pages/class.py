"""A teacher's page: start a class, say what its phones do, let a network learn from them, and clear up."""

from core.storage.store import StoreError
from ui import say
from ui.sections import class_room

try:
    class_room.page()
except StoreError as error:
    say.error(error)
