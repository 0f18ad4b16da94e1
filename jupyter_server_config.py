"""JupyterLab started in the checkout reads this: saving a solved notebook writes its percent source."""

c = get_config()  # noqa: F821 - traitlets defines it

c.ServerApp.contents_manager_class = "autograder.pairing.CourseContentsManager"
