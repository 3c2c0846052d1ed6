"""Numbers in words, as the pages and the command line say them."""


def counted(number: float, noun: str, plural: str = "") -> str:
    """A number and its noun, in the plural where it is not one; plural: where it does not end in a mere s.

    >>> counted(1, "drawing"), counted(0, "drawing"), counted(1234, "drawing"), counted(2, "entry", "entries")
    ('1 drawing', '0 drawings', '1,234 drawings', '2 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float | None) -> str:
    """Return an accuracy in words, or a dash where it is not known: it is never 0.

    >>> percent(0.9281), percent(None)
    ('92.81%', '–')
    """
    return "–" if share is None else f"{share:.2%}"


def printable(text: object, most: int = 100) -> str:
    r"""What can be stored, shown and sent of a text from a file, cut off after `most`; '' of other things.

    Left out are control characters (a database takes no NUL) and halves of characters (no file takes these).

    >>> printable("a\0 \ud800network")
    'a network'
    """
    return "".join(c for c in text[:most] if c.isprintable()) if isinstance(text, str) else ""
