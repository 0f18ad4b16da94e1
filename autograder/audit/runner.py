"""Run the gates over units: text, then answers and mutants in forked children, then stock nbgrader in parallel."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.audit.answers import FIXED_SEED, run_answers
from autograder.audit.built import judge_built
from autograder.audit.cards import judge_cards
from autograder.audit.figures import judge_figures
from autograder.audit.gradebook import BLANK, SOLVED, StockRun
from autograder.audit.harness import Harness, HarnessError
from autograder.audit.links import judge_links
from autograder.audit.mutants import judge, read_record, run_mutants
from autograder.audit.progress import Steps
from autograder.audit.prose import judge_prose
from autograder.audit.report import UnitReport
from autograder.audit.subject import AuditedUnit
from autograder.course import Course, Unit
from autograder.errors import CourseError
from autograder.processes import Interrupted
from autograder.stock import StockError


@dataclass(frozen=True)
class Options:
    """What to run. `fast` leaves stock nbgrader out; `online` asks web links.

    `seed` is the private grading seed; with `soak` every answer meets that many more.
    """

    jobs: int
    mutants: bool = False
    fast: bool = False
    online: bool = False
    seed: str = FIXED_SEED
    soak: int = 0


def run_audit(course: Course, units: Sequence[Unit], options: Options, steps: Steps) -> list[UnitReport]:
    """The reports of `units`, in their order.

    Raises:
        KeyboardInterrupt: passed on when no process is left.
    """
    reports, audited = [], []
    for unit in units:
        try:
            one = AuditedUnit.read(course, unit)
        except CourseError as error:
            report = UnitReport(unit.name)
            report.fail_from("source", error)
            reports.append(report)
            continue
        reports.append(one.report)
        audited.append(one)
    with steps.step("source, prose, build", len(audited)) as done:
        for one in audited:
            judge_built(one)
            judge_cards(one)
            judge_prose(one)
            judge_links(one, online=options.online)
            judge_figures(one)
            done()
    for one in audited:
        _answers_and_mutants(one, options, steps)
    if not options.fast:
        _stock_nbgrader(audited, options, steps)
    return reports


def _answers_and_mutants(audited: AuditedUnit, options: Options, steps: Steps) -> None:
    try:
        with Harness(audited.setup, workers=options.jobs, roots=audited.roots) as harness:
            with steps.step(f"{audited.unit.name}: named answers") as done:
                run_answers(audited, harness, seed=options.seed, soak=options.soak, on_outcome=done)
            if options.mutants:
                with steps.step(f"{audited.unit.name}: mutants") as done:
                    run_mutants(audited, harness, on_total=done.total, on_outcome=done)
    except HarnessError as error:
        audited.report.fail("harness", str(error), file=audited.unit.source, mend="run the setup cell of the notebook")
        return
    judge(audited, read_record(audited))


def _stock_nbgrader(audited: Sequence[AuditedUnit], options: Options, steps: Steps) -> None:
    """Both submissions of every unit, `jobs` at a time; a notebook that was too slow is measured again, alone."""
    stop = threading.Event()
    runs: list[StockRun] = []
    threads = max(1, (os.cpu_count() or 1) // options.jobs)
    try:
        with steps.step("stock nbgrader", 3 * len(audited)) as done, _pool(options.jobs, stop) as pool:
            waiting: dict[Future, AuditedUnit | StockRun] = {
                pool.submit(StockRun, one, options.seed, threads, stop): one for one in audited
            }
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    owner = waiting.pop(future)
                    if isinstance(owner, AuditedUnit):
                        run = _made(owner, future)
                        if run is not None:
                            runs.append(run)
                            waiting |= {pool.submit(run.grade, who): run for who in (SOLVED, BLANK)}
                    else:
                        future.result()
                    done()
        slow = [run for run in runs if options.jobs > 1 and run.too_slow()]
        with steps.step("slow ones again, alone", len(slow)) as done:
            for run in slow:
                run.stock.use_threads(None)
                run.grade(SOLVED)
                done()
        for run in runs:
            run.judge()
    finally:
        for run in runs:
            run.close()


def _made(audited: AuditedUnit, future: Future) -> StockRun | None:
    try:
        return future.result()
    except StockError as error:
        audited.report.fail("nbgrader", str(error), file=audited.unit.source, mend=f"course build {audited.unit.name}")
        return None


@contextmanager
def _pool(jobs: int, stop: threading.Event) -> Iterator[ThreadPoolExecutor]:
    """A pool whose workers end their processes when the block is left by an exception, Ctrl-C among them."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield pool
    except BaseException as error:
        stop.set()
        if isinstance(error, Interrupted):
            raise KeyboardInterrupt from None
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
