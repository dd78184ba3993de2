title "a bridge has no address"
firewall("wall", { transparent = true,
  rules = { { action = "reject", with = "icmp port-unreachable" } } })
