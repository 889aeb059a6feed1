"""ciel: the backend of a photo-sharing application. A stand-in with the real one's moving parts."""
