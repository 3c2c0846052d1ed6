"""Terms that explain themselves, on hover, on focus and on a tap: in every text that is put up with these.

A component's own text is marked by its script, with `markTerms` of mark_terms.js: `bundled` gives it the words,
and `LINKS` belongs to its styles.
"""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from core.io.bundle import bundle
from ui.content.glossary import ADDRESS, KEYS, TERMS, WORD, marked, marked_html

HERE = Path(__file__).parent
LINKS = (HERE / "term_links.css").read_text(encoding="utf-8")
_NO_WORDS = 'const GLOSSARY = { pattern: "(?!)", keys: {} };'

_watch = st.components.v2.component(
    "digit_lab_term_notes", js=(HERE / "term_notes.js").read_text(encoding="utf-8")
)


def watch() -> None:
    """Let the browser show what a term means. Call it once, before the page, outside of any fragment."""
    _watch(
        key="term-notes", data={"address": ADDRESS, "notes": {key: term.note for key, term in TERMS.items()}}
    )


def bundled(entry: Path) -> str:
    """Return a component's script as `bundle` does, with the glossary's words where it marks them."""
    words = json.dumps({"pattern": WORD, "keys": KEYS})
    return bundle(entry).replace(_NO_WORDS, f"const GLOSSARY = {words};")


def markdown(text: str) -> None:
    """Show Markdown of our own, its terms marked."""
    st.markdown(marked(text))


def caption(text: str) -> None:
    """The same in small."""
    st.caption(marked(text))


def header(text: str, **settings: Any) -> None:
    """A heading of the second level. settings: of st.header."""
    st.header(marked(text), **settings)


def subheader(text: str) -> None:
    """A heading of the third level."""
    st.subheader(marked(text))


def html(text: str) -> None:
    """Show HTML of our own. What somebody typed does not belong into it."""
    st.html(marked_html(text))


def every_term() -> None:
    """The whole glossary, by the alphabet."""
    terms = sorted(TERMS.values(), key=lambda term: term.name.lower())
    st.markdown("\n".join(f"- **{term.name}**: {term.note}" for term in terms))
