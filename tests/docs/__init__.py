"""The documentation: the pages that are made from the code, and the examples of all pages, run."""
