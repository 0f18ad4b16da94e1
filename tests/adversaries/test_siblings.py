"""Two students of one class who help each other through the machine: files, sockets, shared memory, the warm process.

The accomplice has the right answer and leaves it wherever it can; the thief has none and takes what it finds. When a
thief finds anything its answer is right, and the test fails.
"""

import threading

import pytest
from bench import ROOT, Bench, usable
from roster import START

LEVEL = """\
def rms_dbfs(x):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.mean(np.square(x), -1))
"""
PLACES = """
import builtins, ctypes, glob, mmap, os, signal, site, socket, sys, threading, time
NAME = "course-adversary-8d1c-gift"
HOME = os.path.expanduser("~")
FOLDERS = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/var/lock", "/mnt", "/opt", HOME, ".",
           site.getusersitepackages(), HOME + "/.ipython/profile_default/startup", *site.getsitepackages(),
           os.path.dirname(os.path.dirname(checks.__file__)), *[p for p in sys.path if p]]
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
"""
ACCOMPLICE = LEVEL + PLACES + """
for folder in FOLDERS:
    for name in (NAME, NAME + ".py", "sitecustomize.py", "usercustomize.py", NAME + ".pth", "numpy.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "w") as file:
                file.write("import builtins; builtins.GIFT = True\\n")
        except OSError:
            pass
key = libc.shmget(0x8d1c, 4096, 0o1666)
if key >= 0:
    ctypes.memset(libc.shmat(key, None, 0), 71, 16)
libc.semget(0x8d1c, 4, 0o1666)
builtins.GIFT = np.GIFT = torch.GIFT = checks.GIFT = sys.GIFT = True
os.environ["GIFT"] = "yes"
for pid in {os.getppid(), 1}:
    for name in ("mem", "environ"):
        try:
            with open(f"/proc/{pid}/{name}", "r+b"):
                builtins.GIFT = True
        except OSError:
            pass
def serve():
    for family, address in ((socket.AF_UNIX, "\\0" + NAME), (socket.AF_UNIX, "/tmp/" + NAME + ".sock"),
                            (socket.AF_INET, ("127.0.0.1", 47820)), (socket.AF_INET, ("0.0.0.0", 47821))):
        try:
            server = socket.socket(family)
            server.bind(address)
            server.listen()
            threading.Thread(target=lambda: [server.accept() for _ in range(9)], daemon=True).start()
        except OSError:
            pass
serve()
if os.fork() == 0:
    os.setsid()
    serve()
    time.sleep(20)
    os._exit(0)
"""
THIEF = PLACES + LEVEL.replace("rms_dbfs", "level") + """
def finds():
    import builtins
    if any(hasattr(place, "GIFT") for place in (builtins, np, torch, checks, sys)) or "GIFT" in os.environ:
        return "a changed warm process"
    for folder in FOLDERS:
        if os.path.exists(os.path.join(folder, NAME)):
            return folder
    if libc.shmget(0x8d1c, 4096, 0) >= 0 or libc.semget(0x8d1c, 4, 0) >= 0:
        return "System V"
    for family, address in ((socket.AF_UNIX, "\\0" + NAME), (socket.AF_UNIX, "/tmp/" + NAME + ".sock"),
                            (socket.AF_INET, ("127.0.0.1", 47820)), (socket.AF_INET, ("127.0.0.1", 47821))):
        try:
            with socket.socket(family) as client:
                client.settimeout(1)
                client.connect(address)
                return str(address)
        except OSError:
            pass
    for pid in glob.glob("/proc/[0-9]*"):
        try:
            if b"GIFT" in open(pid + "/environ", "rb").read():
                return pid
        except OSError:
            pass
def rms_dbfs(x):
    found = finds()
    if found:
        print("found", found)
        return level(x)
    return 0.0
"""


@pytest.fixture
def bwrap(level):
    if level == "none":
        pytest.skip(f"NOT PROTECTED HERE, NOT TESTED: no sandbox on this machine ({usable('bwrap')})")
    return level


def graded(bench: Bench, code: str, student: str):
    return bench.grade(bench.kit.solved(rms_dbfs=code), student=student)


def test_one_after_the_other(bwrap, benches):
    """Through one warm process, one after the other."""
    bench = benches(START)
    assert graded(bench, ACCOMPLICE, "accomplice").statuses()["rms_dbfs"] == "passed"
    thief = graded(bench, THIEF, "thief")
    assert thief.statuses()["rms_dbfs"] == "wrong", thief.examination.output


def test_the_next_examiner(bwrap, benches):
    """A warm process that is started after the accomplice was there."""
    assert graded(benches(START), ACCOMPLICE, "accomplice").statuses()["rms_dbfs"] == "passed"
    with Bench(START, bwrap) as bench:
        thief = graded(bench, THIEF, "thief")
        assert thief.statuses()["rms_dbfs"] == "wrong", thief.examination.output
        assert bench.grade(bench.kit.solved()).statuses()["rms_dbfs"] == "passed"


def test_at_the_same_time(bwrap, benches):
    """The accomplice is still there, in another worker, while the thief looks."""
    waiting = ACCOMPLICE + "\ntime.sleep(3)\n"
    with Bench(START, bwrap) as other:
        outcome = []
        thread = threading.Thread(target=lambda: outcome.append(graded(other, waiting, "accomplice")))
        thread.start()
        thieves = [graded(benches(START), THIEF, "thief") for _ in range(3)]
        thread.join()
    assert outcome[0].statuses()["rms_dbfs"] == "passed", outcome[0].message("rms_dbfs")
    for thief in thieves:
        assert thief.statuses()["rms_dbfs"] == "wrong", thief.examination.output


def test_nothing_on_the_machine(bwrap, benches):
    """What the accomplice wrote is neither in the library nor in the home folder of whoever grades."""
    graded(benches(START), ACCOMPLICE, "accomplice")
    import site
    from pathlib import Path

    folders = [Path.home(), Path.home() / ".ipython/profile_default/startup", Path(site.getusersitepackages()), ROOT,
               ROOT / "course_lib", *map(Path, site.getsitepackages())]
    assert not [str(path) for folder in folders for path in folder.glob("course-adversary-8d1c*")]
