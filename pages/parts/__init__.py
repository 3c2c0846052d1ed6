"""What several pages draw.

Until `st.navigation` is called for the first time in a server's life, Streamlit takes the scripts in
pages/ for an app of the old kind, and whoever comes first, by a link to a page, gets it without app.py.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
