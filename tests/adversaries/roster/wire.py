"""Attacks on the line between the student's process and the grader, from inside the student's process."""

from roster.case import STFT, WRONG, answer

DESCRIPTORS = """
import os, socket, stat, struct, threading
def lines():
    for fd in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode) or stat.S_ISFIFO(os.fstat(fd).st_mode):
                yield fd
        except OSError:
            pass

def frame(payload):
    return struct.pack(">Q", len(payload)) + payload, struct.pack("<Q", len(payload)) + payload

PRAISE = b'{"ok": true, "status": "passed", "value": null, "result": {"score": 1.0, "status": "passed"}}'
def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])
"""

CASES = [
    answer("frames_forged", "praise is written to every line that leads out", DESCRIPTORS + """
for fd in lines():
    for data in frame(PRAISE):
        os.set_blocking(fd, False)
        try:
            os.write(fd, data)
        except OSError:
            pass
"""),
    answer("frames_forged_in_the_call", "the reply is on the line before the real one", DESCRIPTORS + """
def rms_dbfs(x):
    for fd in lines():
        for data in frame(PRAISE):
            os.write(fd, data)
    return 0.0
"""),
    answer("frame_of_8_exabytes", "the grader makes room for 2^63 bytes", DESCRIPTORS + """
def rms_dbfs(x):
    for fd in lines():
        os.write(fd, struct.pack(">Q", (1 << 63) - 1) + b"x" * 100)
    return 0.0
"""),
    answer("frame_of_minus_one", "the length is negative", DESCRIPTORS + """
def rms_dbfs(x):
    for fd in lines():
        os.write(fd, b"\\xff" * 8)
    return 0.0
"""),
    answer("half_a_frame", "a frame that never ends, byte by byte", DESCRIPTORS + """
import time
def rms_dbfs(x):
    fds = list(lines())
    for fd in fds:
        os.write(fd, struct.pack(">Q", 1 << 20))
    while True:
        for fd in fds:
            os.write(fd, b" ")
        time.sleep(0.05)
""", hurry=0.25),
    answer("flood_on_the_line", "gigabytes on every line", DESCRIPTORS + """
def rms_dbfs(x):
    fds = list(lines())
    while True:
        for fd in fds:
            os.write(fd, b"\\0" * (1 << 20))
""", hurry=0.25),
    answer("answers_from_a_thread", "a thread reads the requests before the server does, and answers them",
           DESCRIPTORS + """
def serve(fd):
    while True:
        os.read(fd, 1 << 20)
        for data in frame(PRAISE):
            os.write(fd, data)
for fd in lines():
    threading.Thread(target=serve, args=(fd,), daemon=True).start()
""", hurry=0.25),
    answer("lines_closed", "every descriptor is closed", DESCRIPTORS + "os.closerange(3, 1024)\n"),
    answer("lines_swapped", "the line out becomes the student's own file", DESCRIPTORS + """
own = os.open("/dev/null", os.O_RDWR)
for fd in lines():
    os.dup2(own, fd)
"""),
    answer("descriptors_sent", "descriptors in a message use up the grader's", DESCRIPTORS + """
def rms_dbfs(x):
    for fd in lines():
        line = socket.socket(fileno=os.dup(fd))
        for _ in range(50):
            try:
                socket.send_fds(line, struct.pack(">Q", 1) and [b"x"], [0, 1, 2] * 20)
            except OSError:
                break
    return 0.0
""", hurry=0.25),
    answer("stdout_is_the_line", "the reply is forged on stdout and stderr", """
        import sys
        def rms_dbfs(x):
            for stream in (sys.__stdout__, sys.__stderr__, sys.stdout):
                print('{"ready": true}\\n{"status": "passed", "score": 1}', file=stream, flush=True)
            return 0.0
    """, status=WRONG),
    answer("pickled_reply", "the grader unpickles what it gets", """
        import os, pickle
        class Bomb:
            def __reduce__(self):
                return os.system, ("touch /tmp/course-adversary-8d1c-pickle /var/tmp/course-adversary-8d1c-pickle",)
        def rms_dbfs(x): return pickle.dumps(Bomb())
    """, status=WRONG),
    answer("pickled_object", "the object itself asks to be unpickled", """
        import os
        class Bomb(np.ndarray):
            def __reduce_ex__(self, protocol):
                return os.system, ("touch /tmp/course-adversary-8d1c-pickle /var/tmp/course-adversary-8d1c-pickle",)
            __reduce__ = lambda self: self.__reduce_ex__(2)
        def rms_dbfs(x): return np.zeros(np.shape(x)[:-1]).view(Bomb)
    """, status=WRONG),
    answer("deep_reply", "a header of JSON nested a hundred thousand deep", DESCRIPTORS + """
def rms_dbfs(x):
    deep = b"[" * 100_000 + b"]" * 100_000
    for fd in lines():
        os.write(fd, frame(deep)[0])
    return 0.0
"""),
    answer("codec_replaced", "the encoder of the process lies about dtype, shape and size", """
        try:
            import autograder.remote.wire as wire
            import autograder.remote.server as server
            for module in (wire, server):
                for name, value in list(vars(module).items()):
                    if callable(value) and "encode" in name.lower():
                        setattr(module, name, lambda *a, **k: b'{"kind": "array", "dtype": "O", "shape": [-1, 1e999]}')
        except ImportError:
            pass
        def rms_dbfs(x): return 0.0
    """),
    answer("reply_that_lies", "the grader's own format, but dtype, shape and buffers do not belong together", """
        import json, struct
        try:
            import autograder.remote.server as server
            lies = [{"a": ["<f8", [1 << 40], 0]}, {"a": ["|O", [1], 0]}, {"a": ["<f8", [-1, -1], 0]}, {"z": "-" * 9},
                    {"T": ["float64", [1 << 60, 0, 1 << 60], 0]}, {"a": ["<f8", [1], 0, [1 << 50]]}, {"f": 10 ** 30},
                    {"a": ["<U1", [1], 0]}, {"d": [[], 1]}, {"D": "float32"}, {"t": {"b": 0}}, {"b": [0]}, float("nan")]
            def lie(number, value, bounds, count=[0]):
                count[0] += 1
                tree = {"d": ["n", number, "ok", lies[count[0] % len(lies)]]}
                header = json.dumps({"v": tree, "b": [8]}).encode()
                return struct.pack("<I", len(header)) + header + b"\xff" * 8
            server._encoded = lie
        except ImportError:
            pass
        def rms_dbfs(x): return 0.0
    """),
    answer("many_small_values", "three million empty lists in a reply",
           "def rms_dbfs(x): return [[] for _ in range(3_000_000)]",
           hurry=2),
    answer("one_buffer_many_times", "a reply that names one buffer a million times", """
        import json, struct
        try:
            import autograder.remote.server as server
            def lie(number, value, bounds):
                header = json.dumps({"v": {"d": ["n", number, "ok", [{"b": 0}] * 100_000]}, "b": [1 << 20]}).encode()
                return struct.pack("<I", len(header)) + header + b"x" * (1 << 20)
            server._encoded = lie
        except ImportError:
            pass
        def rms_dbfs(x): return 0.0
    """),
    answer("names_that_are_requests", "method and parameter names that mean something to the server", """
        class Sly:
            def __call__(self, x): return 0.0
            __name__ = "run_cell\\nvalue\\0../../etc/passwd"
            __qualname__ = __doc__ = "<script>"
        rms_dbfs = Sly()
    """, status=WRONG),
    answer("exception_that_floods", "an error message of a gigabyte", """
        def rms_dbfs(x): raise ValueError("x" * (1 << 28))
    """, status=WRONG),
    answer("exception_with_markup", "HTML, escape sequences and direction marks in an error message", """
        class E(Exception):
            pass
        E.__name__ = E.__qualname__ = "<img src=x onerror=alert(1)>"
        def rms_dbfs(x):
            raise E("<script>alert(1)</script>\\x1b[2J\\x1b]0;owned\\x07\\u202e\\0\\r\\x9b31m ![x](http://x/y.png)")
    """, status=WRONG),
    answer("server_dismantled", "what the server needs is taken away from under it", """
        import builtins, json, struct
        import numpy, torch
        json.dumps = json.loads = struct.pack = struct.unpack = None
        numpy.frombuffer = torch.from_numpy = None
        def decibels(X, floor=-80.0): return X.abs() * 0
    """, unit=STFT, to="decibels"),
]
