"""Every name under which a session keeps something, once.

`st.session_state` is one dictionary for all pages, so a name that two places choose by chance would be shared
by them. Nobody else writes such a name: `tests/unit/test_layout.py` sees to it. Keys of what keeps nothing that
the app reads, a button, a container or a popover, are hooks of a style or a test, and stand where it does.
"""

from collections.abc import Sequence
from typing import Final

# -- the visitor, and which networks answer
VISITOR: Final = "browser"
CONNECTION: Final = "connection"
NETWORK: Final = "reader"  # a network's id, as core.models.registry has it: it reads what is drawn
SECOND_NETWORK: Final = "second_reader"
NETWORKS_RECALLED: Final = "readers-recalled"  # are those of an earlier visit taken over?

# -- the way through the app
DOORS: Final = "doors"
TOUR: Final = "tour-bar"
TOUR_BEGUN: Final = "tour-begun"  # how often it was asked for
PAGE: Final = "page"  # that was shown last
PAGE_PLACE: Final = "page-place"  # where on it, once
WAY_BACK: Final = "way-back"  # to the lesson that has led elsewhere
ADDRESS: Final = "address"  # (page, what its address said of it when it was read or written last)
LINK: Final = "copy-link"  # the line that shows one
ADDRESS_SAID: Final = "address-said"  # what a link asked for that cannot be
SUBJECT: Final = "subject"  # digits or images
SUBJECT_ASKED: Final = "subject-asked"  # what it will be, once

# -- the canvas, on Draw and on Look inside
CANVAS: Final = "canvas"
CANVAS_HISTORY: Final = "canvas_history"
CANVAS_PLACE: Final = "canvas_place"  # in the history
CANVAS_SEEN: Final = "canvas_seen"  # its present state as a drawing and as an image
CANVAS_LOADED: Final = "canvas_loaded"  # what the browser was handed last
CANVAS_ECHOES: Final = "canvas_echoes"
CANVAS_SESSION: Final = "canvas_session"
CANVAS_HELPERS: Final = "canvas-helpers"
CANVAS_GHOST: Final = "canvas-ghost"  # what an empty canvas asks for, where that is no digit at will
CANVAS_FULL: Final = "canvas_full"
CANVAS_LINKED: Final = "canvas-linked"  # the text of a link's drawing, as long as nothing else is on it
CANVAS_FROM_LINK: Final = "canvas-from-link"  # the same, until it is on it
BRUSH: Final = "brush"
REPAIRED: Final = "repaired"  # the image whose traces lie on it

# -- reading in the browser
LIVE: Final = "live-bars"
LIVE_SENT: Final = "live_networks"
LIVE_HELD: Final = "live_networks_held"
LIVE_ASKED: Final = "live_networks_asked"
ANSWER_TURN: Final = "bars_turn"
HEAT_SCRIPT: Final = "heat-script"

# -- Draw
DRAW_WAY: Final = "way"  # Draw, Image or Camera
DRAW_FILE: Final = "picture"
DRAW_PHOTO: Final = "camera"
DRAW_SAMPLES: Final = "samples"
DRAW_SAMPLED: Final = "sampled"  # is the image that is shown one of the app's?
NUMBER_DIGIT: Final = "number-digit"  # the place of the digit that is looked at
NUMBER_READ: Final = "number_read"  # an image, what read it, and the number in it
SHOWS_WHY: Final = "shows-why"  # is the ink coloured?
LABEL: Final = "teach-label"
LABEL_SHOWN: Final = "teach-shown"  # what a label would be given to
LABEL_PROBLEM: Final = "teach-problem"
LABEL_KEPT: Final = "teach-kept"  # in this visit
LABEL_PROMPTS: Final = "teach-prompts"  # is it to be said what to draw next?
LABEL_PROMPT: Final = "teach-prompt"  # which digit that is

# -- My digits
DIGITS_NETWORK: Final = "measured"
DIGITS_NETWORK_OF_DRAW: Final = "measured-then"  # which one read the Draw page when that was chosen
DIGITS_CLASS: Final = "digit"
DIGITS_MISREAD: Final = "only-misread"
DIGITS_PAGE: Final = "digits-page"
DIGITS_RELABEL: Final = "relabel"
DIGITS_TURN: Final = "digits-turn"  # counts what was done, after which nothing is chosen
DIGITS_DONE: Final = "digits-done"
WEAK_SIZE: Final = "weak-size"  # digits that the network has seen which is taught from a weak start
WEAK_ASKED: Final = "weak-asked"  # the size for which trainings are begun, one after the other
WEAK_SAID: Final = "weak-said"
IMPORT_FILE: Final = "import"
IMPORT_BEGUN: Final = "import-read"
IMPORT_JOB: Final = "import-job"
IMPORT_TAKEN: Final = "digits-imported"
IMPORT_QUESTION: Final = "import-question"
IMPORT_COUNTS: Final = "import-counts"  # the answer to it
IMPORT_PROBLEM: Final = "import-problem"

# -- Own classes
OWN_SET: Final = "own-set"  # the number of the set that is shown
OWN_NAMES: Final = "own-names"
OWN_FILE: Final = "own-file"
OWN_FILE_READ: Final = "own-file-read"  # the last that was taken in
OWN_BASE: Final = "own-base"  # a network's number, or -1 for its pixels
OWN_IMAGE_BASE: Final = "own-image-base"  # the same of classes of images
OWN_WAY: Final = "own-way"  # camera or upload
OWN_PHOTO: Final = "own-photo"
OWN_FILES: Final = "own-files"
OWN_SAID: Final = "own-said"  # one sentence about what was done or is wrong
OWN_TURN: Final = "own-turn"  # counts the fields that begin anew

# -- the rooms behind Look inside
INSIDE_WAY: Final = "inside-way"
INSIDE_NUMBER: Final = "inside-number"
INSIDE_CLASS: Final = "inside-class"
INSIDE_IMAGE_CLASS: Final = "inside-class-in-colour"
INSIDE_STATE_SHOWN: Final = "inside-state-shown"  # the step of the training that the browser reads with
INSIDE_CLICKED: Final = "inside_test_digit"  # a test image to be shown next, once
INSIDE_VIEW: Final = "inside-view"  # from left to right, or all maps
INSIDE_BEGIN: Final = "inside-begin"  # (layer, map), both from 1, that a link opens
FLOW: Final = "flow"
MAPS: Final = "maps"
MAPS_CLICKED: Final = "maps-look"  # as INSIDE_CLICKED
DECIDED_ALL: Final = "decided-all"  # are the four methods shown?
DECIDED_METHOD: Final = "decided-method"
DECIDED_CLASS: Final = "decided-asked"  # which class, -1 for the one that is read
DECIDED_LINKED: Final = "decided-linked"  # the same of a link, once
DECIDED_PATCH: Final = "decided-patch"
DECIDED_BARE: Final = "decided-bare"
NEIGHBOURHOOD_MAP: Final = "neighbourhood-map"
NEIGHBOURHOOD_CHART: Final = "neighbourhood-chart"
SMALL_STAR: Final = "small-star"

# -- Fool it
FOOL_HOW: Final = "fool-how"  # pixels, pen or dream
FOOL_TARGET: Final = "fool-target"  # what it is to be taken for; -1 for anything else
FOOL_NORM: Final = "fool-norm"
FOOL_BUDGETS: Final = "fool-budget"  # by norm, see `fool_budget`
FOOL_ONE_STEP: Final = "fool-one-step"
FOOL_STEP: Final = "fool-step"
FOOL_OTHERS: Final = "fool-others"  # are the other networks asked?
FOOL_NONE: Final = "fool-none"  # that no budget was enough
FOOL_STROKE: Final = "fool-stroke"  # (what it was found for, the stroke or None)
FOOL_DRAWN: Final = "fool-drawn"  # the challenge: what is drawn
FOOL_TAKEN: Final = "fool-taken"  # and what it is to be taken for
FOOL_BEST: Final = "fool-best"  # points, by the two of them and the network
DREAM_LAYER: Final = "dream-layer"
DREAM_UNIT: Final = "dream-unit"
DREAM_HELD: Final = "dream-held"  # the regularisers
DREAM_SEED: Final = "dream-seed"

# -- Break it
BREAK_WHAT: Final = "break-what"  # the network or the drawing
BREAK_FIELD: Final = "break-field"  # of the network's damage: see `break_field`
BREAK_PAST: Final = "break-past"  # ((its name, its fingerprint), what was done to it, one after the other)
BREAK_LINKED: Final = "break-linked"  # what a link does to it, once
BREAK_EDITION: Final = "break-edition"  # counts what was taken back: each has fields of its own
BREAK_OF_LAYER: Final = "break-layer"  # whose parts are switched off
BREAK_KERNEL: Final = "break-kernel"  # is one edited?
BREAK_CURVE: Final = "break-curve"  # 'how much can go' of what
BREAK_HOW: Final = "break-how"  # a kind of distortion
BREAK_AMOUNT: Final = "break-amount"
BREAK_TESTED: Final = "break-tested"  # are the test digits read, too?

# -- images in colour, on Draw and behind Look inside
IMAGES_NETWORK: Final = "pictures-network"
IMAGES_WAY: Final = "pictures-way"
IMAGES_NUMBER: Final = "pictures-number"  # of the test image
IMAGES_FILE: Final = "pictures-file"
IMAGES_PHOTO: Final = "pictures-camera"
IMAGES_SAMPLES: Final = "pictures-samples"
IMAGES_BROUGHT: Final = "pictures-brought"  # the last upload or photograph, which outlives a change of page

# -- Train
CONFIG: Final = "config"  # what the form says
RECIPE: Final = "recipe"
FORM: Final = "form"  # counts the forms that were filled from outside: each has fields of its own
START_FROM: Final = "start-from"
LAYER_TABLE: Final = "layer-table"  # is it open?
LAYER_DIAGRAM: Final = "picture"  # is it open? DRAW_FILE's name, of which a page keeps nothing for another
LAYERS_EDITION: Final = "layers_edition"  # counts the changes of the table: each has fields of its own
LAYERS_BEFORE: Final = "layers_before"
NETWORK_EDITOR: Final = "network-editor"
NETWORK_EDITOR_HEARD: Final = "network-editor-heard"  # the number of the last change that was made on the image
NETWORK_EDITOR_SAID: Final = "network-editor-said"  # why it was not
BUILD_TASK: Final = "build-what"  # the network that somebody was asked to build
KERAS_FILE: Final = "keras-file"
KERAS_OPENED: Final = "keras-opened"
RUN: Final = "run"  # the one that is shown
FINE_END: Final = "fine-end"  # of the curves alone
DRAWING_SENT: Final = "drawing-sent"  # (run, the bytes of its pixels)

# -- Runs
RUNS_LISTED: Final = "runs-listed"
RUNS_TABLES: Final = "runs-tables"  # counts them: each has ticks of its own
RUNS_TICKED: Final = "runs-ticked"
RUNS_TICKED_AT_FIRST: Final = "runs-ticked-at-first"
RUNS_DELETED: Final = "deleted"
RUNS_ORDER: Final = "runs-order"
RUNS_GROUP: Final = "runs-group"
RUNS_COLUMNS: Final = "runs-columns"
RUNS_SMOOTHING: Final = "runs-smoothing"
RUNS_LOG: Final = "runs-log"
RUNS_COMPARED: Final = "compared"
BOARD_DATA: Final = "board-data"

SWEEP: Final = "sweep"  # the one that is shown
SWEEP_DELETED: Final = "sweep-deleted"
SWEEP_FORM: Final = "sweep-form"  # is it open?
SWEEP_VARIED: Final = "sweep-varied"
SWEEP_METHOD: Final = "sweep-method"
SWEEP_BUDGET: Final = "sweep-budget"
SWEEP_SEEDS: Final = "sweep-seeds"

# -- Mistakes
MISTAKES_NETWORK: Final = "mistakes-network"
MISTAKES_OPENED: Final = "mistakes-opened"  # has the page been, in this visit?
MISTAKES_KIND: Final = "mistakes-kind"
MISTAKES_ORDER: Final = "mistakes-order"
MISTAKES_TRUE: Final = "mistakes-true"
MISTAKES_READ: Final = "mistakes-read"
MISTAKES_SURE: Final = "mistakes-sure"
MISTAKES_VIEW: Final = "mistakes-view"
MISTAKES_MATRICES: Final = "mistakes-matrices"  # counts them: each holds the cell that was clicked on
MISTAKES_CLICKED: Final = "mistakes-clicked"
MISTAKES_GALLERY: Final = "mistakes-gallery"
MISTAKES_PAGE: Final = "mistakes-page"
MISTAKES_NUMBER: Final = "mistakes-number"
TWO_NETWORK: Final = "mistakes-other"
TWO_GROUP: Final = "mistakes-two-group"
TWO_GALLERY: Final = "mistakes-two-gallery"
TWO_PAGE: Final = "mistakes-two-page"
TWO_NUMBER: Final = "mistakes-two-number"

# -- Data
DATA_SET: Final = "data-set"
DATA_COLOUR_SET: Final = "data-set-in-colour"
DATA_SHOWN: Final = "data-shown"  # the set that the choices below are of
DATA_NUMBER: Final = "data-number"
DATA_CLASS: Final = "data-class"
DATA_PAGE: Final = "data-page"
DATA_LABEL: Final = "data-label"
DATA_GALLERY: Final = "data-gallery"
DATA_CHANNEL: Final = "data-channel"
DATA_SCALE: Final = "data-scale"
AUGMENT_SEED: Final = "augment-seed"

# -- Convolution
CONV_PART: Final = "conv-part"
CONV_IMAGE: Final = "conv-picture"
CONV_KERNEL: Final = "conv-kernel"
CONV_TEXTS: Final = "conv-texts"
CONV_SIZE: Final = "conv-size"
CONV_STRIDE: Final = "conv-stride"
CONV_PADDING: Final = "conv-padding"
CONV_ZEROS: Final = "conv-zeros"
CONV_EXAMPLE: Final = "conv-example"  # the window over it
CONV_DRAWING: Final = "conv-drawing"
CONV_SOURCE: Final = "conv-source"
CONV_IMAGE_KERNEL: Final = "conv-image-kernel"
CONV_IMAGE_TEXTS: Final = "conv-image-texts"
CONV_LEARNT: Final = "conv-learnt"
CONV_FILE: Final = "conv-file"
CONV_PHOTO: Final = "conv-photo"
CONV_IMAGES: Final = "conv-images"

# -- Pooling
POOL_IMAGE: Final = "pool-picture"
POOL_WINDOW: Final = "pool-window"
POOL_STRIDE: Final = "pool-stride"
POOL_SHIFT: Final = "pool-shift"
POOL_MAPS: Final = "pool-maps"
POOL_LAYER: Final = "pool-layer"
POOL_MAP: Final = "pool-map"
POOL_EXAMPLE: Final = "pool-example"  # the window over it
POOL_OWN: Final = "pool-own"

# -- Lessons
STEPS_SOLVED: Final = "steps-solved"  # what was answered rightly, by the question's key
STEPS_RECALLED: Final = "steps-recalled"  # whose answers were taken over
STEPS_NOT_KEPT: Final = "steps-not-kept"  # why they are not
LESSON_NINE: Final = "lesson-nine"  # have the nine trainings been asked for?

# -- Tutorials
LESSON: Final = "lesson"
SOLVED: Final = "exercises-solved"
SOLVED_RECALLED: Final = "exercises-recalled"  # whose answers were taken over
SOLVED_NOT_KEPT: Final = "exercises-not-kept"  # why they are not
SOLVED_LATEST: Final = "exercises-latest"  # the lesson of the latest


# -- a class
ROOM: Final = "room"  # the one that is taught
ROOM_SECRETS: Final = "room-secrets"  # {room: what its teacher's link says}, of rooms begun in this visit
TEACHER_KEY: Final = "teacher-key"
ROOM_NEW_LINK: Final = "room-new-link"
ROOM_REFUSED: Final = "room-refused"  # why a teacher's link opened nothing just now
ROOM_GONE: Final = "room-gone"  # was it deleted just now?
ROOM_KEEP: Final = "room-keep"
ROOM_TASK: Final = "room-task"
ROOM_DRAW: Final = "room-draw"
ROOM_AS: Final = "room-as"
ROOM_PUPILS: Final = "room-pupils"  # simulated ones
ROOM_HIDE: Final = "room-hide"
ROOM_GUESS: Final = "room-guess"
WALL: Final = "wall"  # the tap on it
WALL_PICKED: Final = "wall-tapped"
WALL_SENT: Final = "wall-sent"  # numbers of the drawings whose images the browser was sent
WALL_VIEW: Final = "wall-view"
REPLAY: Final = "replay"
REPLAY_SENT: Final = "replay-sent"
CLASS_MAP: Final = "class-map"
CLASS_MAP_SENT: Final = "class-map-sent"
JOIN_CODE: Final = "join-code"  # as it is typed
JOIN_ROOM: Final = "join-room"
JOIN_ASKED: Final = "join-digit"  # the digit that is asked for
JOIN_READ: Final = "join-read"  # an image, the network and its prediction, which were last
JOIN_TURN: Final = "join-turn"  # how many were sent in this visit
JOIN_SAID: Final = "join-said"
JOIN_QUEUE: Final = "join-queue"  # what the browser has kept
JOIN_FULL: Final = "join-full"  # {room: why what the browser has kept will never be stored}
JOIN_GUESS: Final = "join-guess"
ROOM_WATCH: Final = "room-watch"

# -- several of a kind


def read_of(upload: str) -> str:
    """What came of the file or photograph that this uploader or camera holds."""
    return f"{upload}-read"


def brought_of(upload: str) -> str:
    """That file as an image, and which part of it is read."""
    return f"{upload}-brought"


def crop_of(upload: str) -> str:
    """The box on that image."""
    return f"{upload}-crop"


def train_field(form: int, name: str, of: str = "") -> str:
    """A field of the Train form. of: the optimizer, where each has a field of its own."""
    return f"train-{form}{'-' * bool(of)}{of}-{name}"


def sweep_values(name: str) -> str:
    """What a sweep tries for a setting."""
    return f"sweep-{name}"


def layer_field(edition: int, place: int, name: str) -> str:
    """A setting of the layer at this place of the table."""
    return f"layer-{edition}-{place}-{name}"


def fool_budget(norm: str) -> str:
    """Each norm has its own unit."""
    return f"{FOOL_BUDGETS}-{norm}"


def dream_unit(layer: str) -> str:
    """Another layer has other units; '' for the classes."""
    return f"{DREAM_UNIT}-{layer}"


def break_field(edition: int, name: str) -> str:
    """A control of the damage to a network."""
    return f"{BREAK_FIELD}-{edition}-{name}"


def break_amount(how: str) -> str:
    """Each kind of distortion has its own unit."""
    return f"{BREAK_AMOUNT}-{how}"


def run_field(run: int, name: str) -> str:
    """What is written of a run: its name, notes, tags, and whether it is the baseline."""
    return f"run-{run}-{name}"


def steer_field(run: int, name: str) -> str:
    """A setting that is changed while this run trains."""
    return f"steer-{run}-{name}"


def inside_state(run: int) -> str:
    """The moment of this run's training that is looked at."""
    return f"inside-state-{run}"


def own_field(name: str, turn: int) -> str:
    """A field that begins anew when what it said is done."""
    return f"{name}-{turn}"


def decided_layer(layers: Sequence[str]) -> str:
    """Other layers, another choice."""
    return f"decided-layer-{'-'.join(layers)}"


def decided_class(read: int, rival: int, count: int, noun: str) -> str:
    """Another reading, another question. count: of the classes there are. noun: what they are of."""
    return f"decided-class-{read}-{rival}-of-{count}-{noun}"


def runs_table(number: int) -> str:
    return f"runs-{number}"


def mistakes_set(data: str) -> str:
    """What networks are measured on that are tested on this data set, a key of `datasets.KINDS`."""
    return f"mistakes-set-{data}"


def mistakes_matrix(number: int) -> str:
    return f"mistakes-matrix-{number}"


def digits_gallery(turn: int, page: int, digit: int | None, misclassified: bool) -> str:
    """Other images, another choice among them."""
    return f"gallery-{turn}-{page}-{digit}-{misclassified}"


def augment(change: str) -> str:
    """The slider of a field of Augmentation on the Data page."""
    return f"augment-{change}"


def lesson_field(lesson: str, name: str) -> str:
    """What is moved in a lesson's live part."""
    return f"lesson-{lesson}-{name}"


def step_field(question: str) -> str:
    """What is answered to a step's question."""
    return f"step-{question}"


def typed(exercise: str) -> str:
    """What was typed into an exercise's field, which forgets it where another lesson is shown."""
    return f"typed-{exercise}"


def exercise_field(exercise: str) -> str:
    return f"answer-{exercise}"
