"""Running a transaction again that the database took back since another was in its way."""

from __future__ import annotations

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from retrieval.errors import StoreBusy

TRIES = 6

# For a method that is one transaction, and may be run again as a whole: it was rolled back, as if it had never begun.
retried = retry(
    retry=retry_if_exception_type(StoreBusy),
    stop=stop_after_attempt(TRIES),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    reraise=True,
)
