"""Review: a person checks the doubtful few, and every answer is used everywhere.

``queue`` says what is asked and in which order, ``corpus`` what an answer does; neither knows of the web page,
which is in ``app``.
"""
