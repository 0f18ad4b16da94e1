"""The launcher of docker and podman: its command line, and a whole session through a stand-in that uses bubblewrap.

No daemon is needed: the stand-in understands exactly the commands that the launcher gives and passes them on to
bubblewrap. What a real daemon makes of them is not shown here.
"""

import io
import itertools
import os
import sys
import tarfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sandboxes import HERE, SMALL, asking, make, processes_with

from autograder.errors import CourseError
from autograder.processes import PACKAGE_ROOT
from autograder.sandbox import container, usable
from autograder.sandbox.view import make_view

STAND_IN = '''\
#!{python}
"""docker run, for a test: the same options, by bubblewrap."""
import os, sys
word, *rest = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if word == "info":
    sys.exit(print("27.0"))
if word == "image":
    sys.exit(1)
if word == "import":
    sys.exit(0 if sys.stdin.buffer.read() else 1)
if word == "kill":
    sys.exit(0)
line = ["bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--clearenv",
        "--die-with-parent", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin",
        "/bin", "--perms", "1777", "--tmpfs", "/tmp", "--proc", "/proc", "--dev", "/dev"]
options = iter(rest)
for option in options:
    if option in ("--rm", "--read-only"):
        end = ["--remount-ro", "/"] if option == "--read-only" else []
        continue
    value = next(options)
    if option == "--env":
        line += ["--setenv", *value.split("=", 1)]
    elif option == "--mount":
        fields = dict(f.partition("=")[::2] for f in value.split(","))
        line += ["--ro-bind", fields["source"], fields["destination"]]
    elif option == "--user":
        line += ["--uid", value.split(":")[0], "--gid", value.split(":")[1]]
    elif option == "--entrypoint":
        next(options)  # the image
        os.execvp("bwrap", [*line, *end, "--chdir", "/tmp", value, *options])
'''


@pytest.fixture
def docker(tmp_path, monkeypatch, bwrap):
    """A `docker` on the path; returns the file in which it notes what it was asked."""
    program, log = tmp_path / "bin" / "docker", tmp_path / "log"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return log


def lines_of(view, **options):
    limits = replace(SMALL, memory_bytes=1 << 30)
    return container.command("docker", view, limits, Path("/x/shared"), "image:1", "course-1", **options)


def test_the_command_line_gives_nothing_away(monkeypatch):
    monkeypatch.setenv("COURSE_SECRET_FOR_TEST", "swordfish")
    line = lines_of(make_view((PACKAGE_ROOT,), ()))
    pairs = list(itertools.pairwise(line))
    for pair in [("--network", "none"), ("--cap-drop", "ALL"), ("--security-opt", "no-new-privileges"),
                 ("--user", "61001:61001"), ("--ipc", "private"), ("--memory", str(5 << 30)),
                 ("--memory-swap", str(5 << 30)), ("--pids-limit", str(SMALL.processes + 64)),
                 ("--entrypoint", sys.executable)]:
        assert pair in pairs, pair
    assert line[:3] == ["docker", "run", "--rm"]
    assert "--read-only" in line
    assert not [w for w in line if w.startswith(("--privileged", "--pid", "--cap-add", "--volume", "--device"))
                and not w.startswith("--pids-limit")]
    mounts = [value for option, value in pairs if option == "--mount"]
    assert all(m.endswith(",readonly") for m in mounts)
    for secret in ("solutions", "tests", "gradebook", "build", "swordfish"):
        assert not [m for m in mounts if secret in m.removeprefix(f"type=bind,source={HERE}").split("/")]
        assert secret not in " ".join(w for w in line if not w.startswith("type=bind"))


def test_names_with_commas_are_quoted():
    assert container.mount(Path("/a,b"), Path('/c"d')) == \
        'type=bind,"source=/a,b","destination=/c""d",readonly'


def test_the_image_holds_links_only_and_is_the_same_every_time():
    view = make_view((), ())
    layer = container.empty_image(view)
    assert layer == container.empty_image(view)
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        assert not [m for m in tar.getmembers() if m.isfile()]
        assert {f"/{m.name}": m.linkname for m in tar.getmembers() if m.issym()} == \
            {str(place): target for target, place in view.links}


def test_a_session_in_a_container(docker):
    with make("docker") as sandbox:
        assert sandbox.level == "docker"
        with asking(sandbox) as ask, asking(sandbox) as sibling:
            assert ask("6 * 7") == "42"
            ask("open('/tmp/mine', 'w').write('x'); open('/dev/shm/mine', 'w').write('x')")
            assert sibling("os.path.exists('/tmp/mine'), os.listdir('/dev/shm'), os.listdir('/dev/pts')") == \
                "(False, [], [])"
            assert ask("os.getpid(), os.getuid()") == "(2, 61001)"
            assert "Error" in ask("open('/course/written', 'w')")
            assert "Error" in ask("socket.socket(socket.AF_UNIX).connect('/control/keeper')")
        folder = Path(sandbox._launcher.folder)
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    words = [line.split()[0] for line in docker.read_text().splitlines()]
    assert words == ["info", "image", "import", "run"]


def test_a_container_that_hangs_is_killed_by_name(docker):
    with make("docker") as sandbox:
        sandbox._kill()
    assert docker.read_text().splitlines()[-1].startswith("kill course-")


def test_a_container_ends_with_its_grader(docker):
    word = f"4545.{os.getpid()}"
    with make("docker") as sandbox, sandbox.session(SMALL) as session:
        session.request(f"subprocess.Popen(['sleep', '{word}'])".encode(), seconds=9, max_reply=999)
        assert processes_with(word)
        sandbox._control.shutdown(2)  # what the kernel does for a grader that is killed
        deadline = time.monotonic() + 5
        while processes_with(word) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_with(word) == []


def test_a_daemon_that_does_not_answer_is_told(tmp_path, monkeypatch):
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CourseError, match="Cannot connect to the Docker daemon"):
        make("docker")


@pytest.fixture
def machine(tmp_path):
    """Make a root folder with the given settings."""
    def make_root(**settings):
        for name, value in settings.items():
            path = tmp_path / "proc/sys" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{value}\n")
        return tmp_path
    return make_root


def test_apparmor_is_explained_with_the_profile_to_install(machine):
    fault = usable.explain("bwrap: setting up uid map: Permission denied",
                           root=machine(kernel__apparmor_restrict_unprivileged_userns=1), release="6.8.0-31-generic")
    assert "setting up uid map: Permission denied" in fault.seen
    assert "/etc/apparmor.d/bwrap" in fault.mend
    assert textwrap.dedent(usable.PROFILE) in fault.mend
    assert "  userns,\n" in usable.PROFILE


@pytest.mark.parametrize(("settings", "release", "mend"), [
    ({"kernel__unprivileged_userns_clone": 0}, "5.10.0-28-amd64", "sysctl kernel.unprivileged_userns_clone=1"),
    ({"user__max_user_namespaces": 0}, "5.14.0-427.el9", "sysctl user.max_user_namespaces=15000"),
    ({}, "4.18.0-553.el8", "Linux 5.8 or later"),
    ({"kernel__apparmor_restrict_unprivileged_userns": 0}, "6.8.0", "read the folders of Python"),
])
def test_other_refusals_are_explained(machine, settings, release, mend):
    assert mend in usable.explain("bwrap: no", root=machine(**settings), release=release).mend


def test_inside_a_container_the_mend_is_another_one(machine):
    root = machine(kernel__apparmor_restrict_unprivileged_userns=1)
    (root / ".dockerenv").touch()
    assert "seccomp=unconfined" in usable.explain("bwrap: no", root=root, release="6.8.0").mend


def test_automatic_never_means_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match="bubblewrap is not installed; docker is not installed") as caught:
        make("auto")
    assert "--sandbox none" in caught.value.mend


def test_automatic_takes_bubblewrap_first(bwrap):
    with make("auto") as sandbox:
        assert sandbox.level == "bwrap"


def test_what_is_usable_is_found_by_trying(bwrap):
    assert usable.fault("bwrap") is None
