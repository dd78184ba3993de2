title "a rule with a word that is not there"
firewall("wall", { rules = { { fitler = "tcp port 80", action = "drop" } } })
