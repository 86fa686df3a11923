"""Content encodings undone with a bound: a few kilobytes can be made to unfold into gigabytes."""

from __future__ import annotations

import zlib

import brotli
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"
_STEP = 1 << 16
_GZIP = 31  # zlib's window for gzip
_MEMBERS = 100  # of one gzip stream: each copies what is left


class BadEncoding(Exception):
    """The content is not what its encoding says, or comes in one that is not read here."""


class TooLarge(Exception):
    """The content unfolds into more than is read."""


def decoded(data: bytes, encodings: str, limit: int) -> bytes:
    """`data` with the encodings of a Content-Encoding header undone, last first. Raises BadEncoding, TooLarge."""
    names = [name for name in (part.strip().lower() for part in encodings.split(",")) if name not in ("", "identity")]
    if len(names) > 2:
        raise BadEncoding("more than two encodings")
    for name in reversed(names):
        try:
            data = _undone(data, name, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
            raise BadEncoding(f"broken {name}") from error
    return data


def _undone(data: bytes, name: str, limit: int) -> bytes:
    match name:
        case "gzip" | "x-gzip":
            return _inflated(data, _GZIP, limit)
        case "deflate":  # with zlib's header, as the standard says, or without, as some servers do
            return _inflated(data, 15 if data[:1] in b"\x08\x18\x28\x38\x48\x58\x68\x78" else -15, limit)
        case "br":
            return _unbrotlied(data, limit)
        case "zstd":
            return _unzstded(data, limit)
    raise BadEncoding("an encoding that was not asked for")


def _inflated(data: bytes, window: int, limit: int) -> bytes:
    result = bytearray()
    for _ in range(_MEMBERS):  # gzip may hold several members
        inflater = zlib.decompressobj(window)
        result += inflater.decompress(data, limit + 1 - len(result))
        if len(result) > limit:
            raise TooLarge
        if not inflater.eof:
            break  # cut short: what is there is read, as browsers do
        data = inflater.unused_data
        if window != _GZIP or data[:2] != b"\x1f\x8b":
            break
    else:
        raise BadEncoding("too many parts")
    return bytes(result)


def _unbrotlied(data: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    result = bytearray(decoder.process(data, output_buffer_limit=_STEP))
    while not decoder.can_accept_more_data() and len(result) <= limit:
        result += decoder.process(b"", output_buffer_limit=_STEP)
    if len(result) > limit:
        raise TooLarge
    return bytes(result)


def _unzstded(data: bytes, limit: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=1 << 23)  # RFC 9659: what a browser accepts
    with decoder.stream_reader(data, read_across_frames=True) as reader:
        result = bytearray()
        while block := reader.read(_STEP):
            result += block
            if len(result) > limit:
                raise TooLarge
    return bytes(result)
