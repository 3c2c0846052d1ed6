"""Where the phones of a class find this app, and the QR picture that says so."""

import os
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

import segno

ADDRESS = (
    "DIGIT_LAB_ADDRESS"  # as phones have to type it, behind a proxy or a tunnel: https://lab.school.example/lab
)


def base(own: list[str]) -> str:
    """Return the address that phones open: what DIGIT_LAB_ADDRESS says, or the first of `own` for them.

    own: this server's addresses, such as http://192.168.1.7:8501.
    """
    said = os.environ.get(ADDRESS, "").strip().rstrip("/")
    if said:
        return said
    return next((one for one in own if "://localhost" not in one), own[0])


def as_opened(url: str) -> str:
    """Return the app's address as a browser has opened one of its pages; '' on this computer itself.

    >>> as_opened("https://lab.school.example/lab/class?code=K7QXM4"), as_opened("http://localhost:8501/class")
    ('https://lab.school.example/lab', '')
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or host in ("", "localhost") or host.startswith(("127.", "::1")):
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}"


def is_said() -> bool:
    """Does DIGIT_LAB_ADDRESS say how phones open it?"""
    return bool(os.environ.get(ADDRESS, "").strip())


def is_reachable(own: list[str]) -> bool:
    """Does the server listen to anybody but this computer?"""
    return is_said() or any("://localhost" not in one for one in own)


def others(own: list[str]) -> list[str]:
    """Return under which other addresses a phone may find this app: none where DIGIT_LAB_ADDRESS says the one.

    >>> others(["http://localhost:8501", "http://192.168.1.7:8501", "http://10.0.0.7:8501"])
    ['http://10.0.0.7:8501']
    """
    return [] if is_said() else [one for one in own if "://localhost" not in one and one != base(own)]


def join(own: list[str], code: str) -> str:
    return f"{base(own)}/join?{urlencode({'code': code})}"


def teach(own: list[str], code: str, secret: str) -> str:
    """The secret link: who opens it is a teacher of this class.

    The secret stands behind the '#', which browsers send to no server, so that no log of a proxy has it.
    """
    return f"{base(own)}/class#{urlencode({'code': code, 'key': secret})}"


@lru_cache(20)
def qr(text: str) -> str:
    """Return a QR picture as the data URL of a PNG, black on white with its quiet zone."""
    return segno.make(text, error="m", micro=False).png_data_uri(scale=8, border=3)
