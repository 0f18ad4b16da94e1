"""The setup cell of a real unit in the sandbox: every library works there as it does in a notebook."""

import os

import pytest
from sandboxes import HERE, Inside, make

from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.model.limits import Limits
from autograder.processes import PACKAGE_ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ask(bwrap):
    course = Course.load(PACKAGE_ROOT)
    setup = Assignment.read(course, course.unit("02_stft")).setup
    with make("bwrap", setup=setup, roots=(PACKAGE_ROOT, HERE), limits=Limits()) as sandbox, \
            sandbox.session(Limits()) as session:
        yield Inside(session)


@pytest.mark.parametrize(("source", "reply"), [
    ("torch.stft(torch.ones(800), 64, window=torch.ones(64), return_complex=True).shape[0]", "33"),
    ("torch.nn.Linear(4, 2)(torch.ones(3, 4)).sum().backward()", "None"),
    ("torch.get_num_threads()", "1"),
    ("__import__('torchaudio').functional.melscale_fbanks(33, 0, 4000, 8, 8000).shape[1]", "8"),
    ("__import__('librosa').filters.mel(sr=8000, n_fft=64, n_mels=8).shape", "(8, 33)"),
    ("plt.figure().savefig('figure.png')", "None"),
    ("audio.write('x.wav', np.zeros(100, np.float32), 8000); len(audio.read('x.wav')[0])", "100"),
    ("sum(p.numel() for p in torch.nn.LSTM(3, 5).parameters())", "200"),
    ("__import__('scipy.signal').signal.lfilter([1.0], [1.0, 0.5], np.ones(3)).shape", "(3,)"),
])
def test_libraries_work(ask, source, reply):
    first, _, last = source.rpartition("; ")
    if first:
        ask(first)
    assert ask(last, seconds=60) == reply


@pytest.mark.data
def test_recordings_can_be_read(ask):
    if "COURSE_DATA_MIRROR" not in os.environ:
        pytest.skip("COURSE_DATA_MIRROR is not set")
    assert ask("len(data.example('trumpet')[0]) > 10_000") == "True"


def test_nothing_was_printed(ask):
    end = ask.session.close()
    assert end.how == "closed"
    assert "cpuinfo" not in end.output, end.output
