import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import certificates
import pytest

BATCH = Path(__file__).resolve().parent.parent / "batch"
sys.path.insert(0, str(BATCH))  # the stand-ins and the little course


class Cluster:
    """A scheduler and worker processes with TLS, the examiner's stand-in in each worker."""

    def __init__(self, folder: Path):
        import fakes

        self.certificates = certificates.make(folder / "tls")
        self.folder, self.environment = folder, fakes.environment()
        self.processes: list[subprocess.Popen] = []
        self.scheduler = self.start("scheduler", "--protocol", "tls", "--port", "0", "--dashboard-address", ":0",
                                    "--scheduler-file", str(folder / "scheduler.json"))
        self.address = self.wait_for_address()

    def start(self, what: str, *arguments: str) -> subprocess.Popen:
        tls = self.certificates
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--tls-ca-file", tls / "ca.pem",
                   "--tls-cert", tls / "node.pem", "--tls-key", tls / "node.key"]
        with (self.folder / f"{what}{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen([str(part) for part in command], env=self.environment, stdout=log,
                                       stderr=subprocess.STDOUT, cwd=self.folder)
        self.processes.append(process)
        return process

    def start_worker(self, name: str) -> subprocess.Popen:
        return self.start("worker", self.address, "--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                          "--local-directory", str(self.folder),
                          "--preload", str(Path(__file__).with_name("stand_ins.py")))

    def wait_for_address(self) -> str:
        import json

        file, deadline = self.folder / "scheduler.json", time.monotonic() + 60
        while time.monotonic() < deadline:
            if file.exists() and file.read_text().strip():
                return json.loads(file.read_text())["address"]
            assert self.scheduler.poll() is None, (self.folder / "scheduler0.log").read_text()
            time.sleep(0.1)
        raise TimeoutError("no scheduler")

    def connect(self):
        from autograder.cluster import ClusterWorkers

        tls = self.certificates
        return ClusterWorkers(self.address, ca=tls / "ca.pem", cert=tls / "node.pem", key=tls / "node.key")

    def options(self) -> list[str]:
        tls = self.certificates
        return ["--scheduler", self.address, "--tls-ca", str(tls / "ca.pem"), "--tls-cert", str(tls / "node.pem"),
                "--tls-key", str(tls / "node.key")]

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with TLS, without workers."""
    if os.name != "posix" or shutil.which("openssl") is None:
        pytest.skip("the cluster is tested on POSIX systems that have openssl")
    pytest.importorskip("distributed")
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def crew(cluster):
    """The cluster with two worker processes."""
    cluster.workers = {name: cluster.start_worker(name) for name in ("one", "two")}
    return cluster


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory):
    """nbgrader needs seconds to make a new database, so once."""
    from little_course import write_course

    from autograder.course import Course
    from autograder.gradebook import GradeBook

    course = Course.load(write_course(tmp_path_factory.mktemp("first") / "course"))
    with GradeBook(course):
        pass
    return course.root / "build/gradebook.db"
