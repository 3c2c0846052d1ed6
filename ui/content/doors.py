"""The app's doors and the pages behind them, in the order of the navigation."""

from typing import NamedTuple


class Page(NamedTuple):
    """path: the name of its file under pages/, and its address. does: what one does there, in a few words."""

    path: str
    name: str
    icon: str
    does: str


class Door(NamedTuple):
    """It opens its first page. One with a single page is called what that is called."""

    name: str
    icon: str
    pages: tuple[Page, ...]


DOORS = (
    Door("Draw", "draw", (Page("draw", "Draw", "draw", "Draw a digit and watch it being read"),)),
    Door(
        "Look inside",
        "search_insights",
        (
            Page("look_inside", "Layers", "layers", "What every layer makes of your digit"),
            Page("why", "Why", "ink_highlighter", "Which ink decided"),
            Page("map_of_digits", "Map of digits", "scatter_plot", "Where yours lies among 10,000"),
            Page("fool", "Fool it", "theater_comedy", "The smallest change that it falls for"),
            Page("break_it", "Break it", "build_circle", "How much can go before it fails"),
            Page("convolution", "Convolution", "grid_on", "Slide a kernel over a picture"),
            Page("pooling", "Pooling", "grid_view", "Make a picture smaller"),
        ),
    ),
    Door(
        "Learn",
        "school",
        (
            Page("lessons", "Lessons", "school", "One idea a step, each to be moved"),
            Page("tutorials", "Tutorials", "menu_book", "Five tutorials, with their numbers"),
            Page("data", "Data", "dataset", "What networks learn from"),
            Page("about", "About", "info", "What this is, and what is kept"),
        ),
    ),
    Door(
        "Train",
        "model_training",
        (
            Page("train", "Train", "model_training", "Build a network and watch it learn"),
            Page("runs", "Runs", "leaderboard", "Compare what has been trained"),
            Page("mistakes", "Mistakes", "rule", "See what a network gets wrong"),
            Page("my_digits", "My digits", "gesture", "Teach it your handwriting"),
            Page("own_classes", "Own classes", "category", "Teach it hearts, letters, anything"),
        ),
    ),
    Door(
        "Class",
        "groups",
        (
            Page("class", "Class", "groups", "Thirty phones draw together"),
            Page("join", "Join", "login", "Type the code of a class"),
            Page("wall", "Wall", "cast_for_education", "For the projector: what the class drew"),
        ),
    ),
)
PAGES = {page.path: page for door in DOORS for page in door.pages}


def door_of(path: str) -> Door:
    """Return the door behind which a page lies; that of the first where it is none of them."""
    return next((door for door in DOORS for page in door.pages if page.path == path), DOORS[0])
