"""An OpenAI-compatible endpoint that imitates a reader of the sandbox's own texts.

It is a simulator: it knows by heart what was drawn for each case, and looks like a model from
outside. It says so wherever it shows.
"""
