"""Run a student's code where it can reach nothing: no network, no secrets, no files, bounded in every resource.

    with open_sandbox("auto", setup=assignment.setup, preload=(), roots=(course.root,), limits=Limits()) as sandbox:
        with sandbox.session(limits) as session:
            reply = session.request(b"...", seconds=10, max_reply=1 << 20)

A *keeper*, a small process inside the sandbox boundary, imports the libraries once in a second process, the *warm* one.
For each session it makes namespaces of their own, with a guard as their first process, and has the warm process fork
the student's process into them. `inside` holds all the code that runs there; nothing else of the grader is visible.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "sandbox": ["Sandbox", "open_sandbox"],
        "session": ["ReplyTooLarge", "Session", "SessionDied", "SessionEnd", "SessionTimeout"],
    },
)
