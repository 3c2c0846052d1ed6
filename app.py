"""Digit Lab: page settings and navigation, nothing else."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.storage.store import StoreError
from ui import map_routes, room_routes, say, server, visits
from ui.components import address, connection, doors, focus, page_top, plotly_chart, term_notes, theme, tour
from ui.content.doors import PAGES
from ui.sections import way_back
from ui.state import keys, links, navigation, worker
from ui.styles import STYLES

HERE = Path(__file__).parent  # it may be started from anywhere
MENU = "**Digit Lab**: draw a digit, watch a neural network read it, and look at the numbers behind its answer."


def main() -> None:
    # Before the navigation: else a page's icon becomes the tab's, which the browser would fetch from a company.
    # With an entry of our own there is a menu, and in it the choice of light, dark or the system's theme.
    st.set_page_config(page_icon=HERE / "assets/icon.png", layout="wide", menu_items={"About": MENU})
    st.html(f"<style>{STYLES}</style>")
    st.logo(HERE / "assets/logo.svg", size="medium")
    connection.watch()
    pages = {page: _page(page) for page in (*PAGES, *navigation.MOVED)}
    page = st.navigation([*pages.values(), *_detour(pages)], position="hidden")
    here = next((name for name, one in pages.items() if one is page), "draw")
    if to := doors.doors(here):
        navigation.open_page(to)
    if to := tour.tour(here):
        navigation.open_page(to)
    navigation.arrive(here)
    with st.container(key="unseen"):
        plotly_chart.scroll_by_touch()
        focus.keep()
        theme.keep()
        term_notes.watch()
        address.watch()
        page_top.begin(page.url_path, st.session_state.pop(keys.PAGE_PLACE, ""))
    way_back.bar(here)
    links.open_address(here)
    # Each tab and each entry of a browser's history says which page it is.
    st.set_page_config(page_title=f"{page.title} · Digit Lab")
    try:
        page.run()
        links.keep()
    except StoreError as error:
        say.error(error)
    worker.warm_up()


def _page(name: str) -> st.Page:
    """Of a page behind a door, or of an address of before, which leads to one."""
    if name not in PAGES:
        return st.Page(f"pages/{name}.py", title=name, visibility="hidden")
    found, is_first = PAGES[name], name == "draw"
    path = "" if is_first else None
    return st.Page(
        f"pages/{name}.py", title=found.name, icon=f":material/{found.icon}:", url_path=path, default=is_first
    )


def _detour(pages: dict[str, st.Page]) -> list[st.Page]:
    """A hidden page for an address that is none: it leads to another.

    Streamlit itself would show its main page under the old name, with a dialog over it, and put that page up
    anew at the next click or stroke, which would be lost.
    """
    asked = unquote(urlsplit(st.context.url or "").path).rstrip("/").rpartition("/")[2].strip()
    if not asked or asked in {page.url_path for page in pages.values()}:
        return []
    return [st.Page(lambda: st.switch_page(pages["draw"]), title="Draw", url_path=asked, visibility="hidden")]


# Streamlit runs this file anew, as __main__, for each visit of a page. Before that, its server imports it
# as `app`. A worker process imports it under a third name, and must do neither.
if __name__ == "__main__":
    main()
elif __name__ == "app":
    # Or the first visit to a server would take the files in pages/ for its pages before this one has run.
    PagesManager.uses_pages_directory = False
    app = st.App(
        __file__,
        routes=[*map_routes.routes(), *room_routes.routes(), *visits.routes()],
        middleware=server.middleware(),
        lifespan=server.lifespan,
    )
