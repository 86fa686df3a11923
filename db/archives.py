"""The file of a backup: a tar under zstd (RFC 8878), whose last frame, which decompressors skip, is the sha256 of all before it.

    manifest.json       what this is: versions, when, rows of each table, and size and sha256 of the others
    crosscheck.db       SQLite's database, or crosscheck.dump, PostgreSQL's in the custom format of pg_dump
    pseudonym.key       what people are hashed with and the audit is chained with

So `tar --zstd -xf FILE` reads it too, after `age -d` where it is encrypted (db/sealing.py).
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import zstandard
from pydantic import TypeAdapter, ValidationError

from db.sealing import is_sealed, private, seal, unseal
from retrieval.errors import UserError

FORMAT = 1
MANIFEST, SQLITE, POSTGRESQL, KEY = "manifest.json", "crosscheck.db", "crosscheck.dump", "pseudonym.key"
LEVEL = 3  # of 138 MB with 100,000 passages: 1 gives .77 in 0.6 s, 3 gives .70 in 1.6 s, 9 gives .67 in 6.8 s; half of it is vectors
BLOCK = 1 << 20
TRAILER = struct.pack("<II", 0x184D2A50, 32)  # a skippable frame of 32 bytes
ZSTD = b"\x28\xb5\x2f\xfd"
LONGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `occasion` is why it was made; `rows` are of each table in that state of the database."""

    format: int
    crosscheck: str
    schema: str
    made_at: datetime
    occasion: str
    rows: dict[str, int]
    members: dict[str, Member]

    @property
    def database(self) -> str:
        """The member that is the database: SQLITE or POSTGRESQL."""
        return SQLITE if SQLITE in self.members else POSTGRESQL


_MANIFEST = TypeAdapter(Manifest)


def member(file: Path) -> Member:
    """Size and hash of a file."""
    with file.open("rb") as stream:
        return Member(file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def write(out: Path, manifest: Manifest, files: Mapping[str, Path], recipients: Sequence[str]) -> None:
    """Write a new archive, encrypted for the recipients if there are any. Raises FileExistsError, OSError, StoreError."""
    chunks = _packed(manifest, files)
    with private(out) as stream:
        if recipients:
            seal(chunks, stream, recipients)
        else:
            stream.writelines(chunks)


def unpack(file: Path, folder: Path, newest: str, identity: Path | None = None) -> Manifest:
    """Write the members of an archive into a folder of their own; each is what the manifest says.

    Raises UserError where it is damaged, foreign, encrypted for another key, or of a newer program, whose schema is beyond `newest`;
    OSError.
    """
    plain = file
    if is_sealed(file):
        if identity is None:
            raise UserError("{file} is encrypted. Give the file of its key: --identity FILE", file=file)
        plain = folder / "unsealed"
        unseal(file, plain, identity)
    _check_whole(file, plain)
    try:
        with plain.open("rb") as stream, zstandard.ZstdDecompressor().stream_reader(stream) as unfolded:
            with tarfile.open(fileobj=unfolded, mode="r|") as tar:
                return _members(file, tar, folder, newest)
    except (tarfile.TarError, zstandard.ZstdError) as error:
        raise damaged(file, str(error)) from error
    finally:
        if plain != file:
            plain.unlink()


def look_for(file: Path) -> None:
    """Raises UserError where there is no file, or none that can be reached."""
    try:
        there = file.is_file()
    except OSError as error:
        raise UserError("{file} cannot be read: {reason}.", file=file, reason=error.strerror) from error
    if not there:
        raise UserError("There is no file {file}.", file=file)


def damaged(file: Path, what: str) -> UserError:
    return UserError("{file} is damaged: {what}. Take another backup; nothing was changed.", file=file, what=what)


def _packed(manifest: Manifest, files: Mapping[str, Path]) -> Iterator[bytes]:
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    digest = hashlib.sha256()
    for block in _tar(manifest, files):
        if chunk := compressor.compress(block):
            digest.update(chunk)
            yield chunk
    last = compressor.flush()
    digest.update(last)
    yield last + TRAILER + digest.digest()


def _tar(manifest: Manifest, files: Mapping[str, Path]) -> Iterator[bytes]:
    document = _MANIFEST.dump_json(manifest, indent=1)
    yield _header(MANIFEST, len(document), manifest.made_at) + _filled(document)
    for name, file in files.items():
        size = manifest.members[name].size
        yield _header(name, size, manifest.made_at)
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block
        yield b"\0" * (-size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int, at: datetime) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    return info.tobuf(tarfile.PAX_FORMAT)


def _filled(block: bytes) -> bytes:
    return block + b"\0" * (-len(block) % tarfile.BLOCKSIZE)


def _check_whole(file: Path, plain: Path) -> None:
    """Whether the last frame is the hash of all before it: a bit that changed anywhere is found."""
    end = plain.stat().st_size - len(TRAILER) - hashlib.sha256().digest_size
    digest = hashlib.sha256()
    with plain.open("rb") as stream:
        if stream.read(len(ZSTD)) != ZSTD or end < len(ZSTD):
            raise UserError("{file} is no backup of Crosscheck, or its beginning is damaged. Nothing was changed.", file=file)
        stream.seek(0)
        while left := end - stream.tell():
            if not (block := stream.read(min(BLOCK, left))):
                break
            digest.update(block)
        if stream.read() != TRAILER + digest.digest():
            raise damaged(file, "it is not what was written, or not all of it")


def _members(file: Path, tar: tarfile.TarFile, folder: Path, newest: str) -> Manifest:
    first = tar.next()
    stream = tar.extractfile(first) if first is not None and first.name == MANIFEST and first.size <= LONGEST_MANIFEST else None
    if stream is None:
        raise UserError("{file} is no backup of Crosscheck: it has no manifest. Nothing was changed.", file=file)
    manifest = _read(file, stream.read(), newest)
    written: dict[str, Member] = {}
    while (info := tar.next()) is not None:
        content = tar.extractfile(info) if info.name in manifest.members and info.name not in written else None
        if content is None:
            raise damaged(file, f"it has a part {info.name!r} that its manifest does not know")
        _write(content, folder / info.name)
        written[info.name] = member(folder / info.name)
    if written != manifest.members:
        raise damaged(file, "its parts are not those of its manifest")
    return manifest


def _read(file: Path, document: bytes, newest: str) -> Manifest:
    try:
        manifest = _MANIFEST.validate_json(document)
    except ValidationError as error:
        raise damaged(file, "its manifest cannot be read") from error
    if manifest.format > FORMAT or manifest.schema > newest:
        raise UserError(
            "{file} was made by a newer Crosscheck ({version}, schema {schema}; this one knows {newest}). Install that version or a later "
            "one, then restore it. Nothing was changed.",
            file=file, version=manifest.crosscheck, schema=manifest.schema, newest=newest,
        )  # fmt: skip
    if not manifest.members.keys() <= {SQLITE, POSTGRESQL, KEY} or len(manifest.members.keys() & {SQLITE, POSTGRESQL}) != 1:
        raise damaged(file, "its manifest names other parts than a database and a key")
    return manifest


def _write(content: IO[bytes], out: Path) -> None:
    with private(out) as stream:
        while block := content.read(BLOCK):
            stream.write(block)
