from class_fixtures import course, given  # noqa: F401 - fixtures
