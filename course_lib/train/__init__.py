"""Training: one plain loop with progress, seeds, checkpoints, exact resume and early stop."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "checkpoint": ["CheckpointError"],
        "history": ["History", "TrainingDiverged"],
        "loop": ["fit"],
        "schedules": ["warmup_cosine"],
    },
)
