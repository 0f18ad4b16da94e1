"""One message on a stream socket: 8 bytes of length, big-endian, then the payload."""

import socket
import struct

HEADER = struct.Struct(">Q")


class Closed(ConnectionError):
    """The other end is gone."""


def write_frame(channel: socket.socket, payload: bytes) -> None:
    """Send one message.

    Raises:
        OSError: the other end is gone.
    """
    if len(payload) < 1 << 16:
        channel.sendall(HEADER.pack(len(payload)) + payload)
        return
    channel.sendall(HEADER.pack(len(payload)))
    channel.sendall(payload)


def read_frame(channel: socket.socket, limit: int) -> bytes:
    """Receive one message of at most `limit` bytes.

    Raises:
        Closed: the other end is gone, or announces more than `limit`.
        OSError: the socket failed, or timed out.
    """
    (size,) = HEADER.unpack(_read(channel, HEADER.size))
    if size > limit:
        raise Closed(f"a message of {size} bytes was announced, at most {limit} are taken")
    return _read(channel, size)


def _read(channel: socket.socket, size: int) -> bytes:
    parts, missing = [], size
    while missing:
        part = channel.recv(min(missing, 1 << 20))
        if not part:
            raise Closed("the other end is gone")
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
