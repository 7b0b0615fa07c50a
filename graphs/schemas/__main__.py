"""Writes the schemas beside this file."""

from graphs.schemas import MODELS, path, text

for name in MODELS:
    path(name).write_text(text(name), "utf-8")
