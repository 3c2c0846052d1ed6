"""A phone in a class: what to draw now, the canvas, and what the network makes of it."""

from core.storage.store import StoreError
from ui import say
from ui.sections import join_code, join_phone

if joined := join_code.joined():
    try:
        join_phone.phone(*joined)
    except StoreError as error:
        say.error(error)
