"""The interface's texts in the reader's language: gettext catalogues under bot/locales, dates by Babel.

Texts are written in English in the code, as `words("No stored source speaks to this.")` or `words.plural("1 source", "{n} sources", n)`.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "crosscheck"
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}


@dataclass(frozen=True)
class Words:
    """The texts of one language. `locale` is Babel's name of it, as "en", "en_GB", "de"."""

    locale: str
    _catalogue: gettext.NullTranslations

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, its {names} filled in."""
        return self._catalogue.gettext(text).format(**values) if values else self._catalogue.gettext(text)

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """The form for n things; {n} and the other {names} are filled in."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, n: int) -> str:
        from babel.numbers import format_decimal

        return format_decimal(n, locale=self.locale)

    def date(self, when: datetime | None) -> str:
        """24 Feb 2025 as this language writes it, in UTC: the outlet's date, wherever the reader is; or that there is none."""
        from babel.dates import format_date

        return format_date(when.astimezone(UTC), "medium", locale=self.locale) if when else self("no date given")

    def ago(self, span: timedelta) -> str:
        """How long ago, as "2 days ago"."""
        from babel.dates import format_timedelta

        return format_timedelta(-span, add_direction=True, locale=self.locale, threshold=1.0)

    def duration(self, span: timedelta) -> str:
        """How long, as "8 seconds"."""
        from babel.dates import format_timedelta

        return format_timedelta(span, locale=self.locale, threshold=1.0)


@cache
def words_for(locale: str | None) -> Words:
    """The texts for a locale as Discord names it ("de", "es-419", "en-US"); English where there is no catalogue."""
    language = (locale or "en").replace("_", "-").split("-")[0].casefold()
    if language not in LANGUAGES:
        language, locale = "en", "en"
    return Words(_babel_locale(locale or "en", language), gettext.translation(DOMAIN, LOCALES, [language], fallback=True))


def load_languages() -> None:
    """Load all that dates and numbers need: up to half a second at the first of them, which nobody who asks should wait for."""
    for language in LANGUAGES:
        words = words_for(language)
        words.number(1), words.date(datetime.now(UTC)), words.duration(timedelta(seconds=1))


def _babel_locale(locale: str, language: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return language
