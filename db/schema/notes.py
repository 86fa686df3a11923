"""Small things to remember."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.schema.base import Base


class NoteRow(Base):
    """Something small to remember, by name."""

    __tablename__ = "note"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
