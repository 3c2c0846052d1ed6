"""Numbers in words, as the pages and the command line say them."""

from collections.abc import Sequence

_DIGITS_OF_AN_ID = 9  # at most: what a database's integers hold


def counted(number: float, noun: str, plural: str = "") -> str:
    """A number and its noun, in the plural where it is not one; plural: where it does not end in a mere s.

    >>> counted(1, "drawing"), counted(0, "drawing"), counted(1234, "drawing"), counted(2, "entry", "entries")
    ('1 drawing', '0 drawings', '1,234 drawings', '2 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def capitalised(text: str) -> str:
    """A text that begins a sentence; all but its first letter stays as it is.

    >>> capitalised("your best, run 2"), capitalised("ReLU"), capitalised("")
    ('Your best, run 2', 'ReLU', '')
    """
    return text[:1].upper() + text[1:]


def with_article(name: str) -> str:
    """A name and its article, as it is spoken: of digits only the 8 begins with a vowel, of letters twelve do.

    >>> with_article("airplane"), with_article("ship"), with_article("8"), with_article("7")
    ('an airplane', 'a ship', 'an 8', 'a 7')
    >>> with_article("F"), with_article("U"), with_article("T-shirt"), with_article("h")
    ('an F', 'a U', 'a T-shirt', 'an h')
    """
    spoken = "8aefhilmnorsx" if len(name) == 1 else "8aeiou"
    return f"{'an' if name[0].lower() in spoken else 'a'} {name}"


def possessive(name: str) -> str:
    """
    >>> possessive("MNIST"), possessive("EMNIST letters")
    ("MNIST's", "EMNIST letters'")
    """
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def dimensions(shape: Sequence[int]) -> str:
    """The shape of an array as it is spoken.

    >>> dimensions((28, 28, 1)), dimensions(())
    ('28 x 28 x 1', '')
    """
    return " x ".join(map(str, shape))


def true_minus(text: str) -> str:
    """Numbers with the sign that is as wide as a plus, in place of the hyphen.

    >>> true_minus(f"{-0.5:.2f} and {1:.1f}")
    '\N{MINUS SIGN}0.50 and 1.0'
    """
    return text.replace("-", "\N{MINUS SIGN}")


def decimal(value: float, digits: int) -> str:
    """A number with so many digits after the point.

    >>> decimal(-0.5, 2)
    '\N{MINUS SIGN}0.50'
    """
    return true_minus(f"{value:.{digits}f}")


def ordinal(number: int) -> str:
    """A number in a row, as it is written.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def percent(value: float | None) -> str:
    """Return an accuracy in words, or a dash where it is not known: it is never 0.

    >>> percent(0.9281), percent(None)
    ('92.81%', '–')
    """
    return "–" if value is None else f"{value:.2%}"


def fraction(count: int, of: int) -> str:
    """Return how many of how many, as a whole percentage; never 0% of some, nor 100% of all but some.

    >>> fraction(7, 8), fraction(17992, 18000), fraction(8, 8), fraction(1, 10**6)
    ('88%', '99.96%', '100%', '0.0001%')
    """
    said = "0%"
    for digits in range(8 if of else 0):
        said = f"{count / of:.{digits}%}"
        if (float(said[:-1]) == 0) == (count == 0) and (float(said[:-1]) == 100) == (count == of):
            break
    return said


def confidence(probability: float) -> str:
    """Return how confident a network is, in words: nothing is rounded to a certainty. probability: 0..1.

    The browser says the same of its own answers: `ui/components/live/confidence.js`.

    >>> confidence(0.873), confidence(0.99897), confidence(0.99991), confidence(1)
    ('87.3%', '99.9%', 'over 99.9%', 'over 99.9%')
    """
    return "over 99.9%" if probability > 0.999 else f"{probability:.1%}"


# Two digits that have at least this probability each: neither is said to be the one.
EITHER = 0.3


def in_words(probabilities: Sequence[float]) -> str:
    """The most probable digit and how confident that is; or both, where another is nearly as probable.

    >>> in_words([0] * 8 + [1, 0]), in_words([0, 0.52, 0, 0, 0, 0, 0, 0.45, 0.03, 0])
    ('8 (over 99.9%)', 'a 1 or a 7 (52.0%, 45.0%)')
    """
    first, second = sorted(range(len(probabilities)), key=lambda digit: -probabilities[digit])[:2]
    if probabilities[second] < EITHER:
        return f"{first} ({confidence(probabilities[first])})"
    both = f"{with_article(str(first))} or {with_article(str(second))}"
    return f"{both} ({probabilities[first]:.1%}, {probabilities[second]:.1%})"


def duration(seconds: float) -> str:
    """Return how long something takes or took.

    >>> duration(4.21), duration(9.97), duration(59.7), duration(239.8), duration(6900)
    ('4.2 s', '10 s', '1 min 0 s', '4 min 0 s', '1 h 55 min')
    """
    if round(seconds, 1) < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)  # before it is divided: 60 s are a minute
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def parse_number(text: str) -> float | None:
    """Return a number as people write it, with a comma or a point, or as a fraction; None where it is none.

    >>> [parse_number(text) for text in ("-1", "0,5", " 1/8 ", "ten", "1/0", "")]
    [-1.0, 0.5, 0.125, None, None, None]
    """
    try:
        over, _, under = text.strip().replace(",", ".").replace("−", "-").partition("/")
        return float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        return None


def parse_id(text: str) -> int | None:
    """Return the number of a run or sweep as people write it, as large as a database holds; None for all else.

    >>> [parse_id(text) for text in ("7", "999999999", "-1", "1.5", "1234567890", "")]
    [7, 999999999, None, None, None, None]
    """
    return int(text) if text.isdecimal() and len(text) <= _DIGITS_OF_AN_ID else None


def printable(text: object, most: int = 100) -> str:
    r"""What can be stored, shown and sent of a text from a file, cut off after `most`; '' of other things.

    Left out are control characters (a database takes no NUL) and halves of characters (no file takes these).

    >>> printable("a\0 \ud800network")
    'a network'
    """
    return "".join(c for c in text[:most] if c.isprintable()) if isinstance(text, str) else ""
