"""The resident service: `check`, `search` and `stance` are answered by a process that has the models loaded already."""
