"""Backups that nobody reads without a key: the age format (age-encryption.org/v1), X25519, by pyrage. Loaded at the first use.

Who backs up knows recipients (`age1...`), which only lock. The identity that opens (`AGE-SECRET-KEY-1...`) need not be on the machine that
is backed up, and the `age` program opens what is written here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import StoreError, UserError

MAGIC = b"age-encryption.org/"
SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - what each key begins with


def is_sealed(file: Path) -> bool:
    """Whether a file begins as age's do. Raises OSError."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def seal(chunks: Iterable[bytes], out: BinaryIO, recipients: Sequence[str]) -> None:
    """Write the chunks so that only the recipients' keys open them. Raises StoreError where a recipient is none, OSError."""
    import pyrage

    try:
        found = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise StoreError("CROSSCHECK_BACKUP_RECIPIENT is no age recipient: it begins with age1, as `db backup-key` prints it.") from error
    pulled, careful = _Pulled(iter(chunks)), _Careful(out)
    try:
        pyrage.encrypt_io(pulled, careful, found)
    except pyrage.EncryptError:
        raise pulled.error or careful.error or StoreError("The backup cannot be encrypted. Nothing was changed.") from None


def unseal(file: Path, out: Path, identity: Path) -> None:
    """Write what is in a sealed file to `out`, which is new and only its owner's. Raises UserError: wrong key, damage; OSError."""
    import pyrage

    keys = _identities(identity)
    with file.open("rb") as sealed, private(out) as plain:
        careful = _Careful(plain)
        try:
            pyrage.decrypt_io(sealed, careful, keys)
        except pyrage.DecryptError as error:
            if careful.error is not None:
                raise careful.error from None
            if "matching keys" in str(error):
                raise UserError(
                    "{file} is encrypted for another key than those in {identity}. Nothing was changed.", file=file, identity=identity
                ) from error
            raise _damaged(file) from error
        except OSError as error:
            if careful.error is not None or error.errno is not None:  # the disk's, not pyrage's
                raise careful.error or error from None
            raise _damaged(file) from error


def make_key(file: Path) -> str:
    """Make a key in a new file that only its owner may read; its recipient. Raises UserError where the file is there, OSError."""
    import pyrage

    made = pyrage.x25519.Identity.generate()
    recipient = str(made.to_public())
    try:
        with private(file) as stream:
            stream.write(f"# public key: {recipient}\n{made}\n".encode())
    except FileExistsError:
        raise UserError("{file} is there already, and is not written over: backups may need it.", file=file) from None
    return recipient


def private(file: Path) -> BinaryIO:
    """A new file, to be written, that only its owner may read. Raises FileExistsError, OSError."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _identities(file: Path) -> list[object]:
    import pyrage

    try:
        lines = [line.strip() for line in file.read_text(encoding="ascii").splitlines()]
        keys: list[object] = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(SECRET)]
    except OSError as error:
        raise UserError("The file of the key cannot be read: {reason} ({file}).", reason=error.strerror, file=file) from error
    except (UnicodeDecodeError, pyrage.IdentityError):
        keys = []
    if not keys:
        raise UserError("{file} holds no key of age: a line that begins with AGE-SECRET-KEY-1 is wanted.", file=file)
    return keys


def _damaged(file: Path) -> UserError:
    return UserError("{file} is damaged: it cannot be decrypted to its end. Take another backup; nothing was changed.", file=file)


class _Pulled:
    """Chunks as a stream to be read. pyrage makes its own of every error, so `error` keeps the real one."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; none at the end."""
        while not self._left:
            try:
                chunk = next(self._chunks, None)
            except BaseException as error:
                self.error = error
                raise
            if chunk is None:
                return b""
            self._left = chunk
        taken, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return taken


class _Careful:
    """A stream to be written, whose error is kept as `_Pulled` keeps it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.error: BaseException | None = None

    def write(self, block: bytes) -> int:
        """As the stream's."""
        try:
            return self._out.write(block)
        except BaseException as error:
            self.error = error
            raise

    def flush(self) -> None:
        """As the stream's."""
        self._out.flush()
