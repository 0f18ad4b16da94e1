"""Two ways to talk over a Unix socket: frames of bytes with a student's process, JSON with descriptors among our own.

A frame is 8 bytes of length, little-endian, and the payload.
"""

import json
import socket
import struct
from collections.abc import Sequence

HEADER = struct.Struct("<Q")
MOST_DESCRIPTORS = 200


class Channel:
    """The student's end of a session: blocking frames.

    Args:
        sock: a connected stream socket.
    """

    def __init__(self, sock: socket.socket):
        self._sock = sock

    def receive(self) -> bytes:
        """The next request. Raises EOFError once the grader has gone."""
        (size,) = HEADER.unpack(read_exactly(self._sock, HEADER.size))
        return bytes(read_exactly(self._sock, size))

    def send(self, *parts: bytes | bytearray | memoryview) -> None:
        """Send one frame made of the parts, without joining them first."""
        views = [memoryview(part).cast("B") for part in parts if len(part)]
        self._sock.sendall(HEADER.pack(sum(len(view) for view in views)))
        for view in views:
            self._sock.sendall(view)

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


def read_exactly(sock: socket.socket, size: int) -> bytearray:
    """`size` bytes from a blocking socket. Raises EOFError if it closes before."""
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        count = sock.recv_into(view[done:])
        if not count:
            raise EOFError("the other end is closed")
        done += count
    return data


def send_message(sock: socket.socket, message: dict, descriptors: Sequence[int] = ()) -> None:
    """Send a small dictionary, and file descriptors with it."""
    data = json.dumps(message).encode()
    data = HEADER.pack(len(data)) + data
    sent = socket.send_fds(sock, [data], list(descriptors)) if descriptors else sock.send(data)
    sock.sendall(data[sent:])


def receive_message(sock: socket.socket) -> tuple[dict, list[int]]:
    """The next dictionary and the descriptors that came with it. Raises EOFError if the other end is closed."""
    head, descriptors, _, _ = socket.recv_fds(sock, HEADER.size, MOST_DESCRIPTORS)
    if not head:
        raise EOFError("the other end is closed")
    head += read_exactly(sock, HEADER.size - len(head))
    return json.loads(read_exactly(sock, HEADER.unpack(head)[0])), list(descriptors)
