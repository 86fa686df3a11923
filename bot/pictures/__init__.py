"""Answers as pictures: facts.py says what is drawn, overview.py and timeline.py draw it, alternative.py says the same in words."""
