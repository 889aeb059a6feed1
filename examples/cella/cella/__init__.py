"""cella: a board of posts that everybody sees live. A stand-in with the real one's moving parts."""
