"""One request, one reply, deadlines, sizes, how a session ends: with and without isolation."""

import os
import threading
import time
from dataclasses import replace

import pytest
from sandboxes import SMALL, Inside, asking, make

from autograder.errors import CourseError
from autograder.sandbox import ReplyTooLarge, SessionDied, SessionTimeout


def test_a_session_answers_and_reports(either):
    session = either.session(SMALL)
    ask = Inside(session)
    assert ask("6 * 7") == "42"
    assert ask("print('heard'); print('too', file=sys.stderr)") == "None"
    assert ask("x = 1") == "None"
    end = session.close()
    assert end.how == "closed"
    assert end.output == "heard\ntoo\n"
    assert end.output_bytes == 10
    assert session.close() == end


def test_sessions_know_nothing_of_each_other(either):
    with asking(either) as first, asking(either) as second:
        first("secret = 5")
        assert "NameError" in second("secret")
        first("open('left.txt', 'w').write('x')")
        assert second("os.path.exists('left.txt')") == "False"
        assert first("os.path.exists('left.txt')") == "True"


def test_files_are_copied_into_the_working_folder(either, tmp_path):
    (tmp_path / "weights").write_bytes(b"\0" * 100_000)
    with asking(either, files={"model.safetensors": tmp_path / "weights"}) as ask:
        assert ask("len(open('model.safetensors', 'rb').read())") == "100000"
        ask("open('model.safetensors', 'ab').write(b'x')")
    assert (tmp_path / "weights").stat().st_size == 100_000


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 200, "a\nb"])
def test_file_names_are_plain(either, tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="plain file name"):
        either.session(SMALL, {name: tmp_path / "file"})


def test_only_regular_files_are_handed_in(either, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "absent"):
        with pytest.raises(CourseError):
            either.session(SMALL, {"name": tmp_path / name})


def test_files_that_have_no_room_are_told(either, tmp_path):
    with open(tmp_path / "large", "wb") as file:
        file.truncate(SMALL.file_bytes + 1)
    with pytest.raises(CourseError, match="16 MB are allowed"):
        either.session(SMALL, {"large": tmp_path / "large"})


@pytest.mark.parametrize(("source", "how"), [
    ("os._exit(3)", "exit status 3"),
    ("os.kill(os.getpid(), 9)", "signal 9"),
    ("os.abort()", "signal 6"),
    ("import ctypes; ctypes.string_at(0)", "signal 11"),
])
def test_the_end_of_a_process_is_told(either, source, how):
    with asking(either) as ask:
        with pytest.raises(SessionDied) as died:
            ask(source)
        assert died.value.how == how
        with pytest.raises(SessionDied):
            ask("1")
        assert ask.session.close().how == how


def test_an_endless_loop_that_ignores_signals(either):
    with asking(either) as ask:
        ask("import signal")
        ask("[signal.signal(s, signal.SIG_IGN) for s in range(1, 32) if s not in (9, 19)]; me = os.getpid()")
        started = time.monotonic()
        with pytest.raises(SessionTimeout):
            ask("while True: pass", seconds=0.3)
        end = ask.session.close()
        assert time.monotonic() - started < 3
        assert end.how == "closed"


def test_a_student_that_does_not_read_is_a_timeout(either):
    with asking(either) as ask:
        for source in ("time.sleep(60)", "0" * (64 << 20)):
            ask.session._spoilt = ""  # as if the first timeout had been overlooked
            with pytest.raises(SessionTimeout):
                ask(source, seconds=0.3)


def test_large_messages_cross_both_ways(either):
    with asking(either, replace(SMALL, memory_bytes=1 << 30)) as ask:
        assert len(ask("'x' * (20 << 20)", max_reply=64 << 20)) == (20 << 20) + 2
        assert ask(f"len({'7' * 1_000_000!r})") == "1000000"


def test_a_reply_that_says_it_is_huge_is_not_read(either):
    forge = "import gc, socket, struct; [s.sendall(struct.pack('<Q', {size}) + b'x') for s in gc.get_objects() " \
            "if isinstance(s, socket.socket) and s.fileno() > 2 and s.type == socket.SOCK_STREAM]"
    for size in (2**63, 2**40, (1 << 20) + 1):
        with asking(either) as ask, pytest.raises(ReplyTooLarge):
            ask(forge.format(size=size))


def test_a_student_that_closes_its_channel_has_died(either):
    with asking(either) as ask, pytest.raises(SessionDied):
        ask("os.closerange(3, 200)")


def test_a_sandbox_whose_warm_process_died_starts_another(either):
    either._process.kill()
    time.sleep(0.05)
    with asking(either) as ask:
        assert ask("1 + 1") == "2"


def test_a_setup_cell_that_fails_is_told(either):
    with pytest.raises(CourseError, match="ModuleNotFoundError: No module named 'nowhere'"):
        make(either.level, setup="import nowhere")


def test_an_unknown_level():
    with pytest.raises(CourseError, match="bwrap"):
        make("bwarp")


def test_it_can_be_opened_again_and_again_without_leaks():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with make("none") as sandbox:
            sandbox.session(SMALL).close()
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_sandbox_outlives_the_thread_that_opened_it(bwrap):
    opened = []
    thread = threading.Thread(target=lambda: opened.append(make("bwrap")))
    thread.start()
    thread.join()
    time.sleep(0.1)  # die-with-parent follows threads, so a kill would have come by now
    with opened[0] as sandbox, asking(sandbox) as ask:
        pid = sandbox._process.pid
        assert ask("1 + 1") == "2"
        assert sandbox._process.pid == pid
