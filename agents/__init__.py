"""Model clients and the reader: answers narrow questions about text, and never picks an outcome."""

OWNER = "casewright"
