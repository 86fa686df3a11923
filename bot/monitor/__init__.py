"""Watching the program from outside: figures, whether it lives, whether it is ready, and the ids that the lines of a log share."""
