"""The fault harness: real processes at work on a real store, a fault at a random moment, and a judge afterwards.

`python -m tests.faults --count 1000` injects faults over all kinds (kinds.py) and prints a table by kind. A lane (lane.py) is a process
that loads what is needed once and forks a worker (worker.py) for each round; what the worker began and what was acknowledged stands in a
journal (journal.py) that no fault reaches. The judge (judge.py) is a process of its own, forked after the fault. Disks and clocks fail by a
library that is loaded before all others (shim.c).
"""
