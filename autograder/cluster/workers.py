"""The workers of a Dask cluster, seen from the coordinator, who alone writes the books.

Start the cluster with the same checkout and packages on every machine, one thread per worker process:

    dask scheduler --tls-ca-file ca.pem --tls-cert node.pem --tls-key node.key --protocol tls
    dask worker tls://scheduler:8786 --nworkers 8 --nthreads 1 --tls-ca-file ca.pem --tls-cert node.pem …

Dask itself gives the tasks of a worker that dies to another one. A result that comes twice has one key, and is taken
once. Without TLS, whoever can read or reach the network reads submissions and runs code: `tcp://` is for one machine.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.cluster.there import grade_there
from autograder.errors import CourseError
from autograder.grade.frames import outcome_from_json, setting_to_json, task_to_json
from autograder.grade.local import ATTEMPTS, SPARE_SECONDS
from autograder.grade.run_task import broken
from autograder.grade.task import Outcome, Setting, Task

CONNECT_SECONDS = 30.0
AHEAD = 3
"""Tasks given out per thread of the cluster: more would only fill the scheduler's memory with submissions."""


class ClusterWorkers:
    """A Dask cluster; use it as a context manager.

    Args:
        address: of the scheduler, tls://host:port or tcp://host:port.
        ca, cert, key: certificate files of TLS; None: what Dask's own configuration says
            (DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT, …__CLIENT__KEY).

    Raises:
        CourseError: Dask is not installed, the certificates cannot be used, or no scheduler answers.
    """

    def __init__(self, address: str, *, ca: Path | None = None, cert: Path | None = None, key: Path | None = None):
        self._address, self._client = address, None
        with dask_errors(address):
            from distributed import Client

            logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its faults are told in our words
            security = _security(address, ca, cert, key)
            asyncio.run(_knock(address, security))
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False, security=security)

    def __enter__(self) -> "ClusterWorkers":
        return self

    def __exit__(self, *_) -> None:
        """Leave the cluster; the scheduler drops what was still waiting."""
        self._client.close(timeout=5)

    def run(self, tasks: Sequence[Task], setting: Setting) -> Iterator[Outcome]:
        """The outcome of every task, as they come.

        Raises:
            CourseError: no worker joins, the scheduler is lost, or a worker's machine cannot grade.
        """
        if not tasks:
            return
        from distributed import as_completed

        with dask_errors(self._address):
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            shop = _Shop(self._client, tasks, setting)
            done = as_completed(shop.fill(), loop=self._client.loop)
            for future in done:
                outcome = shop.take(future)
                for more in shop.fill():
                    done.add(more)
                if outcome is not None:
                    yield outcome


class _Shop:
    """The tasks that wait, and those that are given out."""

    def __init__(self, client, tasks: Sequence[Task], setting: Setting):
        self._client, self._setting = client, setting
        self._waiting = [(task, 1) for task in reversed(tasks)]
        self._out: dict[Any, tuple[Task, int]] = {}
        self._run = secrets.token_hex(8)  # a second run on the same cluster does not meet the leavings of the first
        # A task of its own: it crosses the network once per worker, and is made again when its worker dies.
        self._shared = client.submit(str, json.dumps(setting_to_json(setting)), key=f"setting-{self._run}")

    def fill(self) -> list:
        """Give out tasks up to the limit; the new futures."""
        threads = sum(self._client.nthreads().values())
        futures = []
        while self._waiting and len(self._out) < AHEAD * max(1, threads):
            task, attempt = self._waiting.pop()
            header, data = task_to_json(task)
            files = {name: path.read_bytes() for name, path in task.handed_in.attachments.items()}
            future = self._client.submit(grade_there, self._shared, header, bytes(data), files, pure=False,
                                         key=f"grade-{self._run}-{task.key}-{attempt}")
            self._out[future.key] = task, attempt
            futures.append(future)
        return futures

    def take(self, future) -> Outcome | None:
        """The outcome of a finished future; None if the task is tried once more."""
        task, attempt = self._out.pop(future.key)
        outcome = self._outcome(future, task)
        future.release()
        if outcome.trouble is not None and attempt < ATTEMPTS:
            self._waiting.append((task, attempt + 1))
            return None
        return outcome

    def _outcome(self, future, task: Task) -> Outcome:
        from distributed import KilledWorker

        try:
            answer = future.result(timeout=SPARE_SECONDS)
        except KilledWorker as error:
            return broken(task, self._setting.assignment(), f"its workers died: {error}", "cluster")
        if "refused" in answer:
            raise CourseError(answer["refused"], mend=answer["mend"])
        return outcome_from_json(answer["outcome"])


async def _knock(address: str, security) -> None:
    """Connect once and leave: a `Client` that finds no scheduler would make us wait for a minute at the end."""
    from distributed.comm import connect

    comm = await connect(address, timeout=CONNECT_SECONDS, **security.get_connection_args("client"))
    await comm.close()


def _security(address: str, ca: Path | None, cert: Path | None, key: Path | None):
    from distributed.security import Security

    for file in (ca, cert, key):
        if file is not None and not file.is_file():
            raise CourseError("there is no such certificate file", file)
    given = {"tls_ca_file": ca, "tls_client_cert": cert, "tls_client_key": key}
    security = Security(**{name: str(file) for name, file in given.items() if file is not None},
                        require_encryption=address.startswith("tls://"))
    if security.require_encryption and security.get_connection_args("client")["ssl_context"] is None:
        raise CourseError("a tls:// scheduler needs certificates", mend="name --tls-ca, --tls-cert and --tls-key")
    return security


@contextmanager
def dask_errors(address: str) -> Iterator[None]:
    """Dask's errors as one sentence with a mend."""
    again = "what was graded is kept: run it again when the cluster is back"
    try:
        yield
    except ModuleNotFoundError as error:
        raise CourseError(f"a cluster needs {error.name}", mend='pip install "distributed>=2025.7"') from None
    except CourseError:
        raise
    except TimeoutError as error:
        raise CourseError(f"no answer from {address}: {error}", mend="are scheduler, workers and certificates right?"
                          ) from None
    except (OSError, ValueError, TypeError) as error:  # certificates, addresses, lost connections
        raise CourseError(f"the cluster at {address} cannot be used: {error}", mend=again) from error
    except Exception as error:
        if not type(error).__module__.startswith(("distributed", "dask")):
            raise
        raise CourseError(f"the cluster at {address} was lost: {error}", mend=again) from error
