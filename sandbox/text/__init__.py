"""What parties write: phrases in three languages, put together, typed badly, sometimes hostile."""
