"""riff: a small social network that federates. A stand-in with the real one's moving parts."""
