"""A plain text that is too large to be held: it is learned from in one pass and cleaned part by part in another.

Start reading at :func:`ocrfix.large.clean.clean_in_parts`.  The text is read stretch by stretch (:mod:`.source`) and
cut where a paragraph ends (:mod:`.division`); each part becomes a document of its own, cleaned with what the other
parts tell of the words (:mod:`.words`); and what a document has, its clean text, its table of corrections, its report,
is put together from the parts as they are done (:mod:`.assembly`).  ``document.json`` lists them (:mod:`.manifest`).
"""
