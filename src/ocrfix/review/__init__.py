"""Review: a person checks the doubtful few, and every answer is used everywhere.

``queue`` says what is asked and in which order, ``corpus`` what an answer does; neither knows of the web page.
``learning`` makes lexicons of the answers.
``app`` is the page's server, ``desk`` its one reviewer at work, ``views`` what it tells the page (``templates``,
``static``), ``security`` whom it lets in, ``images`` the scans, ``command`` what starts it.
"""
