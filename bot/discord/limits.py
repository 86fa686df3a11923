"""Discord's limits (API documentation of August 2026). Characters are counted as UTF-16 code units (bot/texts.py: units)."""

from __future__ import annotations

MAX_TEXT = 4_000  # characters of all texts of a message of components
MAX_CONTENT = 2_000  # of a plain message
MAX_FIELD = 4_000  # of a form's field, and what we take of a command's option
MAX_OPTIONS, MAX_OPTION = 25, 100  # options of a select, characters of a label; the same for the choices of an autocomplete
MAX_SELECTED = 25  # values of a select
MAX_CUSTOM_ID = 100
MAX_TITLE = 45  # characters of a form's title
