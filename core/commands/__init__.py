"""The commands of `python -m core`: each file adds some, and does what they say."""
