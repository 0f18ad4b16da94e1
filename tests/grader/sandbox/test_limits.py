"""What a session may use: memory, processes, CPU, files, output; and that a kill for it is told from a crash."""

import textwrap
import time
from dataclasses import replace

import pytest
from sandboxes import SMALL, asking

from autograder.sandbox import SessionDied, SessionTimeout


def test_four_times_the_memory_is_an_error_of_the_answer(either):
    with asking(either) as ask:
        assert ask(f"bytearray({4 * SMALL.memory_bytes})") == "MemoryError()"
        assert ask("import numpy; numpy.ones(200_000_000)").startswith(("MemoryError", "_ArrayMemoryError", "numpy"))
        assert ask("1") == "1"


def test_memory_of_many_processes_together(either):
    with asking(either) as ask:
        with pytest.raises(SessionDied) as died:
            ask(textwrap.dedent("""
                for _ in range(8):
                    if os.fork() == 0:
                        kept = bytearray(100 << 20)
                        time.sleep(60)
                time.sleep(60)
            """), seconds=30)
        assert died.value.how == "signal 9 (memory)"
        end = ask.session.close()
        assert SMALL.memory_bytes < end.peak_bytes < 4 * SMALL.memory_bytes


def test_peak_memory_is_seen(either):
    with asking(either) as ask:
        ask("kept = bytearray(150 << 20); del kept; time.sleep(0.2)")
        assert 130 << 20 < ask.session.close().peak_bytes < 200 << 20


def test_a_fork_bomb_is_bounded(bwrap):
    with asking(bwrap) as ask:
        started = time.monotonic()
        with pytest.raises((SessionDied, SessionTimeout)):
            ask(textwrap.dedent("""
                while True:
                    try:
                        os.fork()
                    except OSError:
                        pass
            """), seconds=2)
        ask.session.close()
        assert time.monotonic() - started < 8
    with asking(bwrap) as ask:
        assert ask("1") == "1"


def test_processes_and_threads_are_counted(bwrap):
    with asking(bwrap) as ask:
        found = ask(textwrap.dedent("""
            children = []
            try:
                while len(children) < 100:
                    pid = os.fork()
                    if pid == 0:
                        time.sleep(60)
                        os._exit(0)
                    children.append(pid)
            except BlockingIOError:
                pass
        """))
        assert found == "None"
        assert ask("len(children)") == str(SMALL.processes - 1)
        assert "can't start new thread" in ask("__import__('threading').Thread(target=time.sleep, args=(9,)).start()")


def test_a_process_storm_without_isolation_is_ended(none):
    with asking(none) as ask, pytest.raises(SessionDied, match="processes"):
        ask("[subprocess.Popen(['sleep', '60']) for _ in range(60)] and time.sleep(9)")


def test_cpu_time_is_ended_and_told(either):
    with asking(either, replace(SMALL, cell_cpu_seconds=1)) as ask:
        ask("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)")
        with pytest.raises(SessionDied, match="CPU time"):
            ask("while True: pass", seconds=15)
        assert "CPU time" in ask.session.close().how


def test_cpu_time_of_children_counts(either):
    with asking(either, replace(SMALL, cell_cpu_seconds=1)) as ask, pytest.raises(SessionDied, match="CPU time"):
        ask("while True: subprocess.run([sys.executable, '-S', '-c', 'for i in range(5_000_000): pass'])",
            seconds=30)


def test_one_file_and_the_private_folder_are_bounded(bwrap):
    with asking(bwrap) as ask:
        ask("f = open('big', 'wb')")
        assert "Error" in ask(f"[f.write(bytes(1 << 20)) for _ in range({2 * SMALL.file_bytes >> 20})]")
        ask("f.close(); os.remove('big')")
        found = ask(textwrap.dedent(f"""
            for i in range(9):
                open(f'part{{i}}', 'wb').write(bytes({SMALL.file_bytes // 4}))
        """))
        assert "No space left" in found
        assert "No space left" in ask("open('/dev/shm/more', 'wb').write(bytes(1 << 20))")


def test_a_flood_of_empty_files_is_bounded(bwrap):
    with asking(bwrap) as ask:
        found = ask("[os.mknod(f'f{i}') for i in range(200_000)]", seconds=30)
        assert "No space left" in found


@pytest.mark.parametrize("line", [b"x" * 99 + b"\n", b"x" * 100])
def test_200_megabytes_of_output(either, line):
    with asking(either) as ask:
        ask("os.write(1, b'first ')")
        ask(f"block = {line!r} * 10_000; [os.write(1, block) for _ in range(200)]")
        ask("os.write(2, b' last')")
        end = ask.session.close()
    assert end.output.startswith("first ")
    assert end.output.endswith(" last")
    assert end.output_bytes > 198_000_000  # a write to a pipe may be cut short
    assert "bytes left out" in end.output
    assert len(end.output) < 1.1 * SMALL.output_bytes


def test_output_of_a_process_that_dies_is_kept(either):
    with asking(either) as ask:
        with pytest.raises(SessionDied):
            ask("print('the last words'); os._exit(1)")
        assert ask.session.close().output == "the last words\n"


def test_descriptors_are_bounded(either):
    with asking(either) as ask:
        assert "Too many open files" in ask("[os.dup(1) for _ in range(5000)]")
        assert ask("1") == "1"
