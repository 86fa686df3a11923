"""Finding and comparing evidence: from a claim to excerpts, word for word."""

import os

# A thread of a model that waits for the others turns in place by default, on a processor that another process wants: beside ingest, a check
# took 4.5 times as long on two cores, and 2.1 times where waiting threads sleep; alone, the same within 3 % (DECISIONS 58). libgomp reads
# this as it is loaded, and whoever is first brings it, usearch or torch: so it is said before any of them. What is set already stands.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
