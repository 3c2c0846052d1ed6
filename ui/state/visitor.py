"""Who a visitor is, the only notion of it, and the store as they see it.

The name comes from a cookie that no script can read (`ui.visits`), or, on this computer itself, from the
connection. Drawings, runs, answers and chosen networks are kept under it, and nobody else sees or changes them.
"""

import secrets

import streamlit as st

from core.storage.store import Store, open_store
from ui import visits
from ui.state import keys


def name() -> str:
    """Return this visitor's name, 32 hexadecimal digits, or HOME.

    A browser that keeps no cookie gets a name for this visit alone.
    """
    if (kept := st.session_state.get(keys.VISITOR)) is not None:
        return kept
    found = visits.visitor(_client(), st.context.headers, st.context.cookies)
    st.session_state[keys.VISITOR] = found = visits.name_of(secrets.token_hex(16)) if found is None else found
    return found


def _client() -> str | None:
    """The address of who is connected. Streamlit says nothing of it for this computer, nor where nobody is."""
    headers = st.context.headers
    return (st.context.ip_address or "127.0.0.1") if "Host" in headers else None


def store() -> Store:
    """Return the store as this visitor sees it. Raises StoreError."""
    return open_store().of(name())
