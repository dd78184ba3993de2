-- Each socket option by the name that programs know: what is set, what is
-- answered, and what the wire shows of it.

title "Socket options"

local client, server = host "client", host "server"
local wire = link { client, server, rate = "10Mbit/s", delay = "50ms" }

local function same(conn, name, value, wanted)
  expect.equal(conn:setsockopt(name, value), true, name)
  if wanted == nil then wanted = value end
  expect.equal(conn:getsockopt(name), wanted, name)
end

server:run(function (os)
  local listener = os.listen(80, { reuse_address = false })
  expect.equal(listener:setsockopt("TCP_DEFER_ACCEPT", "3s"), true)
  expect.equal(listener:getsockopt "TCP_DEFER_ACCEPT", 3.0)
  local none, why = listener:setsockopt("SO_LINGER", "1s")
  expect.equal(why, "ENOPROTOOPT", "a listener has no linger time")
  local conn = listener:accept()
  expect.equal(now() > 0.5, true, "accept waits for text")
  expect.equal(conn:getsockopt "SIOCINQ", 1448)
  expect.equal(conn:receive_all(), ("x"):rep(2000))
  conn:close()
  listener:close()
  local again
  again, why = os.listen(80, { reuse_address = false })
  expect.equal(why, "EADDRINUSE", "SO_REUSEADDR")
end)

client:run(function (os)
  local conn = os.connect("server", 80, { syn_retries = 3 })
  expect.equal(conn:getsockopt "TCP_SYNCNT", 3)
  same(conn, "SO_LINGER", false)
  same(conn, "SO_LINGER", "5s", 5.0)
  same(conn, "SO_RCVBUF", "32KiB", 32768)
  same(conn, "SO_MAX_PACING_RATE", 1000000, 1000000)
  same(conn, "SO_SNDBUF", 10000)
  same(conn, "SO_REUSEADDR", 1, true)
  same(conn, "SO_KEEPALIVE", true)
  same(conn, "TCP_KEEPIDLE", 600, 600.0)
  same(conn, "TCP_KEEPINTVL", "10s", 10.0)
  same(conn, "TCP_KEEPCNT", 3)
  same(conn, "TCP_USER_TIMEOUT", "30s", 30.0)
  same(conn, "TCP_LINGER2", -1)
  same(conn, "TCP_LINGER2", "10min", 120.0)
  same(conn, "TCP_LINGER2", 0, 60.0)
  same(conn, "TCP_QUICKACK", true)
  same(conn, "TCP_NOTSENT_LOWAT", "16KiB", 16384)
  same(conn, "TCP_CONGESTION", "reno")
  same(conn, "TCP_MAXSEG", 1000, 1448)
  same(conn, "TCP_CORK", true)
  same(conn, "TCP_NOPUSH", false)
  same(conn, "TCP_NODELAY", true)
  expect.equal(conn:getsockopt "nagle", false)
  os.sleep "400ms"
  conn:send(("x"):rep(1000), { more = true })
  expect.equal(conn:getsockopt "SIOCOUTQNSD", 1000)
  conn:send(("x"):rep(1000))
  expect.equal(conn:getsockopt "SIOCOUTQ", 2000)
  expect.equal(conn:getsockopt "SO_ERROR", nil)
  conn:shutdown "send"
  os.sleep "150ms"
  local info = conn:getsockopt "TCP_INFO"
  expect.equal(info.tcpi_state, 6, "TIME-WAIT")
  expect.equal(info.tcpi_bytes_sent, 2000)
  expect.equal(info.tcpi_bytes_acked, 2002)
  expect.equal(info.tcpi_data_segs_out, 2)
  conn:close()
  local _, why = conn:setsockopt("TCP_NODELAY", true)
  expect.equal(why, "ENOTCONN")
end)

-- The handshake's ACK does not open; 1000 bytes alone do not go.
expect.packet { from = client, length = 1448, at = "500.1248ms" }
expect.packet { from = server, flags = "S.", times = 1 }
