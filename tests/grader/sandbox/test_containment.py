"""What a student's process cannot reach: network, processes, files, secrets, its guard, its siblings."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sandboxes import HERE, SMALL, asking, make, processes_with

from autograder.processes import PACKAGE_ROOT
from autograder.sandbox import SessionDied


def run(ask, source):
    """Run a block and return what it left in `result`."""
    ask(textwrap.dedent(source))
    return ask("result")


def test_no_network(inside):
    for address in (("127.0.0.1", 22), ("10.0.0.1", 80), ("1.1.1.1", 53)):
        assert "Error" in inside(f"socket.create_connection({address!r}, 1)")
    assert "gaierror" in inside("socket.getaddrinfo('example.org', 80)")
    assert inside("[name for _, name in socket.if_nameindex()]") == "['lo']"
    assert "OSError" in inside("socket.socket(40, socket.SOCK_STREAM)")  # AF_VSOCK: the host of a virtual machine
    assert "Error" in inside("socket.socket(socket.AF_PACKET, socket.SOCK_RAW)")


def test_no_listener_of_this_machine_is_reached(inside):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0course-test")
        abstract.listen()
        assert "Error" in inside(f"socket.create_connection({tcp.getsockname()!r}, 1)")
        assert "ConnectionRefusedError" in inside("socket.socket(socket.AF_UNIX).connect('\\0course-test')")


def test_siblings_do_not_meet(bwrap):
    with asking(bwrap) as one, asking(bwrap) as other:
        one("s = socket.socket(socket.AF_UNIX); s.bind('\\0here'); s.listen()")
        assert one("c = socket.socket(socket.AF_UNIX); c.connect('\\0here')") == "None"
        assert "ConnectionRefusedError" in other("socket.socket(socket.AF_UNIX).connect('\\0here')")
        one("open('/dev/shm/mine', 'w').write('x'); open('/tmp/mine', 'w').write('x')")
        assert other("os.listdir('/dev/shm'), os.path.exists('/tmp/mine')") == "([], False)"
        one("child = subprocess.Popen(['sleep', '60'])")
        assert other("subprocess.run('kill -0 $(seq 3 40)', shell=True).returncode") == "1"
        assert other("os.kill(-1, 9)") == "ProcessLookupError(3, 'No such process')"
        assert one("child.poll()") == "None"


def test_processes_outside_do_not_exist(inside):
    assert inside("os.getpid(), os.getppid()") == "(2, 0)"
    assert inside("sorted(os.listdir('/proc'))") == "['cpuinfo', 'meminfo']"
    assert "Error" in inside(f"os.kill({os.getpid()}, 0)")
    assert "Error" in inside("open('/proc/1/environ').read()")


def test_everybody_killed_is_nobody_harmed(bwrap):
    with asking(bwrap) as ask, asking(bwrap) as sibling:
        ask("subprocess.Popen(['sleep', '60'])")
        ask("os.kill(-1, 9)")
        for number in (1, 2, 3, 9, 11, 15, 19):
            ask(f"os.kill(1, {number})")  # the guard
        assert ask("1 + 1") == "2"
        assert sibling("1 + 1") == "2"
        with pytest.raises(SessionDied, match="signal 9"):
            ask("os.kill(0, 9)")
    with asking(bwrap) as ask:
        assert ask("2 + 2") == "4"


def test_the_guard_cannot_be_held(inside):
    calls = """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            return getattr(libc, name)(*arguments), ctypes.get_errno()
        result = [
            call('ptrace', 16, 1, 0, 0), call('unshare', 0x10000000), call('mount', b'x', b'/tmp', b'tmpfs', 0, 0),
            call('setpriority', 0, 1, 19), call('umount2', b'/proc', 2), call('syscall', 319, b'x', 0),
            call('syscall', 438, 3, 0, 0), call('shmget', 0, 1 << 20, 0o1777), call('setns', 3, 0),
        ]"""
    assert run(inside, calls) == repr([(-1, 1)] * 9)
    assert "PermissionError" in inside("__import__('resource').prlimit(1, 7, (0, 0))")
    assert "PermissionError" in inside("os.sched_setaffinity(1, {0})")
    assert "PermissionError" in inside("__import__('mmap').mmap(-1, 1 << 20)")
    assert "Error" in inside("os.setuid(0)")
    assert "Error" in inside("os.setns(3)" if sys.version_info >= (3, 12) else "os.chroot('/tmp')")


def test_limits_cannot_be_raised(inside):
    assert "ValueError" in inside("__import__('resource').setrlimit(7, (4096, 4096))")
    assert inside("[__import__('resource').getrlimit(n)[1] > 0 for n in (4, 8)]") == "[False, False]"


def test_no_privileges_by_programs(inside):
    script = "import os; print(os.getuid(), os.geteuid())"
    assert "61001 61001" in inside(f"subprocess.run([sys.executable, '-c', {script!r}], capture_output=True).stdout")
    found = inside("subprocess.run(['sh', '-c', 'su -c id; mount -t tmpfs x /tmp; echo end'], capture_output=True)")
    assert "uid=0" not in found


def test_nothing_secret_in_the_environment(monkeypatch):
    monkeypatch.setenv("COURSE_SECRET_FOR_TEST", "swordfish")
    monkeypatch.setenv("PYTHONSTARTUP", "/x")
    with make("bwrap") as sandbox, asking(sandbox) as ask:
        names = eval(ask("sorted(os.environ)"))
        assert ask("any('swordfish' in v for v in os.environ.values())") == "False"
        assert "swordfish" not in ask("subprocess.run('env', capture_output=True).stdout")
        assert ask("os.environ['HOME'], os.getcwd(), os.environ['PYTHONSAFEPATH']") == "('/tmp', '/tmp', '1')"
    allowed = ("PYTHON", "LC_", "COURSE_DATA_", "COURSE_PROFILE", "PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "LANG",
               "MPLBACKEND", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_", "PWD", "COLUMNS", "LINES")
    assert [n for n in names if not n.startswith(allowed)] == []
    assert "PYTHONSTARTUP" not in names


WALK = """
    import site
    known = ('/usr', '/sys', sys.prefix, sys.base_prefix)
    result, stack = [], ['/']
    while stack:
        folder = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            result.append(entry.path)
            skipped = entry.path in known or entry.name in ('site-packages', 'data')
            if entry.is_dir(follow_symlinks=False) and not skipped:
                stack.append(entry.path)
"""


def test_only_what_is_needed_can_be_seen():
    with make("bwrap", roots=(PACKAGE_ROOT, HERE)) as sandbox, asking(sandbox) as ask:
        seen = [Path(p) for p in eval(run(ask, WALK))]
        where = ask("os.path.dirname(__import__('course_lib').__file__)")
    names = {p.name for p in seen}
    assert "course_lib" in names  # the walk did see the library
    shown = {folder for python in (sys.prefix, sys.base_prefix) for folder in Path(python).parents}  # on the way to it
    for secret in ("solutions", "gradebook.db", "build", ".git", "work", "nbgrader_config.py", "shadow", "passwd"):
        assert secret not in {p.name for p in seen if p not in shown}, secret
    assert "/course/root0/course_lib" in where
    assert {p.name for p in seen if p.parent == Path("/course/root0")} == {"course_lib", "datasets"}
    grader = {str(p.relative_to("/course/grader/autograder")) for p in seen
              if Path("/course/grader/autograder") in p.parents}
    assert {g.split("/")[0] for g in grader} <= {"__init__.py", "sandbox", "remote"}


def test_nothing_but_tmp_can_be_written(inside):
    found = run(inside, """
        result = []
        folders = ['/', '/dev', '/proc', '/usr', '/etc', '/course', '/course/root0', '/course/grader/course_lib',
                   '/data', '/sys', sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), '/tmp', '/dev/shm']
        for folder in folders:
            try:
                open(folder + '/written-by-a-student', 'w').close()
                result.append(folder)
            except OSError:
                pass
    """)
    assert found == "['/tmp', '/dev/shm']"
    assert "Error" in inside("os.chmod(sys.executable, 0o777)")
    assert "Error" in inside("os.remove('/course/root0/toy.py')")
    assert "Error" in inside("os.mknod('/tmp/disk', 0o60666, os.makedev(254, 0))")
    assert "Error" in inside("os.open('/dev/zero', 0)")
    assert not list(HERE.glob("written*"))


def test_descriptors_lead_nowhere(inside):
    assert inside("[n for n in range(64) if not os.system(f'test -e /dev/fd/{n}') ]") == "[]"
    kinds = run(inside, """
        import stat
        result = []
        for n in range(256):
            try:
                result.append((n < 3, stat.S_IFMT(os.fstat(n).st_mode)))
            except OSError:
                pass
    """)
    # stdin is /dev/null, stdout and stderr one pipe, and one socket to the grader
    assert eval(kinds) == [(True, 0o020000), (True, 0o010000), (True, 0o010000), (False, 0o140000)]


def test_a_folder_that_only_its_owner_may_enter_is_readable_inside(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "toy.py").write_text((HERE / "toy.py").read_text())
    with make("bwrap", roots=(private,), readable=(tmp_path / "private",)) as sandbox, asking(sandbox) as ask:
        assert ask(f"os.listdir({str(private)!r})") == "['toy.py']"


def test_nothing_survives_a_session(either):
    word = f"4242.{os.getpid()}"
    with asking(either) as ask:
        ask(textwrap.dedent(f"""
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp('sleep', ['sleep', '{word}'])
                os._exit(0)
            subprocess.Popen(['setsid', 'sleep', '{word}'])
            time.sleep(0.2)
        """))
        assert processes_with(word)
    assert processes_with(word) == []


GRADER = """
import os, sys, time
sys.path.insert(0, {here!r})
from sandboxes import make, asking, SMALL
sandbox = make({level!r})
session = sandbox.session(SMALL)
session.request(b"open('kept', 'w').write('x'); subprocess.Popen(['sleep', {word!r}])", seconds=9, max_reply=999)
session.request(b"1", seconds=9, max_reply=999)
print(sandbox._process.pid, flush=True)
session.request(b"while True: pass", seconds=99, max_reply=999)
"""


@pytest.mark.parametrize("level", ["bwrap", "none"])
def test_nothing_survives_a_grader_that_is_killed(level, tmp_path, request):
    request.getfixturevalue(level)
    word = f"4343.{os.getpid()}"
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    code = GRADER.format(here=str(HERE), level=level, word=word)
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env)
    sandbox = int(grader.stdout.readline())
    assert processes_with(word)
    grader.kill()
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (processes_with(word) or Path(f"/proc/{sandbox}").exists()):
        time.sleep(0.05)
    assert processes_with(word) == []
    assert not Path(f"/proc/{sandbox}").exists() or _is_zombie(sandbox)
    assert list(tmp_path.iterdir()) == []


def _is_zombie(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_session_that_is_not_closed_ends_with_its_sandbox():
    word = f"4444.{os.getpid()}"
    with make("bwrap") as sandbox:
        session = sandbox.session(SMALL)
        session.request(f"subprocess.Popen(['sleep', '{word}'])".encode(), seconds=9, max_reply=999)
        assert processes_with(word)
    assert processes_with(word) == []
    with pytest.raises(SessionDied):
        session.request(b"1", seconds=9, max_reply=99)
