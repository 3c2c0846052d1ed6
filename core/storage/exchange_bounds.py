"""The bounds within which files of drawings are read, and what is said where one is met.

Called by `core.storage.exchange`, `core.storage.exchange_json`, `core.storage.exchange_zip` and
`ui.sections.digit_files`.
"""

MAX_BYTES = 50_000_000  # of the file
MAX_ENTRIES = 200_000  # of an archive
MAX_TAKEN = 20_000  # drawings from one file
MAX_IMAGE_BYTES = 2_000_000  # of one image, unpacked
MAX_UNPACKED = 100_000_000  # bytes of all of them
MAX_PIXELS = 4_000_000  # of one image
MAX_CUT_OUT = 300  # images that are not yet 28 x 28 and centred: each takes some 100 ms
SECONDS = 60.0  # of a core's time for one file; what is left then is left out

TOO_MANY = f"At most {MAX_TAKEN:,} drawings are taken from one file."
TOO_LONG = "The file took more than {:.0f} seconds to read until here; bring the rest in a file of its own."
