"""Downloads that end in a right file or in one clear line.

pooch writes each download to a temporary file beside its place, compares the SHA-256 and renames, so the cache never
holds a bad file and two processes may fetch at once.
"""

import errno
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from course_lib.data.errors import DataError, DataUnavailable
from course_lib.data.registry import DataSet


@dataclass(frozen=True)
class Patience:
    """How long a download may take, in seconds, and how often it is tried."""

    connect: float = 10.0
    silence: float = 20.0  # without a byte
    total: float = 300.0   # for one file: a server that trickles never falls silent
    tries: int = 4
    pause: float = 0.5     # before the second try; doubles after each
    parallel: int = 8


PATIENCE = Patience()

_thread = threading.local()


class _Absent(Exception):
    """The server answers, and does not have the file."""


def fetch(
    entry: DataSet, names: Sequence[str], *, cache: Path, mirror: str | None, progress: bool = True,
) -> dict[str, Path]:
    """Download files of a set into the cache, several at once.

    Args:
        names: file names of the set.
        cache: folder of the cache; files go to cache/folder-of-the-set/name.
        mirror: URL that is asked first, or None.

    Returns:
        Name → path of the verified file.

    Raises:
        DataError: any file cannot be had; files that came before stay in the cache.
    """
    from tqdm import tqdm

    if os.environ.get("COURSE_OFFLINE", "") not in ("", "0"):
        raise _unavailable(entry, names, "COURSE_OFFLINE forbids the network")
    paths: dict[str, Path] = {}
    stop = threading.Event()
    pool = ThreadPoolExecutor(PATIENCE.parallel, thread_name_prefix="fetch")
    bar = tqdm(
        total=len(names), desc=f"fetching {entry.name}", unit="file", file=sys.stdout, leave=False, disable=not progress
    )
    try:
        jobs = {pool.submit(_fetch_one, entry, name, cache, mirror, stop): name for name in names}
        for job in as_completed(jobs):
            paths[jobs[job]] = job.result()
            bar.update()
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        bar.close()
    return paths


def _fetch_one(entry: DataSet, name: str, cache: Path, mirror: str | None, stop: threading.Event) -> Path:
    """Try the mirror, then the public address: a missing file moves on, a wrong one stops."""
    target = cache / entry.folder / name
    addresses = [entry.address(name)] if mirror is None else [entry.address(name, mirror), entry.address(name)]
    for address in addresses:
        try:
            return _retrieve(entry, name, address, target, stop)
        except _Absent:
            continue
    raise DataUnavailable(
        f"{entry.name}: {addresses[-1]} is not there (404); update the course, or set COURSE_DATA_MIRROR to a copy "
        f"that holds {entry.folder}/, or use {entry.generated}"
    )


def _retrieve(entry: DataSet, name: str, address: str, target: Path, stop: threading.Event) -> Path:
    """Download one file with retries: a flapping server and a cut connection are tried again after a pause."""
    import pooch
    import requests
    import urllib3

    pooch.get_logger().setLevel("ERROR")  # it reports each file on stderr, where nbgrader would score it as a failure
    pause, reason, kind = PATIENCE.pause, "", DataUnavailable
    for attempt in range(PATIENCE.tries):
        if attempt and stop.wait(pause * 2 ** (attempt - 1)):
            break
        kind = DataUnavailable
        try:
            pooch.retrieve(
                address, known_hash=f"sha256:{entry.checksums[name]}", fname=target.name, path=target.parent,
                downloader=_download,
            )
            return target
        except ValueError as error:
            if "hash" not in str(error):
                raise
            reason = "the file that came is not the registered one (SHA-256 differs: cut short or altered)"
            kind = DataError  # wrong data are never replaced by generated ones
        except requests.HTTPError as error:
            status = error.response.status_code
            if status in (404, 410):
                raise _Absent from None
            reason = f"the server answers {status} {error.response.reason}"
            if status < 500 and status not in (408, 429):
                break
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            reason = "the server is too slow"
        except urllib3.exceptions.HTTPError:
            reason = "the connection broke off before the end of the file"
        except requests.ConnectionError:
            reason = f"no connection to {urlsplit(address).netloc}"
        except requests.RequestException as error:
            raise DataError(f"{entry.name}: cannot use the address {address} ({error}); correct it") from None
        except OSError as error:
            raise _no_room(entry, target, error) from None
    raise _unavailable(entry, [name], f"{address}: {reason}, tried {attempt + 1} times", kind)


def _download(url: str, output_file: str, _pooch) -> None:
    """A pooch downloader with a limit on the whole time, not only on silence, and one connection per thread."""
    import requests

    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
        _thread.session.headers["Accept-Encoding"] = "identity"  # the bytes of the file, for the raw read below
    limit = time.monotonic() + PATIENCE.total
    with _thread.session.get(url, stream=True, timeout=(PATIENCE.connect, PATIENCE.silence)) as response:
        response.raise_for_status()
        # read1 returns what has come; read waits for a full block, and a server that trickles never fills one.
        read = getattr(response.raw, "read1", response.raw.read)  # urllib3 has read1 since 2.2
        with open(output_file, "wb") as file:
            while chunk := read(1 << 16):
                file.write(chunk)
                if time.monotonic() > limit:
                    raise TimeoutError


def _unavailable(
    entry: DataSet, names: Sequence[str], reason: str, kind: type[DataError] = DataUnavailable
) -> DataError:
    return kind(
        f"{entry.name}: {len(names)} of {entry.files} files cannot be had ({reason}); connect and run it again, or set "
        f"COURSE_DATA_MIRROR to a folder or URL that holds {entry.folder}/, or use {entry.generated}"
    )


def _no_room(entry: DataSet, target: Path, error: OSError) -> DataError:
    if error.errno == errno.ENOSPC:
        what = f"the disk is full, {target} cannot be written; free some space or set COURSE_DATA_DIR to another disk"
    else:
        reason = error.strerror or error
        what = f"the cache {target.parent} cannot be written ({reason}); set COURSE_DATA_DIR to a folder of yours"
    return DataError(f"{entry.name}: {what}, or use {entry.generated}")
