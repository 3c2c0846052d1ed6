"""The browser's camera, or why it cannot be had and what to do instead."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

NOT_HERE = (
    "A browser lets a page use the camera only over https, or on the computer that runs the app. This page "
    "came over plain http from another device. Choose Picture instead: a phone offers its camera there, too."
)


def photo(label: str, *, key: str, **settings: Any) -> Any:
    """Show the camera and return what was taken, or None; where a browser refuses it, say why, and None."""
    if not allowed(st.context.url):
        st.session_state.pop(key, None)
        st.info(NOT_HERE, icon=":material/no_photography:")
        return None
    return st.camera_input(label, key=key, **settings)


def allowed(url: str | None) -> bool:
    """May a page of this address use the camera, in all browsers? None: the address is not known."""
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
