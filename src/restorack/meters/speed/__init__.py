"""How fast a recording is played, and how that varies, from the partials of its music."""
