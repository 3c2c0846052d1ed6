"""The forms in which a report comes. A new one is one entry.

Called by `core.commands.evaluate` and `ui.widgets.downloads`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.analysis.reports import notebook, page
from core.analysis.reports.subjects import Subject


class Report(NamedTuple):
    """label: on the page. suffix: of the file. make: returns it, of one subject or several of one data set."""

    label: str
    suffix: str
    make: Callable[[Sequence[Subject]], bytes]


REPORTS = {
    "report": Report("Report (.html)", ".html", page.make),
    "notebook": Report("Notebook (.ipynb)", ".ipynb", notebook.make),
}
