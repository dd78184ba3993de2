-- Segments that are wrong in one field each, a tenth of a second apart, to a
-- port where nobody answers a RST: the capture holds these frames and no
-- other, and what a dissector finds wrong is what was made wrong.

title "Wrong in one field each"

local attacker, server = host "attacker", host "server"
link { attacker, server, rate = "10Mbit/s", delay = "5ms" }

local wrongs = {
  { note = "nothing is wrong" },
  { checksum = "bad" },
  { checksum = 0x1234 },
  { data_offset = 4 },
  { data_offset = 0 },
  { data_offset = 15 },
  { truncate = 12 },
  { truncate = 19 },
  { raw = "00" },
  { ip_length = 100 },
  { ip_length = 30 },
  { options = "02 00 05 b4" },
  { options = "02 01 05 b4" },
  { options = "02 05 05 b4" },
  { options = "03 ff 01 01" },
  { urg = 7 },
  { note = "nothing is wrong" },
}

for i, wrong in ipairs(wrongs) do
  at(0.1 * i, function ()
    note(attacker, wrong.note or next(wrong))
    wrong.note = nil
    wrong.to, wrong.port, wrong.from_port = server, 80, 1000 + i
    wrong.flags, wrong.seq = "R", 1000
    attacker:inject(wrong)
  end)
end

expect.packet { from = attacker, times = #wrongs }
expect.no_packet { from = server }
