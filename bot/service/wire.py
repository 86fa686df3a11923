"""What client and service say to each other: JSON, one object a line, of bounded length. Standard library alone.

The client begins with `{"code", "settings", "arguments", "terminal"}`. The service answers with
`{"left": why}`   it does not do this, and the client does it itself; or with
`{"taken": pid}`  and then, in any order and number,
`{}`              it is still at work;
`{"print": text, "to": "out" | "err"}`
`{"read": path, "lines": n | null}`    the client answers `{"data": base64}` or `{"errno": n, "error": text}`; "-" is standard input
`{"write": path, "data": base64}`      the client answers `{"errno": 0}`, or as above
`{"exit": code}`  at the end.
"""

from __future__ import annotations

import json
import socket
from typing import BinaryIO

LINE = 12 << 20  # bytes of one line
READ = 4 << 20  # bytes of one file that the service is sent; what is larger, the client does itself
STILL_THERE = 2.0  # seconds between two words of a service that is at work

Frame = dict[str, object]


class Broken(Exception):
    """The other side is gone, or says what is not agreed."""


def send(connection: socket.socket, frame: Frame) -> None:
    """Raises Broken."""
    try:
        connection.sendall(json.dumps(frame).encode() + b"\n")
    except OSError as error:
        raise Broken(type(error).__name__) from error


def receive(stream: BinaryIO) -> Frame:
    """Raises Broken, also when the socket's timeout has passed."""
    try:
        line = stream.readline(LINE)
    except OSError as error:
        raise Broken(type(error).__name__) from error
    if not line.endswith(b"\n"):
        raise Broken("ended")
    try:
        frame = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Broken("not JSON") from error
    if not isinstance(frame, dict):
        raise Broken("no object")
    return frame
