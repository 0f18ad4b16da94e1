"""Stand-ins for answers in another process: the same interface as the subjects in the notebook."""

from collections.abc import Mapping

import numpy as np

from autograder.remote.client import ProtocolFault, Remote
from course_lib.checks.core import Data, register_subject_type


@register_subject_type
class RemoteSubject:
    """A function, class, module instance or other callable of a student's process. See `Subject`."""

    def __init__(self, remote: Remote, handle: int, name: str):
        self.name = name
        self._remote, self._handle = remote, handle

    def renamed(self, name: str) -> "RemoteSubject":
        """The same answer under another name in messages."""
        return RemoteSubject(self._remote, self._handle, name)

    def call(self, *args: Data, **kwargs: Data) -> Data:
        """See `Subject.call`."""
        return self._ask("call", args, kwargs)

    __call__ = call
    """For a graded cell that calls the answer itself: `assert double(2) == 4`."""

    def build(self, *args: Data, **kwargs: Data) -> "RemoteModule":
        """See `Subject.build`."""
        return RemoteModule(self._remote, expect_handle(self._ask("build", args, kwargs)), self.name)

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """See `Subject.gradients`."""
        return _arrays(self._ask("function_gradients", args, {"output": output, "cotangent": cotangent}))

    def _ask(self, op: str, args: tuple, kwargs: dict) -> Data:
        return self._remote.ask(op, handle=self._handle, name=self.name, args=args, kwargs=kwargs)


class RemoteModule:
    """An instance of a student's class in the student's process. See `ModuleSubject`."""

    def __init__(self, remote: Remote, handle: int, name: str):
        self.name = name
        self._remote, self._handle = remote, handle

    def __del__(self):
        self._remote.drop(self._handle)

    def forward(self, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.forward`."""
        return self._ask("forward", args=args, kwargs=kwargs)

    def method(self, method: str, *args: Data, **kwargs: Data) -> Data:
        """See `ModuleSubject.method`."""
        return self._ask("method", method=method, args=args, kwargs=kwargs)

    def parameters(self) -> dict[str, np.ndarray]:
        """See `ModuleSubject.parameters`."""
        return _arrays(self._ask("parameters"))

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """See `ModuleSubject.load`."""
        self._ask("load", arrays={name: np.array(value) for name, value in arrays.items()})

    def gradients(
        self, *args: Data, output: int | None = None, cotangent: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """See `ModuleSubject.gradients`."""
        return _arrays(self._ask("gradients", args=args, kwargs={"output": output, "cotangent": cotangent}))

    def train(self, mode: bool = True) -> None:
        """See `ModuleSubject.train`."""
        self._ask("train", mode=mode)

    def _ask(self, op: str, **arguments: Data) -> Data:
        return self._remote.ask(op, handle=self._handle, **arguments)


def expect_handle(value: Data) -> int:
    """`value`, if it is the number of a handle.

    Raises:
        ProtocolFault: it is something else.
    """
    if type(value) is not int or value < 0:
        raise ProtocolFault("no handle")
    return value


def _arrays(value: Data) -> dict[str, np.ndarray]:
    """What `parameters` and `gradients` promise: arrays of numbers by name."""
    if type(value) is not dict:
        raise ProtocolFault("no arrays by name")
    for name, array in value.items():
        if type(name) is not str or type(array) is not np.ndarray or array.dtype.kind not in "biufc":
            raise ProtocolFault("no arrays by name")
    return value
