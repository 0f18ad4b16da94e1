"""A local server that misbehaves on demand: truncated, altered, missing, slow, flapping files."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Server:
    """Serves `files` under any prefix; `behave[name]` takes over with (handler, content, number of the request)."""

    def __init__(self, files: dict[str, bytes]):
        self.files, self.behave, self.requests = files, {}, []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer._serve(self)

            def log_message(self, *_):
                pass

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._httpd.server_port}/pinned/"
        threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _serve(self, handler):
        path = unquote(handler.path)
        name = path.removeprefix("/pinned/").removeprefix("box/")
        with self._lock:
            self.requests.append(path)
            count = self.requests.count(path)
        if name not in self.files:
            handler.send_error(404)
        elif name in self.behave:
            self.behave[name](handler, self.files[name], count)
        else:
            send(handler, self.files[name])

    def close(self):
        self._httpd.shutdown()
        self._httpd.server_close()


def send(handler, content: bytes, *, length: int | None = None, pause: float = 0.0, status: int = 200) -> None:
    """Answer with `content`, claiming `length` bytes, sending a byte every `pause` seconds."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    try:
        if pause:
            for byte in content:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(pause)
        else:
            handler.wfile.write(content)
    except OSError:  # the client hung up, as it should
        pass


def truncated(handler, content, _count):
    send(handler, content[: len(content) // 2], length=len(content))


def truncated_politely(handler, content, _count):
    """Half of the file with a Content-Length that agrees: only the checksum tells."""
    send(handler, content[: len(content) // 2])


def altered(handler, content, _count):
    send(handler, bytes([content[0] ^ 1]) + content[1:])


def missing(handler, _content, _count):
    handler.send_error(404)


def forbidden(handler, _content, _count):
    handler.send_error(403)


def silent(handler, _content, _count):
    time.sleep(3)


def trickling(handler, content, _count):
    send(handler, content, pause=0.05)


def flapping(handler, content, count):
    if count <= 2:
        handler.send_error(503)
    else:
        send(handler, content)


def broken_once(handler, content, count):
    truncated(handler, content, count) if count == 1 else send(handler, content)
