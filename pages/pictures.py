"""The address of before: what it showed is on the Draw page, under Images."""

from ui.state import navigation

navigation.open_images()
