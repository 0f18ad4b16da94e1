"""The gates: what a unit must show before it may stand in the course.

`course audit` runs them. Each module here is one gate or one tool of a gate:

    stock       solution and blank release through stock nbgrader, with time and memory
    harness     graded cells in a forked child of a warm process; `warm` is that process
    answers     named right and wrong answers
    mutate      small changes of a solution; `mutants` runs them and keeps the record
    prose, links, cards, figures    what a reader sees
    built       built notebooks equal their source and leak nothing
"""
