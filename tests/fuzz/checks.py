"""Whether what is said of a file is one sentence."""

SENTENCE = 700  # characters that one may have at most


class Fault(AssertionError):
    """What came out is neither an answer nor one sentence."""


def check_sentence(text: str) -> None:
    if not text or len(text) > SENTENCE or "\n" in text or "Traceback" in text:
        raise Fault(f"no sentence: {text[:100]!r}")
