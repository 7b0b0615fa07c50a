"""What buyers and sellers write about a claim, by language."""
