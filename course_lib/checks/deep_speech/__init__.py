"""Checks of unit 13_deep_speech: edit counts, batches by length, masked batch norm, SpecAugment, time arithmetic.

Oracles: torchaudio's edit distance and an enumeration of alignments, statistics over the valid cells alone, the law of
the masks, torch's convolution shapes and the CTC loss.
"""

from course_lib.checks.deep_speech.augmentation import spec_augment
from course_lib.checks.deep_speech.batches import length_batches, masked_batch_norm
from course_lib.checks.deep_speech.edits import edit_report
from course_lib.checks.deep_speech.steps import time_plan

__all__ = ["edit_report", "length_batches", "masked_batch_norm", "spec_augment", "time_plan"]
