from gradebook_fixtures import assignment, book, course, first_course

__all__ = ["assignment", "book", "course", "first_course"]
