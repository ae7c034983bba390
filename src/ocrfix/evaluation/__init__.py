"""How good is a cleaned text?  Error rates and structure scores against ground truth, one measure a module.

Start reading at :func:`ocrfix.evaluation.score.score`.  ``transcription`` reads gold and clean texts into one form,
``align`` ties two of them together, ``character_error_rate``, ``word_error_rate``, ``notes`` and ``structure`` measure.
``stages`` and ``decisions`` judge the edits of a document, ``calibration`` its probabilities, ``comparison`` draws the
page on which a person sees the errors, and ``command`` is ``ocrfix eval``.
"""
