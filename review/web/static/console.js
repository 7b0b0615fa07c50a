// The console's own script: keys, and nothing that a page could not do without.
