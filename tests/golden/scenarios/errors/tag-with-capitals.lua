-- a tag with capitals
tags { "rst", "TIME-WAIT" }
