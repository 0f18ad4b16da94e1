"""An IPython shell without a kernel around it."""


def make_shell(setup: str):
    """An IPython shell that has run the setup cell: the same semantics as a kernel, without its threads.

    Raises whatever the setup cell raises.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    result = shell.run_cell(setup)
    result.raise_error()
    return shell
