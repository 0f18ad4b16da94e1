"""Run a submission in the sandbox and the instructor's tests outside of it: from a Submission to an Examination."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"examiner": ["Examiner"]})
