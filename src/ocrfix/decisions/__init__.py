"""What persons decided: who, when, what, old and new; bound to the reading in its context, not to an offset.

``model`` says what a decision is, ``binding`` finds its place in a text, ``store`` keeps decisions in a database, and
``exchange`` writes and reads them as CSV.
"""
