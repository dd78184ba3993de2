title "a NAT that does not know where outside is"
nat("home", { ports = "40000-40009" })
