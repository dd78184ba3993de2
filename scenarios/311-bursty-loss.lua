-- Losses seldom come alone: a radio link fades, a queue overflows, and many
-- packets in a row are gone. Gilbert's and Elliott's model has two states, a
-- good one in which nothing is lost and a bad one in which most is, and changes
-- between them at random.
--
-- Two clients send 200 segments each. On both ways one packet in ten is lost
-- in the long run, but on the second way the losses come in bursts of about
-- five.
--
-- Look at: how the losses lie in the two sequences, and how often each sender
-- had to wait for a time-out instead of learning of a loss by later segments.

title "The same loss, alone and in bursts"
topic "Ending it through loss"
tags { "loss", "netem", "random", "retransmission" }
question "Why is one loss of five packets not five times as bad as one of one?"
