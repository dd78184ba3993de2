title "a rule that does nothing known"
firewall("wall", { rules = { illegal_flags,
  { filter = "tcp port 80", action = "deny", name = "web" } } })
