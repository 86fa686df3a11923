"""People by keyed hashes: the store can tell that two askings are one person's, and not whose, without the key."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from db.ownership import make_folder
from retrieval.errors import UserError

KEY_BYTES = 32


class Pseudonyms:
    """Hashes user ids with HMAC-SHA256 (RFC 2104) under a key that is not in the database."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, user_id: int) -> str:
        """32 hexadecimal digits, the same for the same person and key."""
        return hmac.new(self._key, str(user_id).encode(), hashlib.sha256).hexdigest()[:32]


def derived(key: bytes, label: str) -> bytes:
    """Another key out of the key, for another use: what is made with one tells nothing about what is made with the other."""
    return hmac.new(key, label.encode(), hashlib.sha256).digest()


def read_key(file: Path) -> bytes | None:
    """The key in a file; None where there is none. Raises UserError where it cannot be read, or is no key."""
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError("The key {file} cannot be read: {reason}.", file=file, reason=error.strerror) from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:  # a short one, as of a file that was cut off, would be guessed
        raise UserError(
            "{file} does not hold a key: put it back, from a backup or from your copy. If it is lost for good, delete this file: what was "
            "asked before is nobody's then, and no older case can be proved.",
            file=file,
        )  # fmt: skip
    return key


def load_key(file: Path) -> bytes:
    """The key in a file that only its owner may read; made at the first call, once, whoever comes first. Raises UserError as `read_key`."""
    if (known := read_key(file)) is not None:
        return known
    make_folder(file.parent)
    made = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secrets.token_hex(KEY_BYTES))
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(made, file)  # fails where another process was first: its key is everybody's
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return load_key(file)
