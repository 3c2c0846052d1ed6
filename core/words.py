"""Numbers in words, as the pages and the command line say them."""


def counted(number: float, noun: str, plural: str = "") -> str:
    """A number and its noun, in the plural where it is not one; plural: where it does not end in a mere s.

    >>> counted(1, "drawing"), counted(0, "drawing"), counted(1234, "drawing"), counted(2, "entry", "entries")
    ('1 drawing', '0 drawings', '1,234 drawings', '2 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
