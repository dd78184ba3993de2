-- record without saying whether
record()
