"""Lessons of one idea a step, in our own order, with the thing itself to move in each."""

from ui.lessons import show
from ui.widgets import heading

heading.heading("Learn how networks learn", "Move it, read two sentences, answer one question.")
show.lessons()
