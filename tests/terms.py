"""Our own texts as they are read: without what makes a term explain itself."""

import re


def without_notes(text: str) -> str:
    """
    >>> without_notes("ten [epochs](#term-epoch), not [more](https://a.b)")
    'ten epochs, not [more](https://a.b)'
    """
    return re.sub(r"\[([^\]]*)\]\(#term-[a-z0-9-]+\)", r"\1", text)
