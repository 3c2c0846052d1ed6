"""A phone in a class: what to draw now, the canvas, and what the network makes of it."""

from core.storage.store import StoreError
from ui import say
from ui.components import room_watch
from ui.sections import join_code, join_phone

if joined := join_code.joined():
    try:
        with room_watch.comes_back(joined[0].code):
            join_phone.phone(*joined)
    except StoreError as error:
        say.error(error)
