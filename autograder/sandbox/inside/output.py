"""What a process prints: drained as it comes, the head and the tail kept, the rest counted."""

import os

CHUNK = 1 << 20


class Output:
    """Reads one pipe without ever blocking.

    Args:
        descriptor: the reading end.
        keep: bytes kept, half of them from the start and half from the end.
    """

    def __init__(self, descriptor: int, keep: int):
        os.set_blocking(descriptor, False)
        self.descriptor, self.total, self.open = descriptor, 0, True
        self._half = max(keep // 2, 1)
        self._head, self._tail = bytearray(), bytearray()

    def read(self, chunks: int = 8) -> None:
        """Take what the pipe holds, at most `chunks` pieces, so that a flood leaves time for other things."""
        for _ in range(chunks):
            try:
                chunk = os.read(self.descriptor, CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self.open = False
                return
            self._add(chunk)

    def _add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk[-self._half:]
        if len(self._tail) > 2 * self._half + CHUNK:
            del self._tail[:-self._half]

    def text(self) -> str:
        """Head and tail as text; a line between them says how much is left out."""
        tail = self._tail[-self._half:]
        left_out = self.total - len(self._head) - len(tail)
        head, end = self._head.decode("utf-8", "replace"), tail.decode("utf-8", "replace")
        return f"{head}\n… {left_out} bytes left out …\n{end}" if left_out else head + end
