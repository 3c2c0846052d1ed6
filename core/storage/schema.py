"""The tables of the database. What their columns mean is said in `records`.

Where a field is called otherwise than its column, which keeps the name that it began with, `key` says so.

A new column is one more entry here, nullable or with a `server_default`, and VERSION rises by one:
`migrations`, called whenever a database is opened, adds it to one of an earlier version. Where its rows need
another value than the default: `info={"fill": ...}`, a statement, or a function that is given the connection.
Indexes come after that.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
)

from core.data import near_duplicates
from core.storage import owner_migration

VERSION = 9  # of the tables below; databases from before there was a number have none

metadata = MetaData()


versions = Table("schema_version", metadata, Column("number", Integer, primary_key=True))  # one row


def _of_a_run() -> Column:
    return Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("visitor", String(64), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column(  # 'trained' or 'imported', as `Run.kind`
        "kind",
        String(16),
        nullable=False,
        server_default="trained",
        info={"fill": "UPDATE runs SET kind = 'imported', recipe = '' WHERE recipe = 'file'"},
    ),
    Column("config", Text, nullable=False),  # JSON, `configs.to_json`
    Column("status", String(16), nullable=False, index=True),
    Column("note", Text, nullable=False, default=""),
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
    Column("queued", Float, nullable=False),  # the same; its place in the queue
    Column("stop", Boolean, nullable=False, default=False),  # somebody has asked it to stop
    Column("worker", String(128), nullable=False, default=""),  # who trains it: host, process, its start
    Column("token", String(32), nullable=False, server_default=""),  # of its only writer; '' where nobody may
    Column("owed", Integer, nullable=False, server_default="0"),  # tries left to export its best weights
    Column("heartbeat", Float, nullable=False, default=0.0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("images", Integer, nullable=False, default=0),
    Column("images_per_second", Float, nullable=False, default=0.0),
    Column("best_epoch", Integer),
    Column("validation_accuracy", Float),
    Column("test_accuracy", Float),
    Column("test_loss", Float),
    Column("train_accuracy", Float),
    Column("train_loss", Float),
    Column("dtype", String(16), nullable=False, server_default=""),
    Column("device", Text, nullable=False, default=""),
    Column("deleted", Float),  # when; the row goes for good some time later
    Column("drawing", LargeBinary),  # float32 [28, 28], read anew at each point
    Column("notes", Text, nullable=False, server_default=""),  # what somebody has written of it
    Column("tags", Text, nullable=False, server_default=""),  # words, separated by commas
    Column("baseline", Boolean, nullable=False, server_default=false()),  # others are compared with it
    Column(
        "published", Boolean, nullable=False, server_default=false(), info={"fill": owner_migration.upgrade}
    ),
    sqlite_autoincrement=True,  # a deleted run's number never comes back
)

metrics = Table(
    "metrics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("images", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("train_accuracy", Float, nullable=False),
    Column("train_loss", Float, nullable=False),
    Column("validation_accuracy", Float),
    Column("validation_loss", Float),
    Column("whole", Boolean, nullable=False),
    Column("drawing", Text),  # JSON, ten probabilities
)

snapshots = Table(
    "snapshots",
    metadata,
    _of_a_run(),
    Column("epoch", Integer, nullable=False),
    Column("confusion", Text, nullable=False),  # JSON
    Column("worst", Text, nullable=False),  # JSON
    Column("images", String(64), nullable=False, server_default=""),  # `datasets.digest` of the worst
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _of_a_run(),
    Column("step", Integer, nullable=False),
    Column("images", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", LargeBinary, nullable=False),  # `arrays.pack`
    Column("best", LargeBinary, nullable=False),  # `arrays.pack`
    Column("best_epoch", Integer, nullable=False),
    Column("best_accuracy", Float, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    _of_a_run(),
    Column("arrays", LargeBinary, nullable=False),  # `arrays.pack`, the fields of Probe
)

states = Table(
    "states",
    metadata,
    _of_a_run(),
    Column("step", Integer, primary_key=True),
    Column("images", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("weights", LargeBinary, nullable=False),  # `arrays.pack`, float16
    Column("view", LargeBinary),  # `arrays.pack`, the fields of View
)

steering = Table(
    "steering",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(32), nullable=False),  # as `storage.steering.Request`
    Column("value", Float, nullable=False, server_default="0"),
    Column("step", Integer),  # before which it came into effect; NULL until then
    Column("images", Integer),  # seen until then
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visitor", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("config", Text, nullable=False),  # JSON, `configs.to_json`, of which each training changes something
    Column("plan", Text, nullable=False),  # JSON, `search.to_json`
    Column("status", String(16), nullable=False, index=True),  # as `storage.sweeps.Sweep`
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
    Column(
        "looks", Integer, nullable=False
    ),  # counts them: who looks holds this row, so there is one at a time
    Column("deleted", Float),  # when; the row goes for good some time later
    sqlite_autoincrement=True,
)

trials = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sweep_id", ForeignKey("sweeps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("combination", Integer, nullable=False),  # which of the plan's
    Column("seed", Integer, nullable=False),
    Column("changes", Text, nullable=False),  # JSON, setting -> value
    Column("status", String(16), nullable=False),  # as `storage.sweeps.Trial`
    Column("run_id", Integer),  # which may be gone: then it is not trained again
    Column("judged", Integer, nullable=False),  # milestones that it has passed
    Column("resumed", Integer, nullable=False),  # how often, after its worker had ended
)

networks = Table(
    "networks",
    metadata,
    _of_a_run(),
    Column("weights", LargeBinary, nullable=False),  # `arrays.pack`
    Column("litert", LargeBinary, nullable=False),
    Column("keras", LargeBinary, nullable=False),  # a .keras file, to be downloaded, never loaded
    Column("probabilities", LargeBinary, nullable=False),  # `arrays.pack`, of the test digits
)

drawings = Table(
    "drawings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visitor", String(64), nullable=False, index=True),
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
    Column("label", SmallInteger, nullable=False),
    Column("held_back", Boolean, key="held_out", nullable=False),
    Column("pixels", LargeBinary, nullable=False),  # uint8 [28, 28]
    Column("strokes", Text, nullable=False, default=""),  # JSON, `files.write_drawing`; '' without strokes
    Column("predicted", SmallInteger),
    Column("certainty", Float, key="confidence"),
    Column("network", Text, nullable=False, default=""),
    Column("deleted", Float),  # when; the row goes for good some time later
    Column("content", String(64), info={"fill": near_duplicates.upgrade}),  # `near_duplicates.content`
    Column("coarse", LargeBinary, info={"fill": near_duplicates.fill_coarse}),  # `near_duplicates.coarse`
    # With what is asked where a drawing is stored or shown: a row is large, and few are read then.
    Index("how_drawings_look", "coarse"),
    Index("equal_drawings", "visitor", "content"),
    Index("which_drawings_count", "visitor", "label", "deleted", "held_out"),
    # What is deleted does not count, so that it may be drawn, and brought back, anew.
    Index(
        "one_drawing_of_each",
        "visitor",
        "label",
        "content",
        unique=True,
        sqlite_where=text("deleted IS NULL"),
        postgresql_where=text("deleted IS NULL"),
    ),
    sqlite_autoincrement=True,
)

answers = Table(
    "answers",
    metadata,
    Column("visitor", String(64), primary_key=True),
    Column("question", String(64), primary_key=True),  # a key of `tutorials.EXERCISES`
    Column("typed", Text, nullable=False),
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
)

own_classes = Table(
    "own_classes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("visitor", String(64), nullable=False, index=True),
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
    Column("content", Text, nullable=False),  # `data.own_classes.write`
    sqlite_autoincrement=True,
)

chosen = Table(
    "chosen",
    metadata,
    Column("visitor", String(64), primary_key=True),
    Column("place", String(32), key="role", primary_key=True),  # what the network does there, such as 'reader'
    Column("network", Integer, nullable=False),  # a run's id, or one that `classifiers` has
)

# -- a class: what their columns mean is said in `core.storage.rooms`


def _of_a_room() -> Column:
    return Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), nullable=False, index=True)


rooms = Table(
    "rooms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("key", String(64), nullable=False),  # the hash of what the teacher's link says
    Column("created", Float, nullable=False),  # seconds since 1970, UTC
    Column("expires", Float),  # the same; None: it is kept
    Column("changes", Integer, nullable=False),  # counts all of them: who has seen so many need not look
    Column("orders", Integer, nullable=False),  # of these, the teachers', which phones look for
    Column("locked", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("network", Integer, nullable=False),  # a run's number, or one that `registry` has
    Column("task_id", Integer),  # the present one
    Column("simulated", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

teachers = Table(
    "room_teachers",
    metadata,
    Column("room_id", ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("visitor", String(64), primary_key=True),
)

pupils = Table(
    "pupils",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_a_room(),
    Column("visitor", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("colour", String(7), nullable=False),
    Column("created", Float, nullable=False),
    Column("removed", Float),  # when
    Index("one_pupil_of_each_visitor", "room_id", "visitor", unique=True),
    Index("one_pupil_of_each_name", "room_id", "name", unique=True),
    sqlite_autoincrement=True,
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_a_room(),
    Column("kind", String(16), nullable=False),
    Column("settings", Text, nullable=False),  # JSON
    Column("status", String(16), nullable=False),  # running, paused, ended
    Column("created", Float, nullable=False),
    Column("ended", Float),
    sqlite_autoincrement=True,
)

room_drawings = Table(
    "room_drawings",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_a_room(),
    Column("pupil_id", ForeignKey("pupils.id", ondelete="CASCADE"), nullable=False),
    Column("task_id", Integer),
    Column("created", Float, nullable=False),
    Column("label", SmallInteger, nullable=False),
    Column("held_out", Boolean, nullable=False),
    Column("pixels", LargeBinary, nullable=False),  # uint8 [28, 28]
    Column("content", String(64), nullable=False),  # `near_duplicates.content`, or `TAKEN_BACK`
    Column("strokes", Text, nullable=False),  # JSON, `files.write_drawing`
    Column("predicted", SmallInteger),
    Column("confidence", Float),
    Column("network", Integer, nullable=False),  # which has predicted it
    Column("removed", Float),  # when
    # So that what is sent twice, because the first answer was lost, is there once.
    Index("one_room_drawing_of_each", "pupil_id", "label", "content", unique=True),
    # With all that is asked at each stroke: a row is large, and of its images and strokes nothing is read then.
    Index(
        "what_is_drawn_in_a_room",
        *("room_id", "pupil_id", "label", "removed", "content", "created", "held_out"),
    ),
    sqlite_autoincrement=True,
)

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_a_room(),
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("pupil_id", ForeignKey("pupils.id", ondelete="CASCADE"), nullable=False),
    Column("about", Integer, nullable=False),  # a drawing's number, a question's, or 0
    Column("value", Float, nullable=False),
    Column("created", Float, nullable=False),
    Index("one_reply_of_each_pupil", "task_id", "pupil_id", "about", unique=True),
)

events = Table(
    "room_events",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_a_room(),
    Column("created", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("about", Text, nullable=False),  # JSON
    Column("undone", Float),  # when
)
