"""Compare every answer to an exercise with every other: how much they share, and how few others share it too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.similarity.pieces import Piece, code_pieces, prose_pieces

__all__ = ["Answers", "Match", "compare"]

LEAST_SIMILAR = {False: 0.5, True: 0.25}
"""Share of pieces in common from which two answers are listed: programs, prose."""
LIKE_SOLUTION = 0.8
LEAST_BITS = 5.0
"""Two answers that share only what many have are not listed, however alike they are."""


@dataclass(frozen=True)
class Match:
    """Two answers to one exercise.

    Args:
        exercise: grade_id of the answer cell.
        first, second: who; `second` is None for the public solution.
        similarity: share of pieces that both have, 0 to 1.
        evidence: bits: for each shared piece, how unlikely it is in an answer of the rest of the class.
        sharing: how many in class have the whole tree of the first answer (1 if nobody else).
        same_text: equal to the letter, blanks aside.
    """

    exercise: str
    first: str
    second: str | None
    similarity: float
    evidence: float
    sharing: int
    same_text: bool


class Answers:
    """The answers of a class to one exercise.

    Args:
        exercise: grade_id.
        sources: student → answer.
        solution: the public solution.
        stub: what students received; its pieces count for nobody.
        prose: a question in words.
    """

    def __init__(self, exercise: str, sources: Mapping[str, str], solution: str, stub: str, *, prose: bool = False):
        self.exercise, self.prose, self.sources, self.solution = exercise, prose, dict(sources), solution
        cut: Callable[[str], list[Piece]] = prose_pieces if prose else code_pieces
        known = {piece.mark for piece in cut(stub)}
        cache: dict[str, list[Piece]] = {}
        for source in (*sources.values(), solution):
            if source not in cache:
                cache[source] = [piece for piece in cut(source) if piece.mark not in known]
        self._pieces = cache
        self.students = sorted(student for student, source in sources.items() if cache[source])
        self._matrix = self._incidence()

    def pieces(self, student: str | None) -> list[Piece]:
        """Of a student's answer, or of the solution (None)."""
        return self._pieces[self.text(student)]

    def text(self, student: str | None) -> str:
        """A student's answer, or the solution (None)."""
        return self.solution if student is None else self.sources[student]

    def bits(self, mark: int) -> float:
        """How unlikely a piece is in an answer: −log₂ of its share in the class, two of its owners left aside."""
        owners = self._owners.get(mark, 0)
        return float(_bits(np.array([owners]), len(self.students))[0])

    def _incidence(self):
        """Students and the solution (last row) × distinct pieces: 1 where the answer has the piece."""
        from scipy.sparse import csr_matrix

        rows = [{piece.mark for piece in self.pieces(student)} for student in (*self.students, None)]
        column = {mark: i for i, mark in enumerate(sorted(set().union(*rows)))}
        pointer = np.cumsum([0, *map(len, rows)])
        indices = [column[mark] for row in rows for mark in sorted(row)]
        matrix = csr_matrix((np.ones(len(indices)), indices, pointer), shape=(len(rows), len(column)))
        counts = np.asarray(matrix[:-1].sum(axis=0)).ravel()
        self._owners = {mark: int(counts[i]) for mark, i in column.items()}
        self._weights = _bits(counts, len(self.students))
        return matrix

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """(similarity, evidence) of every two rows; students in order, the solution last."""
        from scipy.sparse import diags

        matrix = self._matrix
        shared = (matrix @ matrix.T).toarray()
        sizes = np.diag(shared)
        both = sizes[:, None] + sizes[None, :]
        similarity = np.divide(2 * shared, both, out=np.zeros_like(shared), where=both > 0)
        return similarity, (matrix @ diags(self._weights) @ matrix.T).toarray()


def compare(answers: Answers) -> list[Match]:
    """Every two answers that are alike and share what others do not, and every answer like the public solution."""
    if not answers.students:
        return []
    similarity, evidence = answers.tables()
    count = len(answers.students)
    least = np.full(similarity.shape, LEAST_SIMILAR[answers.prose])
    least[:, count] = LIKE_SOLUTION
    listed = np.triu((similarity >= least) & (evidence >= LEAST_BITS), 1)
    return [_match(answers, similarity, evidence, int(i), int(j)) for i, j in zip(*np.nonzero(listed), strict=True)]


def _match(answers: Answers, similarity: np.ndarray, evidence: np.ndarray, i: int, j: int) -> Match:
    count = len(answers.students)
    first, second = answers.students[i], answers.students[j] if j < count else None
    return Match(
        answers.exercise, first, second, float(similarity[i, j]), float(evidence[i, j]),
        int((similarity[i, :count] >= 0.999).sum()),
        answers.text(first).split() == answers.text(second).split(),
    )


def _bits(owners: np.ndarray, students: int) -> np.ndarray:
    """−log₂ of (owners beyond two + 1) / (students beyond two + 2): what the rest of the class says about chance.

    A piece that more than half of the class has says nothing, however many such pieces an answer is made of.
    """
    others = np.maximum(owners - 2, 0) + 1
    bits = -np.log2(np.minimum(1.0, others / (max(students - 2, 0) + 2)))
    return np.where(bits >= 1.0, bits, 0.0)
