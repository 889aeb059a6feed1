"""meemi: a folder of pictures. A stand-in with the real one's moving parts."""
