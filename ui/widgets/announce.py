"""Announcements for screen readers of what is seen elsewhere on the page."""

import streamlit as st

_status = st.components.v2.component(
    "digit_lab_status",
    html='<div role="status"></div>',
    # The element stays while its text changes, which is what is read out.
    js="""
export default function ({ data, parentElement }) {
  const status = parentElement.querySelector("[role=status]");
  if (status.textContent !== data.text) status.textContent = data.text;
}
""",
)


def announce(text: str, key: str) -> None:
    """Have a sentence read out when it changes. Put it up on every run, with '' where nothing is to be said."""
    _status(key=f"announce-{key}", data={"text": text})
