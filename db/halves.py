"""Vectors in a column: little-endian float16 as bytes, which PostgreSQL keeps as pgvector's halfvec, so that it can search them.

In Python they are bytes everywhere. halfvec's text gives each number in as many digits as tell it from its neighbours, so that
writing and reading changes none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine, UserDefinedType

from retrieval.ports import Vectors


class Halfvec(UserDefinedType[str]):
    """pgvector's type; its values are text like "[1,0.5]"."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "halfvec"


class HalfBytes(TypeDecorator[bytes]):
    """A column of float16 vectors, whatever the database."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Halfvec() if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ANN401 - bytes or text, by the database
        if value is None or dialect.name != "postgresql":
            return value
        return as_text(np.frombuffer(value, dtype="<f2").astype(np.float32))

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401
        if value is None or isinstance(value, bytes):
            return value
        return np.array(value[1:-1].split(","), dtype="<f2").tobytes()


def as_text(vector: Vectors) -> str:
    """A vector as pgvector reads it."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


ischema_names["halfvec"] = Halfvec  # so that a database can be compared with the models
