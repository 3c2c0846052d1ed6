"""Bytes as a data URL: what a page shows without fetching it."""

import base64

PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"


def data_url(content: bytes, media_type: str) -> str:
    """Return the URL. media_type: PNG, JPEG or SVG.

    >>> data_url(b"<svg/>", SVG)
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
