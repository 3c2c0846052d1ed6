"""The app's doors and the rooms behind them, in the order of the navigation: each room is a page."""

from typing import NamedTuple


class Room(NamedTuple):
    """page: the name of its file under pages/, and its address. does: what one does there, in a few words."""

    page: str
    name: str
    icon: str
    does: str


class Door(NamedTuple):
    """It opens its first room. One with a single room is called what that is called."""

    name: str
    icon: str
    rooms: tuple[Room, ...]


DOORS = (
    Door("Draw", "draw", (Room("draw", "Draw", "draw", "Draw a digit and watch it being read"),)),
    Door(
        "Look inside",
        "search_insights",
        (
            Room("look_inside", "Layers", "layers", "What every layer makes of your digit"),
            Room("why", "Why", "ink_highlighter", "Which ink decided"),
            Room("map_of_digits", "Map of digits", "scatter_plot", "Where yours lies among 10,000"),
            Room("fool", "Fool it", "theater_comedy", "The smallest change that it falls for"),
            Room("break_it", "Break it", "build_circle", "How much can go before it fails"),
            Room("convolution", "Convolution", "grid_on", "Slide a kernel over a picture"),
            Room("pooling", "Pooling", "grid_view", "Make a picture smaller"),
        ),
    ),
    Door(
        "Learn",
        "school",
        (
            Room("lessons", "Lessons", "school", "One idea a step, each to be moved"),
            Room("tutorials", "Tutorials", "menu_book", "Five tutorials, with their numbers"),
            Room("data", "Data", "dataset", "What networks learn from"),
            Room("about", "About", "info", "What this is, and what is kept"),
        ),
    ),
    Door(
        "Train",
        "model_training",
        (
            Room("train", "Train", "model_training", "Build a network and watch it learn"),
            Room("runs", "Runs", "leaderboard", "Compare what has been trained"),
            Room("mistakes", "Mistakes", "rule", "See what a network gets wrong"),
            Room("my_digits", "My digits", "gesture", "Teach it your handwriting"),
            Room("own_classes", "Own classes", "category", "Teach it hearts, letters, anything"),
        ),
    ),
    Door(
        "Class",
        "groups",
        (
            Room("class", "Class", "groups", "Thirty phones draw together"),
            Room("join", "Join", "login", "Type the code of a class"),
            Room("wall", "Wall", "cast_for_education", "For the projector: what the class drew"),
        ),
    ),
)
ROOMS = {room.page: room for door in DOORS for room in door.rooms}


def door_of(page: str) -> Door:
    """Return the door behind which a page lies; that of the first where it is none of them."""
    return next((door for door in DOORS for room in door.rooms if room.page == page), DOORS[0])
