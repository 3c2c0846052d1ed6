"""The navigation: a door each for what one may want, and the pages of the one that is open.

On a phone the doors stand where a thumb reaches them, and a door with several pages opens a menu of them.
"""

from pathlib import Path

import streamlit as st

from ui.content.doors import DOORS, PAGES, door_of
from ui.state import keys

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "digit_lab_doors",
    html='<nav class="dl-doors" aria-label="Pages"></nav>'
    '<nav class="dl-pages"></nav><div class="dl-scrim" hidden></div>',
    css=(HERE / "doors.css").read_text(encoding="utf-8"),
    js=(HERE / "doors.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def doors(here: str) -> str | None:
    """Show the navigation; return the page that somebody has just chosen, once.

    here: the name of the file of the page that is shown. Call it once, before the page, outside any fragment.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    root = f"/{base}/" if base else "/"
    told = [
        {
            "name": door.name,
            "icon": door.icon,
            "pages": [
                {**page._asdict(), "href": root + ("" if page is DOORS[0].pages[0] else page.path)}
                for page in door.pages
            ],
        }
        for door in DOORS
    ]
    # place.css leaves the pages their place before they are there.
    st.html(f'<div class="dl-place{" dl-place-alone" * (len(door_of(here).pages) < 2)}"></div>')
    with st.container(key="doors-place"):
        said = _component(key=keys.DOORS, data={"doors": told, "here": here}, on_to_change=lambda: None)
    return said.to if said.to in PAGES and said.to != here else None
