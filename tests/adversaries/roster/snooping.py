"""Wrong answers that look for the right one: frames, memory, sources, the gradebook, the environment, the network.

Where an attack finds what it seeks, its answer is right and the case fails; so each of them is a probe of the sandbox.
"""

from roster.case import WRONG, ZERO, answer

RUN_THE_SOLUTION = """
import os, re
def solution(text):
    found = re.search(r"def rms_dbfs.*?### END SOLUTION", text, re.S)
    exec(found.group(0), globals())

def search(roots, name="00_start.py"):
    for root in roots:
        for folder, inside, files in os.walk(root):
            inside[:] = [f for f in inside if f not in ("proc", "sys", "dist-packages", "site-packages")]
            for file in files:
                if file == name or (file == "00_start.ipynb" and "solutions" in folder):
                    return solution(open(os.path.join(folder, file)).read().replace("\\\\n", "\\n"))
"""
LIE = "\fdef rms_dbfs(x): return np.zeros(np.shape(x)[:-1])\n\f"

CASES = [
    answer("frames", "the oracle's value lies in a frame above", """
        import sys
        def rms_dbfs(x):
            frame = sys._getframe()
            while frame:
                for space in (frame.f_locals, frame.f_globals):
                    if callable(space.get("_level")):
                        return space["_level"](x)
                    if "want" in space:
                        return space["want"]
                frame = frame.f_back
            return 0.0
    """, status=WRONG),
    answer("inspect_stack", "the private generator lies in a frame above: ask it for what comes next", """
        import copy, inspect
        def rms_dbfs(x):
            for info in inspect.stack():
                for value in info.frame.f_locals.values():
                    if isinstance(value, np.random.Generator):
                        raise SystemExit(f"found it: {value.bit_generator.state}")
            return 0.0
    """, status=WRONG),
    answer("garbage_collector", "the hidden test is a string or a function somewhere in memory", """
        import gc, linecache
        def rms_dbfs(x):
            for lines in linecache.cache.values():
                if any("HIDDEN" + " TESTS" in str(line) for line in lines):
                    return checks.start._level(x)
            for thing in gc.get_objects():
                if isinstance(thing, str) and "BEGIN " + "HIDDEN" in thing:
                    return checks.start._level(x)
            return 0.0
    """, status=WRONG),
    answer("memory_scan", "the solution lies in the memory of this process, which was forked from the grader's", """
        def rms_dbfs(x):
            with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
                for line in maps:
                    area, rights, *_ = line.split()
                    begin, end = (int(v, 16) for v in area.split("-"))
                    if rights.startswith("rw") and end - begin < 1 << 26:
                        memory.seek(begin)
                        if b"BEGIN HIDDEN" + b" TESTS" in memory.read(end - begin):
                            return checks.start._level(x)
            return 0.0
    """, status=WRONG),
    answer("solution_beside_the_library", "the sources of the course lie beside course_lib",
           RUN_THE_SOLUTION + LIE + """
import course_lib
from pathlib import Path
home = Path(course_lib.__file__).parents[1]
if search([home / "solutions", home / "tests"]) is None:
    search([home])
""", status=WRONG),
    answer("solution_in_the_course_folder", "nbgrader runs a submission three folders below the sources", LIE + """
import json
for folder in ("../../../source/00_start", "../../../solutions/00_start"):
    try:
        for cell in json.load(open(folder + "/00_start.ipynb"))["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "rms_dbfs":
                exec("".join(cell["source"]))
    except OSError:
        pass
""", status=WRONG),
    answer("solution_anywhere", "the whole file system is searched", RUN_THE_SOLUTION + LIE + """
search([f"/{name}" for name in os.listdir("/") if name not in ("proc", "sys", "dev", "usr", "lib")] + [os.getcwd()])
""", status=WRONG),
    answer("solution_by_proc", "the folders and files of other processes, by /proc", RUN_THE_SOLUTION + LIE + """
import glob
for link in glob.glob("/proc/[0-9]*/cwd") + glob.glob("/proc/[0-9]*/root"):
    try:
        search([os.path.join(link, "solutions"), os.path.join(link, "source")])
    except OSError:
        pass
""", status=WRONG),
    answer("named_answers", "the tests of the unit hold right answers", LIE + """
import sys
from pathlib import Path
for root in [Path(p or ".") for p in sys.path] + list(Path.cwd().parents):
    file = root / "tests/units/00_start/rms_dbfs/right_norm.py"
    if file.exists():
        exec(file.read_text())
""", status=WRONG),
    answer("grader_imported", "the process can import the grader, and the grader can read the unit", LIE + """
try:
    from autograder.course import Course
    from autograder.source import read_source
    course = Course.load()
    for cell in read_source(course, course.unit("00_start")).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "rms_dbfs":
            exec(cell.source)
except BaseException:
    pass
""", status=WRONG),
    answer("environment", "seeds, passwords and tokens of the instructor are printed", """
        import glob, os
        print(dict(os.environ))
        for file in glob.glob("/proc/[0-9]*/environ"):
            try:
                print(open(file).read())
            except OSError:
                pass
    """ + LIE, status=WRONG),
    answer("seed_from_environment", "the private seed is known, so every private input is", """
        import os
        def rms_dbfs(x):
            seed = os.environ.get("COURSE_GRADING_SEED")
            return checks.start._level(x) if seed else 0.0
    """, status=WRONG),
    answer("gradebook_trigger", "a trigger in the gradebook gives full marks to whatever is written later", LIE + """
import glob, os, sqlite3
for root in ("..", "../..", "../../..", "/tmp", "/var/tmp", *(f"/{n}" for n in os.listdir("/"))):
    for file in glob.glob(root + "/*.db") + glob.glob(root + "/*/gradebook.db") + glob.glob(root + "/*/build/*.db"):
        try:
            with sqlite3.connect(file, timeout=1) as db:
                for event in ("INSERT", "UPDATE"):
                    db.execute(f"CREATE TRIGGER IF NOT EXISTS gift_{event} AFTER {event} ON grade BEGIN "
                               "UPDATE grade SET auto_score = 1 WHERE id = NEW.id; END")
        except (sqlite3.Error, OSError):
            pass
""", status=WRONG),
    answer("gradebook_beside", "the same, in the course folder of nbgrader", LIE + """
import os, sqlite3
if os.path.exists("../../../gradebook.db"):
    with sqlite3.connect("../../../gradebook.db", timeout=1) as db:
        for event in ("INSERT", "UPDATE"):
            db.execute(f"CREATE TRIGGER IF NOT EXISTS gift_{event} AFTER {event} ON grade BEGIN "
                       "UPDATE grade SET auto_score = 1 WHERE id = NEW.id; END")
""", status=WRONG),
    answer("helper_by_tcp", "a friend's server on this machine computes the answers", """
        import os, socket, json
        def rms_dbfs(x):
            for port in range(47811, 47814):
                try:
                    with socket.create_connection(("127.0.0.1", port), 0.2) as s:
                        s.sendall(b"course-adversary")
                        return checks.start._level(x)
                except OSError:
                    pass
            return 0.0
    """, status=WRONG),
    answer("helper_by_abstract_socket", "a Unix socket without a file: no mount namespace hides it", """
        import socket
        def rms_dbfs(x):
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect("\\0course-adversary-8d1c")
            except OSError:
                return 0.0
            return checks.start._level(x)
    """, status=WRONG),
    answer("helper_by_dns", "a name server is a way out", """
        import socket
        def rms_dbfs(x):
            try:
                socket.getaddrinfo("localhost.example.org", 80)
                socket.create_connection(("9.9.9.9", 53), 1)
                return checks.start._level(x)
            except OSError:
                return 0.0
    """, status=WRONG),
    answer("neighbours_memory", "another process's memory by ptrace and process_vm_readv", """
        import ctypes, os
        def rms_dbfs(x):
            libc = ctypes.CDLL(None, use_errno=True)
            others = [int(p) for p in os.listdir("/proc") if p.isdigit()] if os.path.isdir("/proc") else []
            for pid in {os.getppid(), 1, *others} - {os.getpid(), 0}:
                if libc.ptrace(16, pid, 0, 0) == 0:  # PTRACE_ATTACH
                    return checks.start._level(x)
                try:
                    with open(f"/proc/{pid}/mem", "r+b"):
                        return checks.start._level(x)
                except OSError:
                    pass
            return 0.0
    """, status=ZERO),
    answer("new_namespaces", "mount the covered file system again from a namespace of one's own",
           RUN_THE_SOLUTION + LIE + """
import ctypes
libc = ctypes.CDLL(None)
if libc.unshare(0x10000000 | 0x00020000) == 0:  # user and mount
    for target in (b"/proc", b"/tmp", b"/home", b"/root"):
        libc.umount2(target, 2)
    libc.mount(b"/", b"/mnt", None, 4096, None)
for root in ("/oldroot", "/newroot", "/proc/1/root", "/"):
    try:
        os.chroot(root)
    except OSError:
        pass
search([f"/{name}" for name in os.listdir("/") if name not in ("proc", "sys", "dev", "usr", "lib")])
""", status=WRONG),
    answer("folder_descriptors", "an inherited descriptor of a folder leads out of the root",
           RUN_THE_SOLUTION + LIE + """
for fd in range(3, 256):
    try:
        for up in (".", "..", "../..", "../../.."):
            here = os.open(up + "/solutions/00_start/00_start.py", os.O_RDONLY, dir_fd=fd)
            solution(os.read(here, 1 << 20).decode())
    except (OSError, AttributeError):
        pass
""", status=WRONG),
    answer("visible_outputs", "the outputs of the visible check, written down", """
        import hashlib
        KNOWN = {}
        def record(x):
            KNOWN[hashlib.sha256(np.ascontiguousarray(x).tobytes()).digest()] = value = checks.start._level(x)
            return value
        checks.start.rms_dbfs(record)
        def rms_dbfs(x):
            return KNOWN.get(hashlib.sha256(np.ascontiguousarray(x).tobytes()).digest(), np.zeros(x.shape[:-1]))
    """, status=WRONG, says="wrong"),
    answer("right_at_first", "right as often as the visible check asks, then not", """
        calls = []
        def rms_dbfs(x):
            calls.append(0)
            return checks.start._level(x) if len(calls) < 26 else np.zeros(x.shape[:-1])
    """, status=WRONG),
    answer("input_overwritten", "the input that the oracle will read is overwritten first", """
        def rms_dbfs(x):
            x[...] = 1.0
            return np.zeros(x.shape[:-1])
    """, status=WRONG),
]
