"""Answers that end, hang, flood or fill: each costs its own exercise, and nothing and nobody else."""

from roster.case import CRASHED, PASSED, STFT, TIMEOUT, WRONG, ZERO, Case, answer

LIE = "\fdef rms_dbfs(x): return np.zeros(np.shape(x)[:-1])\n\f"
LEVEL = """\f
def rms_dbfs(x):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.mean(np.square(x), axis=-1))
"""

CASES = [
    answer("os_exit_in_the_call", "the process ends with status 0 before a verdict", """
        import os
        def rms_dbfs(x): os._exit(0)
    """, status=CRASHED),
    answer("os_exit_in_one_of_six", "the other exercises of the notebook must still get their chance", """
        import os
        def decibels(X, floor=-80.0): os._exit(0)
    """, unit=STFT, to="decibels", status=CRASHED),
    answer("os_exit_in_the_cell", "the cell ends the process before anything is asked", "import os; os._exit(0)",
           unit=STFT, to="decibels"),
    answer("segmentation_fault", "the null pointer is read", """
        import ctypes
        def decibels(X, floor=-80.0): return ctypes.string_at(0)
    """, unit=STFT, to="decibels", status=CRASHED),
    answer("stack_overflow", "the C stack ends", """
        import sys
        sys.setrecursionlimit(1 << 30)
        def rms_dbfs(x): return [rms_dbfs(x)] and repr(x)
    """, hurry=0.25),
    answer("recursion", "plain endless recursion", "def rms_dbfs(x): return rms_dbfs(x)", status=WRONG, says="itself"),
    answer("stops_itself", "SIGSTOP: neither dead nor alive", """
        import os, signal
        def rms_dbfs(x): os.kill(os.getpid(), signal.SIGSTOP)
    """, status=(TIMEOUT, CRASHED), hurry=0.25),
    answer("kills_everything", "every process it may signal", """
        import os, signal
        def rms_dbfs(x):
            os.kill(-1, signal.SIGKILL)
            os.kill(os.getppid(), signal.SIGKILL)
            os.killpg(0, signal.SIGKILL)
    """),
    answer("kills_the_parent", "the parent reports nothing any more", """
        import os, signal
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(os.getppid(), how)
            except OSError:
                pass
    """ + LIE),
    answer("endless_loop", "the grader waits for ever", "def rms_dbfs(x):\n    while True: pass", status=TIMEOUT,
           hurry=0.25),
    answer("loop_that_ignores_signals", "no signal and no exception ends it", """
        import signal as signals
        for number in range(1, 65):
            try:
                signals.signal(number, signals.SIG_IGN)
            except (OSError, ValueError):
                pass
        def decibels(X, floor=-80.0):
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
    """, unit=STFT, to="decibels", status=TIMEOUT),
    answer("loop_in_the_cell", "the cell itself never ends", "while True: pass", unit=STFT, to="decibels"),
    answer("loop_in_c", "one call into C that takes a week", "def rms_dbfs(x): return (10**10**7) ** 3 % 7",
           hurry=0.25),
    answer("sleeps", "asleep for a day", "import time\ndef rms_dbfs(x): time.sleep(86400)", status=TIMEOUT, hurry=0.25),
    answer("slow_in_every_call", "each call just within the limit, all together hours", """
        import time
        def rms_dbfs(x):
            time.sleep(0.2)
            return checks.start._level(x)
    """, status=TIMEOUT, hurry=0.25),
    answer("slow_to_die", "a destructor and an exit handler that never end", """
        import atexit, time
        class Late:
            def __del__(self): time.sleep(3600)
        late = Late()
        atexit.register(time.sleep, 3600)
    """ + LEVEL, status=PASSED),
    answer("fork_bomb", "processes without end", """
        import os
        def rms_dbfs(x):
            while True:
                try:
                    os.fork()
                except OSError:
                    pass
    """, hurry=0.25),
    answer("thread_bomb", "threads without end", """
        import threading, time
        def rms_dbfs(x):
            while True:
                threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    """, hurry=0.25),
    answer("daemon", "a process that outlives the grading by setsid, and writes to the gradebook at night", """
        import os, sys
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(sys.executable, ["python", "-c", "import time; time.sleep(600)", "course-adversary-8d1c"])
            os._exit(0)
    """ + LIE),
    answer("orphans", "a child that closes everything and ignores everything", """
        import os, signal, time
        if os.fork() == 0:
            os.setsid()
            for number in range(1, 32):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            os.closerange(0, 1024)
            os.execv("/bin/sleep", ["course-adversary-8d1c", "600"])
    """ + LIE),
    answer("four_times_the_memory", "an array of four times the limit", """
        def rms_dbfs(x):
            return np.ones(1 << 30).sum() * 0  # 8 GiB
    """),
    answer("memory_in_small_pieces", "lists until the machine swaps", """
        def rms_dbfs(x):
            hoard = []
            while True:
                hoard.append(bytearray(1 << 24))
    """, hurry=3),
    answer("memory_in_children", "each process is within its limit, together they are not", """
        import os, time
        def rms_dbfs(x):
            for _ in range(12):
                if os.fork() == 0:
                    hoard = bytearray(b"x" * (400 << 20))
                    time.sleep(3600)
            time.sleep(3600)
    """),
    answer("memory_without_a_name", "memory files and shared maps, which no limit on data counts", """
        import mmap, os
        def rms_dbfs(x):
            hoard = []
            while True:
                block = mmap.mmap(-1, 1 << 26)
                block.write(b"x" * (1 << 26))
                hoard.append(block)
                file = os.memfd_create("hoard")
                os.write(file, b"x" * (1 << 26))
    """, hurry=3),
    answer("shared_memory_left", "System V memory and /dev/shm outlive the process", """
        import ctypes, os
        libc = ctypes.CDLL(None)
        key = libc.shmget(0x8d1c, 1 << 24, 0o1666)
        libc.semget(0x8d1c, 4, 0o1666)
        libc.msgget(0x8d1c, 0o1666)
        for folder in ("/dev/shm", "/tmp", "/var/tmp", "/run/lock", os.path.expanduser("~"), "."):
            try:
                open(f"{folder}/course-adversary-8d1c", "wb").write(b"x" * (1 << 20))
            except OSError:
                pass
    """ + LIE, status=WRONG),
    answer("output_200_mb", "200 MB of lines", """
        print("all work and no play\\n" * (200_000_000 // 21))
    """ + LEVEL, status=PASSED, hurry=3),
    answer("output_200_mb_in_one_line", "200 MB without a line break", """
        import os
        block = b"x" * 1_000_000
        for _ in range(200):
            os.write(1, block)
            os.write(2, block[:1000])
    """ + LEVEL, status=PASSED, hurry=3),
    answer("file_of_10_gb", "the disk is filled", """
        import os
        def rms_dbfs(x):
            with open("/tmp/course-adversary-8d1c", "wb") as file:
                for _ in range(1000):
                    file.write(b"x" * 10_000_000)
    """),
    answer("a_million_files", "the disk runs out of inodes", """
        import os
        def rms_dbfs(x):
            for i in range(1_000_000):
                os.mkdir(f"/tmp/course-adversary-8d1c-{i}")
                open(f"/tmp/course-adversary-8d1c-{i}/x", "w").close()
            return 0.0
    """, hurry=0.25),
    answer("core_dump", "a core file of a gigabyte", """
        import os, resource, signal
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        def rms_dbfs(x): os.abort()
    """, status=CRASHED),
    answer("limits_lifted", "the limits are put up again, for itself and for its parent", """
        import os, resource
        for limit in (resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NPROC):
            for pid in (0, os.getppid()):
                for value in ((-1, -1), (resource.getrlimit(limit)[1],) * 2, (0, 0)):
                    try:
                        resource.prlimit(pid, limit, value)
                    except (OSError, ValueError):
                        pass
        def rms_dbfs(x): return np.ones(1 << 30).sum() * 0
    """),
    answer("faster_than_the_clock", "time stands still", """
        import time
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        def rms_dbfs(x):
            while time.time() < 1: pass
    """, status=TIMEOUT, hurry=0.25),
    answer("thread_that_floods", "a thread left running prints and computes until the end", """
        import threading
        def flood():
            while True:
                print("still here", flush=True)
        threading.Thread(target=flood, daemon=True).start()
    """ + LEVEL, status=PASSED, hurry=5),
    Case("dies_in_an_unused_cell", STFT, "a cell of the student's own, on which no answer depends, ends the process",
         lambda kit: kit.insert(kit.solved(), "stft", "import os\nos._exit(1)")),
    Case("loops_in_an_unused_cell", STFT, "an unused cell never ends",
         lambda kit: kit.insert(kit.solved(), "stft", "while True: pass")),
    Case("dies_in_a_used_cell", STFT, "a helper's cell ends the process; answers that need no helper are right",
         lambda kit: kit.insert(kit.solved(decibels="def decibels(X, floor=-80.0): return helper(X)"), "stft",
                                "def helper(X): return X\nimport os\nos._exit(1)"), {"decibels": ZERO}),
]
