---@meta
-- The scenario API of linger, for editors that speak LuaLS. A test holds this
-- file to the program: what is here is there, and nothing else.

---@alias linger.Time string|number "20ms", "1.5s", "2min"; a number is seconds
---@alias linger.Rate string|number "10Mbit/s"; a number is bit/s
---@alias linger.Size string|integer "64KiB"; a number is bytes
---@alias linger.Fraction string|number "2%"; a number is 0 to 1
---@alias linger.State
---| "CLOSED" | "LISTEN" | "SYN-SENT" | "SYN-RECEIVED" | "ESTABLISHED"
---| "FIN-WAIT-1" | "FIN-WAIT-2" | "CLOSE-WAIT" | "CLOSING" | "LAST-ACK"
---| "TIME-WAIT"
---@alias linger.Error
---| "EAGAIN" | "EINVAL" | "EISCONN" | "ENOTCONN" | "EPIPE" | "EADDRINUSE"
---| "EADDRNOTAVAIL" | "ENETUNREACH" | "EHOSTUNREACH" | "ECONNREFUSED"
---| "ECONNRESET" | "ECONNABORTED" | "ETIMEDOUT" | "ENOPROTOOPT" | "EMSGSIZE"
---| "ENOBUFS" | "EPROTO" | "EOPNOTSUPP" | "EHOSTDOWN" | "ENONET"
---| "EACCES"
---@alias linger.Node linger.Host|linger.Router|linger.Switch|linger.Firewall|linger.Nat|linger.Proxy

-- What is set per host (host, host:set) and per connection (os.listen,
-- os.connect, conn:setsockopt). A time may be "never" where that makes sense.
---@class linger.Knobs
---@field mss? linger.Size largest segment to receive and to send; 0: what the MTU allows (3.7.1)
---@field ttl? integer time to live, or hop limit, of what is sent; 0: the host's (IP_TTL, IPV6_UNICAST_HOPS)
---@field tos? integer type of service, or traffic class, of what is sent, but for the two bits of congestion marks (IP_TOS, IPV6_TCLASS)
---@field udp_port? integer port of the peer's UDP that takes the segments, from the one of sysctl net.inet.tcp.udp_tunneling_port (TCP_REMOTE_UDP_ENCAPS_PORT); 0: TCP stands in no UDP
---@field udp_overhead? linger.Size what the MSS allows for the UDP that carries a segment
---@field reply_service? boolean ttl and tos hold for RSTs that answer a segment, too, be it to a port that is only bound, and ttl in TIME-WAIT
---@field mss_at_once? boolean an open connection sends no more than a smaller mss, too
---@field ipv6_min_mtu? boolean no datagram of IPv6 is larger than 1280 bytes (IPV6_USE_MIN_MTU)
---@field black_hole_detection? boolean after two time-outs of a full segment smaller ones are tried (RFC 2923 2.1)
---@field black_hole_mss? linger.Size the MSS that is tried first then over IPv4; after two more time-outs it is what every peer takes
---@field black_hole_mss_ipv6? linger.Size the same over IPv6
---@field path_mss? boolean the MSS is offered for the path, not for the link; over IPv4 ICMP must ask for smaller segments than are sent now, which while opening are the smallest
---@field initial_sequence? integer initial send sequence number; -1: generated (RFC 6528)
---@field window_scaling? boolean offer and accept window scaling (RFC 7323 2)
---@field timestamps? boolean offer and accept timestamps, and with them PAWS (RFC 7323 3, 5)
---@field sack? boolean offer, accept and use selective acknowledgments (RFC 2018, RFC 6675)
---@field dsack? boolean tell what came twice by a selective acknowledgment (RFC 2883)
---@field window_by_news? boolean an ACK that says nothing new opens the window wider or closes it, but narrows it not, and is a duplicate if it does neither (Linux)
---@field sack_numbers? boolean selective acknowledgments hold the numbers of SYN and FIN, too (Linux)
---@field dsack_at_once? boolean and not later, although new text came with it
---@field backlog? integer connections that may wait to be accepted
---@field connect_told? boolean connect() called again tells once that it has succeeded meanwhile, before EISCONN (Linux)
---@field unopened_is_broken? boolean writing to a socket that was never opened is EPIPE, not ENOTCONN (Linux)
---@field backlog_loose? boolean one more than the backlog may wait, and what would be beyond stays half-open; so many and 3/4 of syn_backlog may be half-open
---@field backlog_resets? boolean with backlog_loose, what would be beyond is reset instead
---@field syn_backlog? integer half-open connections that a listener may have
---@field syn_retries? integer repetitions of a SYN before giving up, but for syn_linear; 0: until r2_syn
---@field synack_retries? integer repetitions of a SYN,ACK before giving up; 0: until r2_syn
---@field defer_accept? linger.Time a listener takes a connection at its first text, or after about this long (TCP_DEFER_ACCEPT)
---@field reuse_address? boolean a port may be opened while it has other connections, TIME-WAIT included (SO_REUSEADDR)
---@field r2_syn? linger.Time give up opening after this long (3.8.3 MUST-23: at least 3 minutes)
---@field syn_linear? integer repetitions of a SYN before its time-out begins to double
---@field syn_text? integer what a SYN carries is kept until the connection is open (3.10.7.2): 0: nothing; 1: text and FIN; 2: text, in SYN-SENT, which gets no ACK of its own
---@field drop_syn_fin? integer a SYN with FIN is dropped: 0: nowhere; 1: by a listener; 2: wherever no connection is open
---@field ignore_syn_ack? boolean a listener does not answer SYN,ACK
---@field blackhole? integer where nothing is open there is no RST: 1: for a SYN; 2: for anything
---@field syn_again? linger.Time a wrong ACK in SYN-SENT brings the first repetition forward to this time from now; 0: it does not
---@field offer_again? boolean the SYN,ACK of a simultaneous open offers all options, whatever the peer's SYN did
---@field syn_again_alone? boolean nothing behind an unacknowledged SYN is repeated
---@field shutdown_ends_opening? boolean shutdown in SYN-SENT ends the connection by ECONNRESET; in SYN-RECEIVED its FIN waits for ESTABLISHED
---@field window_scale? integer shift count to offer; -1: the smallest that the buffer needs (RFC 7323 2.3)
---@field syn_plain_after? integer from this repetition on a SYN offers nothing but the MSS; 0: never
---@field syn_options? boolean a SYN offers options, and what the peer's offers is taken; off: nothing but the peer's MSS (TCP_NOOPT of BSD)
---@field option_layout? integer options of a SYN: 0: mss, sackOK, TS, wscale, each padded by NOPs; 1: the same, without NOPs between sackOK and TS; 2: mss, wscale, sackOK, TS, padded at the end
---@field small_records? boolean half-open, abandoned FIN-WAIT-2 and TIME-WAIT are small records that answer by short rules of their own
---@field ephemeral_low? integer lowest port that is chosen for the user (RFC 6335)
---@field ephemeral_high? integer highest port that is chosen for the user
---@field receive_buffer? linger.Size bytes that may wait to be received; bounds RCV.WND
---@field send_buffer? linger.Size bytes that may wait to be sent or acknowledged
---@field send_overhead? linger.Size what each piece of the send queue costs, and its bytes: there is room while all cost less than twice send_buffer, and who waited is told when a third of it is free, as Linux; 0: bytes count, up to send_buffer
---@field send_buffer_most? linger.Size with send_overhead, send_buffer grows with CWND up to this, until the user sets it; 0: it does not
---@field buffer_limit? linger.Size a user gets no buffer above 8/9 of this; the window scale offered can say it; 0: no limit
---@field window_round_up? boolean the window is rounded up, not down, to what its scaled field can say
---@field whole_segments? boolean the receive buffer is rounded up to whole segments once the peer is known; the window is its room, whatever the field can say
---@field notsent_lowat? linger.Size bytes that may wait to be sent for the first time; 0: what the send buffer holds (TCP_NOTSENT_LOWAT)
---@field nagle? boolean hold small segments back while data is unacknowledged (3.7.4)
---@field nagle_small? boolean but only while it is a small segment that is unacknowledged (Minshall)
---@field nagle_burst? boolean but not while data is unacknowledged that leaves in the same instant
---@field cork? boolean hold small segments back until uncorked, at most sws_override (TCP_CORK)
---@field window_doubles? boolean reading is told to the peer when it doubles the window, not when it opens it by two segments or half a buffer (3.8.6.2.2)
---@field window_quarters? boolean reading is told to the peer when it opens the window by two segments and a quarter of the buffer, or by half of it; a window under an eighth, or a buffer of eight segments, by two segments; not while an ACK waits
---@field push_written? boolean PSH ends what a SEND wrote, but not text that more was said to follow
---@field sws_override? linger.Time send a small segment after waiting this long for a larger window (3.8.6.2.1)
---@field delayed_ack? linger.Time longest wait with an acknowledgment; 0: none (3.8.6.3 MUST-40: under 0.5 s)
---@field delayed_ack_segments? integer full-sized segments that one acknowledgment may cover (3.8.6.3 SHLD-19)
---@field delayed_ack_once? boolean text that comes while an acknowledgment waits is acknowledged at once, of whatever size, and so is a segment above the MSS
---@field quickack? boolean acknowledge text at once (TCP_QUICKACK)
---@field delay_fin_ack? boolean the ACK of a FIN in ESTABLISHED waits too, for the user's own FIN to ride on; it tells of nothing that came twice
---@field fin_ack_size? linger.Size but not if more than a full segment waits to be acknowledged, and full ones have at least so many bytes: smaller ones narrow the window of a Linux whose device takes much memory for each; 1153: 2304 bytes, as a TUN device takes
---@field fin_ack_full? boolean nor if more than twice the receive buffer waits to be read: all the memory that Linux allows for it
---@field read_acks? boolean reading sends an ACK that waits, if it is for more than a full segment (Linux)
---@field delayed_ack_first? linger.Time the wait with an acknowledgment before any text has come; 0: as delayed_ack
---@field quick_acks? integer first segments with text that are acknowledged at once
---@field pingpong? boolean text that follows text of the peer within delayed_ack makes a dialogue, in which ACKs wait for the next answer; text that comes again ends it (Linux)
---@field urgent_to_last? boolean the urgent pointer names the last urgent byte (RFC 1122), not the one after it (3.8.5)
---@field urgent_apart? boolean the urgent byte is taken out of the stream (a socket without SO_OOBINLINE)
---@field rto_initial? linger.Time retransmission time-out before the first RTT sample (RFC 6298 2.1)
---@field rto_after_syn_loss? linger.Time time-out for data when the SYN had to be repeated (RFC 6298 5.7)
---@field rto_from_syn_echo? boolean but not when an echoed timestamp has measured the SYN all the same
---@field rto_min? linger.Time lower bound of the time-out (RFC 6298 2.4)
---@field rto_variance_min? linger.Time lower bound of the part of the time-out that allows for variance
---@field rto_peaks? boolean the time-out allows for the largest variance of a round trip, which fades by a quarter each; samples far below SRTT count an eighth
---@field rto_slop? linger.Time added to every time-out but the first, which has no sample
---@field rto_max? linger.Time upper bound of the time-out (RFC 6298 2.5: at least 60 s)
---@field clock_granularity? linger.Time G of RFC 6298
---@field r1? integer repetitions after which the way is reported as doubtful (3.8.3 MUST-20, SHLD-10)
---@field r2? linger.Time give up retransmitting after this long (3.8.3 SHLD-11: at least 100 s)
---@field retries? integer repetitions before giving up; 0: until r2
---@field retries_are_time? boolean retries and orphan_retries are the time that so many repetitions take from rto_variance_min on, counted from the first; syn_retries also from rto_initial on
---@field patience_from_retry? boolean user_timeout counts from the first repetition or probe, answered or not
---@field orphan_retries? integer the same after the user's close; 0: as retries
---@field user_timeout? linger.Time replaces r2 for unacknowledged data when not 0 (3.10.1, RFC 5482)
---@field persist_max? linger.Time upper bound between zero-window probes (3.8.6.1)
---@field probe_empty? boolean a zero-window probe is an empty segment with an old number
---@field orphan_probes_end? boolean after the user's close, answered probes end when their interval has reached persist_max
---@field congestion? "reno"|"cubic" congestion control by its name: reno (RFC 5681), cubic (RFC 9438)
---@field initial_window? integer initial congestion window in segments; 0: RFC 5681's (3.1)
---@field syn_repeats_free? integer repetitions of SYN or SYN,ACK that leave the initial window as it is; after more it is one segment (RFC 5681 3.1)
---@field ssthresh? linger.Size initial slow start threshold
---@field duplicate_acks? integer duplicate ACKs that start fast retransmit (RFC 5681 3.2)
---@field cubic_fast_convergence? boolean CUBIC makes room when it loses below its last plateau (RFC 9438 4.7)
---@field cubic_linux? boolean CUBIC counts whole segments, opens the window by one for 2 to 20 that are acknowledged before any loss, and forgets all at a time-out, as Linux
---@field hystart_detect? integer each slow start of CUBIC ends as Linux's HyStart finds: 1: by trains of ACKs that last half a round trip; 2: by round trips that take longer; 3: by either; not with hystart
---@field slow_start_limit? integer segments by which one ACK may open the window in slow start (RFC 3465 L); 0: no limit, not even after a time-out
---@field hystart? boolean the initial slow start ends when round trips take longer (HyStart++, RFC 9406); until then slow_start_limit is 8, and none with pacing
---@field pacing? boolean segments leave at the pacing rate, not in bursts (RFC 9002 7.7), but for the first ten
---@field pacing_ss_ratio? integer pacing rate in slow start, while CWND is under half of SSTHRESH: percent of CWND a round trip; 0: not paced
---@field pacing_ca_ratio? integer the same from there on
---@field pacing_burst? integer segments that leave together when paced; above 1 it is as Linux has it: more if the rate sends more in 1/1024 s, and a burst that came late halves the wait behind it at most
---@field max_pacing_rate? integer highest pacing rate, bytes a second, and pacing is on; 0: none (SO_MAX_PACING_RATE)
---@field restart_after_idle? boolean after an RTO without sending the window is the initial one (RFC 5681 4.1)
---@field window_validation? boolean a window that was full counts as in use for a window of text, and slow start may open it to twice what was outstanding
---@field count_delivered? boolean the window opens by what an ACK is the first to tell of, not by how far it moves
---@field loss_from_window? boolean a loss reduces the congestion window, not what is outstanding
---@field prr? boolean proportional rate reduction in a recovery by SACK (RFC 6937bis)
---@field ecn? integer congestion marks (RFC 3168): 0 no, 1 offer and accept, 2 accept only
---@field ecn_syn_retries? integer repetitions of a SYN that still ask for congestion marks (RFC 3168 6.1.1.1)
---@field frto? boolean find out by new segments whether a time-out was spurious (RFC 5682)
---@field rack? integer find losses by time, if SACK is agreed (RACK, RFC 8985 6): 0 no, 1 yes; and 2: its reordering window does not adapt; and 4: duplicate_acks SACKed segments do not end it
---@field tail_loss_probe? boolean probe for losses at the end of a flight after two round trips, if SACK is agreed (RFC 8985 7)
---@field tail_loss_ack_delay? linger.Time longest delay of the ACK of a single segment that the probe allows for (RFC 8985 5.3: TLP.max_ack_delay)
---@field detection_slack? linger.Time added to the reordering timer, and to the probe's with several segments outstanding
---@field undo? boolean a recovery that was not needed, as DSACKs or timestamps show, is undone (RFC 3708, RFC 3522, RFC 4015); with rack or tail_loss_probe only
---@field limited_transmit? boolean the first duplicate ACKs let new segments out (RFC 3042)
---@field header_prediction? boolean text in sequence on a connection that has carried some is taken before its ACK is judged
---@field flags_first? boolean a segment without ACK, RST and SYN is dropped before its number is looked at
---@field loose_options? boolean an option of a length that cannot be ends the options; otherwise its segment is dropped (MUST-7)
---@field loose_window? boolean a segment that touches the window or ends at its left edge is in it
---@field paws_slack? integer ticks by which a timestamp may be older than TS.Recent
---@field paws_silent? boolean an old empty segment below RCV.NXT is not answered
---@field timestamps_required? boolean a segment without timestamps is dropped once they were agreed on (RFC 7323 3.2)
---@field ack_bound_acked? boolean an ACK may be older than SND.UNA only by what was acknowledged so far, too
---@field old_acks? boolean what lies before the window is no reason to drop its ACK, as BSD trims it
---@field insecure_rst? boolean any RST in the window is believed, as before RFC 5961
---@field insecure_syn? boolean a SYN in the window resets the connection, as before RFC 5961
---@field fin_again? boolean the ACK of a FIN in FIN-WAIT-1 repeats our own
---@field text_after_fin? boolean old text behind the peer's FIN is acknowledged, and a second FIN taken
---@field syn_ack_loose? boolean in a simultaneous open any acceptable ACK ends SYN-RECEIVED
---@field reset_at_fin? boolean a RST with the number of the peer's FIN is as exact as RCV.NXT
---@field reset_errors? integer a RST is no error in CLOSING and LAST-ACK: 0; ECONNRESET: 1; and EPIPE in CLOSE-WAIT, ECONNRESET in SYN-RECEIVED, too: 2
---@field msl? linger.Time maximum segment lifetime (3.4.2); TIME-WAIT lasts twice this
---@field fin_wait_2_timeout? linger.Time FIN-WAIT-2 of a closed connection ends silently after this; below 0: by RST at once
---@field fin_wait_2_fast? boolean else such a FIN-WAIT-2 lasts until nothing has come for as long as keepalive_count probes take
---@field linger_told? boolean a close that waited says whether its time ran out or a RST came (SO_LINGER)
---@field reset_on_unread? boolean close with unread data sends RST (3.6.1 SHLD-3)
---@field reset_acks? integer a RST that answers no segment carries: 0: its number; 1: ACK and the window; 2: ACK and a window of 0
---@field reset_on_late_data? boolean data after close is answered by RST (3.6.1)
---@field reset_on_shut? boolean the same once reading is shut, also for a FIN beyond a gap
---@field shut_keeps_text? boolean text that comes after reading was shut can still be read
---@field end_before_error? boolean reading gives the end, not the error, behind the peer's FIN, and after the error was told
---@field linger_ends_time_wait? boolean close with a linger time of 0 ends TIME-WAIT, as ABORT does (3.10.5)
---@field ignore_reset_in_time_wait? boolean RST does not end TIME-WAIT (RFC 1337 fix F1)
---@field time_wait_reuse? boolean a newer SYN may end TIME-WAIT (3.6.1 MAY-2, RFC 6191)
---@field time_wait_terse? boolean in TIME-WAIT only what has ACK is answered, and not the exact empty segment
---@field time_wait_reopen? boolean the user may open the pair of a TIME-WAIT that had timestamps again
---@field time_wait_unavailable? boolean where the user may not, it is told EADDRNOTAVAIL, not EADDRINUSE
---@field time_wait_ports? integer the port of such a TIME-WAIT may be chosen for the user: 1: to any host; 2: to the host itself
---@field time_wait_ports_delay? linger.Time but not before it has lasted this long
---@field reuse_isn_step? integer how far above the old SND.NXT the new connection's ISS is; 0: generated (RFC 6528)
---@field keepalive? boolean probe an idle connection (3.8.4)
---@field keepalive_idle? linger.Time idle time before the first probe (MUST-28: at least two hours)
---@field keepalive_interval? linger.Time time between probes
---@field keepalive_count? integer unanswered probes before giving up
---@field keepalive_user_timeout? boolean user_timeout, when set, replaces keepalive_count
---@field challenge_acks? boolean answer suspicious RST, SYN and ACK by an ACK (RFC 5961)
---@field challenge_ack_limit? integer challenge ACKs that a host sends in each interval (RFC 5961 7)
---@field challenge_ack_interval? linger.Time the interval of challenge_ack_limit
---@field icmp_may_reset? integer what ICMP errors end: 0: nothing; 1: hard ones what is opening (RFC 5461); 2: hard ones and prohibitions SYN-SENT, as FreeBSD; 3: any SYN-SENT, as Linux, which tells soft ones by SO_ERROR
---@field answer_interval? linger.Time a connection answers one bad segment without text in this time; 0: each

-- ---------------------------------------------------------------------------
-- The scenario

---The seed of this run.
---@type integer
seed = nil

---Names the run in all that it leaves.
---@param text string
function title(text) end

---What the scenario belongs to: `linger list` prints those of one topic together.
---@param text string
function topic(text) end

---Something to think about, for `linger list --json` and the syllabus.
---@param text string
function question(text) end

---What the scenario shows, for `linger list --tag`: tags { "rst", "time-wait" }.
---@param list string[] of small letters, digits and dashes
function tags(list) end

---The addresses that hosts' names stand for: "ipv4", the default, or "ipv6".
---Every NIC has both: 10.0.3.7 is also 2001:db8:0:3::7. `--family` outdoes it.
---Without a word it says which it is.
---@param which? "ipv4"|"ipv6"
---@return "ipv4"|"ipv6"?
function family(which) end

---A table of this scenario's own measurements among what the run leaves.
---@param name string "rtt.tsv"
---@param columns string[]
---@return linger.Results
function results(name, columns) end

---@class linger.Results
local Results = {}

---Adds a row: one value a column.
---@param ... string|number|boolean?
function Results:row(...) end

---@return integer # rows so far
function Results:rows() end

-- Columns of the table by their names.
---@class linger.HeatmapSpec
---@field x string what goes across
---@field y string what goes down
---@field value string what a cell's colour says, a few different texts
---@field order? string[] those texts, as the legend has them; at most 8

---Asks for a picture of the table among the run's pictures, called as it is:
---of "rtt.tsv" rtt.svg. One cell a row; the last one of a place counts.
---@param spec linger.HeatmapSpec
function Results:heatmap(spec) end

---A remark, shown in the ladder where it happens.
---@param host linger.Node|string
---@param text string
---@overload fun(text: string)
function note(host, text) end

---Whether connections that begin from now on are recorded: drawn, written into
---files, seen by expectations. Those that are known go on being recorded.
---For crowds: a hundred thousand connections are simulated in a second, but
---make gigabytes of files. "none", said before the run, keeps no record at all,
---as --trace=none: for millions of packets. Expectations on packets and states
---cannot hold then.
---@param new_connections boolean|"none"
function record(new_connections) end

---A parameter that `--set name=value` changes; `default` gives its type.
---@generic T: string|number|boolean
---@param name string
---@param default T
---@return T
function param(name, default) end

-- ---------------------------------------------------------------------------
-- The network

---@class linger.NicSpec
---@field transmit_ring? integer packets that may wait to be sent
---@field receive_ring? integer packets that may wait for the host
---@field service? linger.Time the host's time for each packet; default 0
---@field promiscuous? boolean take frames for other addresses
---@field checksum_offload? boolean default true

---@class linger.HostSpec: linger.Knobs
---@field profile? "rfc9293"|"linux"|"freebsd" default: --profile, or "rfc9293"
---@field address? string "10.0.0.1", "10.0.0.1/24" or "2001:db8::1/64", of its first link
---@field arp? boolean find neighbours by ARP or neighbour discovery instead of knowing them
---@field icmp? boolean send ICMP errors and echo replies; default true
---@field ttl? integer default 64
---@field nic? linger.NicSpec

---@class linger.RouterSpec
---@field address? string "10.0.0.1", "10.0.0.1/24" or "2001:db8::1/64", of its first link
---@field arp? boolean find neighbours by ARP or neighbour discovery instead of knowing them
---@field icmp? boolean send ICMP errors and echo replies; default true
---@field ttl? integer default 64
---@field nic? linger.NicSpec

-- netem in tc's words: a value with parameters is a list in tc's order, with
-- its named ones beside; alone it needs no list.
--   tc ... netem delay 100ms 10ms 25% distribution normal
--   netem = { delay = { "100ms", "10ms", "25%", distribution = "normal" } }

---@class linger.NetemDelay
---@field [1] linger.Time delay
---@field [2]? linger.Time jitter
---@field [3]? linger.Fraction correlation with the delay before
---@field distribution? "uniform"|"normal"|"pareto"|"paretonormal"|integer[] default uniform; a table of quantiles, 8192 for one jitter

---@class linger.NetemLoss
---@field [1]? linger.Fraction at random
---@field [2]? linger.Fraction correlation
---@field state? linger.Fraction[] p13, p31, p32, p23, p14 of the chain: 1 received, 2 received in a burst, 3 lost in a burst, 4 lost alone
---@field gemodel? linger.Fraction[] p (to bad), r (to good), 1-h (loss when bad), 1-k (loss when good)

---@class linger.NetemReorder
---@field [1]? linger.Fraction goes on at once; the others are delayed
---@field [2]? linger.Fraction correlation
---@field gap? integer only each so manieth may; default 1

---@class linger.NetemSlot
---@field [1] linger.Time shortest wait for a slot; with distribution the mean
---@field [2]? linger.Time longest wait; with distribution the jitter
---@field distribution? "uniform"|"normal"|"pareto"|"paretonormal"|integer[]
---@field packets? integer in one slot at most
---@field bytes? linger.Size in one slot at most

-- On top of the link's own delay, behind its transmitter.
---@class linger.NetemSpec
---@field delay? linger.Time|linger.NetemDelay
---@field loss? linger.Fraction|linger.NetemLoss
---@field ecn? boolean what would be lost is marked, if its sender understands
---@field duplicate? linger.Fraction|linger.Fraction[] probability, correlation
---@field corrupt? linger.Fraction|linger.Fraction[] probability, correlation: a bit flips
---@field reorder? linger.Fraction|linger.NetemReorder
---@field rate? linger.Rate|any[] rate, packet_overhead, cell_size, cell_overhead
---@field slot? linger.Time|linger.NetemSlot
---@field limit? integer packets that may wait; default 1000

---@class linger.NetemChangeSpec: linger.NetemSpec
---@field from? linger.Node|string only what this end sends

---@alias linger.Queue
---| "fifo" | "red" | "codel" | "fq_codel"
---| linger.FifoSpec | linger.RedSpec | linger.CodelSpec | linger.FqCodelSpec

-- { "fifo", limit = 100 }: drop-tail.
---@class linger.FifoSpec
---@field [1] "fifo"
---@field limit? linger.Size packets that may wait; default 1000
---@field bytes? boolean limits are bytes, not packets
---@field from? linger.Node|string for Link:queue: only this end's

-- Random early detection (Floyd and Jacobson 1993).
---@class linger.RedSpec
---@field [1] "red"
---@field limit? linger.Size packets that may wait; default 60
---@field bytes? boolean limit, min and max are bytes, not packets
---@field from? linger.Node|string for Link:queue: only this end's
---@field ecn? boolean mark instead of dropping, where the sender understands
---@field gentle? boolean the probability rises to 1 at twice max
---@field min? linger.Size average from which packets are chosen; default 5
---@field max? linger.Size average from which all are dropped; default 15
---@field probability? linger.Fraction at max; default 2%
---@field weight? linger.Fraction of a new length in the average; default 0.002
---@field mean_size? linger.Size a packet's bytes, for idle times; default 1000

-- Controlled delay (RFC 8289).
---@class linger.CodelSpec
---@field [1] "codel"
---@field limit? linger.Size packets that may wait; default 1000
---@field bytes? boolean the limit is bytes, not packets
---@field from? linger.Node|string for Link:queue: only this end's
---@field ecn? boolean mark instead of dropping, where the sender understands
---@field target? linger.Time wait that is short enough; default 5ms
---@field interval? linger.Time default 100ms
---@field ce_threshold? linger.Time mark whatever waited longer

-- A CoDel for each flow, taking turns (RFC 8290).
---@class linger.FqCodelSpec
---@field [1] "fq_codel"
---@field limit? linger.Size packets that may wait; default 10240
---@field bytes? boolean always false
---@field from? linger.Node|string for Link:queue: only this end's
---@field ecn? boolean mark instead of dropping; default true
---@field target? linger.Time wait that is short enough; default 5ms
---@field interval? linger.Time default 100ms
---@field ce_threshold? linger.Time mark whatever waited longer
---@field flows? integer queues; default 1024
---@field quantum? linger.Size bytes of one turn; default 1514

---@class linger.DownSpec
---@field from? linger.Node|string only what this end sends
---@field under_way? "lost"|"arrives" what is on the wire; default "lost"

---@class linger.UpSpec
---@field from? linger.Node|string only what this end sends

---@class linger.PartitionSpec
---@field [integer] (linger.Node|string)[] the groups
---@field from? linger.Time default: from the start
---@field to? linger.Time default: never

---@class linger.NicChangeSpec
---@field transmit_ring? integer packets that may wait to be sent
---@field receive_ring? integer packets that may wait for the host
---@field service? linger.Time the host's time for each packet
---@field link? linger.Link only the NIC there

---@class linger.QueueCounts
---@field name string "ring" or the discipline's
---@field waiting integer now
---@field dropped integer
---@field over_limit? integer of those, because it was full
---@field marked? integer
---@field sent? integer
---@field mean_wait? number seconds, of those that were sent
---@field longest_wait? number seconds
---@field average? number of red, in its unit

---@class linger.NetemCounts
---@field packets integer that the dice fell for
---@field lost integer
---@field marked integer
---@field duplicated integer
---@field corrupted integer
---@field reordered integer
---@field over_limit integer
---@field waiting integer now
---@field state? integer of the loss model: 1 to 4; of gemodel 1 good, 2 bad

---@class linger.LinkCounts
---@field in_flight integer packets on the wire now
---@field netem? linger.NetemCounts
---@field queue linger.QueueCounts

---@class linger.BackSpec
---@field rate? linger.Rate default 100Mbit/s
---@field delay? linger.Time propagation; default 10ms
---@field jitter? linger.Time uniform extra delay, order is kept
---@field queue? integer|linger.Queue packets that may wait to be sent, or how
---@field loss? linger.Fraction of the packets, at random
---@field duplicate? linger.Fraction of the packets, at random
---@field corrupt? linger.Fraction of the packets, at random: a bit flips
---@field reorder? linger.Fraction of the packets wait longer, may be overtaken
---@field reorder_delay? linger.Time how much longer; default: the delay
---@field netem? linger.NetemSpec

---@class linger.LinkSpec
---@field [1] linger.Node|string
---@field [2] linger.Node|string
---@field name? string default "a-b"
---@field mtu? linger.Size default 1500
---@field back? linger.BackSpec what differs from the second to the first
---@field rate? linger.Rate default 100Mbit/s
---@field delay? linger.Time propagation; default 10ms
---@field jitter? linger.Time uniform extra delay, order is kept
---@field queue? integer|linger.Queue packets that may wait to be sent, or how
---@field loss? linger.Fraction of the packets, at random
---@field duplicate? linger.Fraction of the packets, at random
---@field corrupt? linger.Fraction of the packets, at random: a bit flips
---@field reorder? linger.Fraction of the packets wait longer, may be overtaken
---@field reorder_delay? linger.Time how much longer; default: the delay
---@field netem? linger.NetemSpec

---@class linger.RouteSpec
---@field to string "10.1.0.0/16"
---@field via linger.Node|string the gateway, or its address

---A host: IP, ICMP, UDP and TCP.
---@param name string
---@param spec? linger.HostSpec
---@return linger.Host
function host(name, spec) end

---A router: shortest paths are filled in.
---@param name string
---@param spec? linger.RouterSpec
---@return linger.Router
function router(name, spec) end

---A learning switch.
---@param name string
---@return linger.Switch
function switch(name) end

---Joins two nodes: link { a, b, delay = "50ms" }.
---@param spec linger.LinkSpec
---@return linger.Link
function link(spec) end

---For a time nodes cannot reach those of other groups:
---partition { { a, b }, { c }, from = "1s", to = "5s" }.
---@param spec linger.PartitionSpec
function partition(spec) end

---@class linger.Switch
local Switch = {}

---@return string
function Switch:name() end

---@class linger.Router
local Router = {}

---@return string
function Router:name() end

---As host:inject.
---@param segment string|linger.InjectSpec
---@param spec? linger.InjectSpec
function Router:inject(segment, spec) end

---Its first address; nil before the run begins.
---@return string?
function Router:address() end

---@param spec linger.RouteSpec
function Router:route(spec) end

---@param spec linger.NicChangeSpec
function Router:nic(spec) end

---@class linger.Host
local Host = {}

---@return string
function Host:name() end

---Its first address; nil before the run begins, unless it was given.
---@return string?
function Host:address() end

---Changes what later connections get.
---@param knobs linger.Knobs
function Host:set(knobs) end

---The profile of its TCP, for expectations that differ.
---@return "rfc9293"|"linux"|"freebsd"
function Host:profile() end

---Changes what later connections get, by a name that sysctl(8) has for it on
---Linux or FreeBSD, in its unit: host:sysctl("net.ipv4.tcp_fin_timeout", 60),
---host:sysctl("net.ipv4.tcp_rmem", "4096 131072 33554432").
---@param name string
---@param value integer|boolean|string
function Host:sysctl(name, value) end

---@param spec linger.RouteSpec
function Host:route(spec) end

---Changes its NICs while it runs, so that a ring can overflow.
---@param spec linger.NicChangeSpec
function Host:nic(spec) end

-- How long a connection is remembered in each of its states after the last
-- packet: nf_conntrack_tcp_timeout_* and its siblings, with Linux' defaults.
---@class linger.TimeoutSpec
---@field syn_sent? linger.Time 120 s
---@field syn_recv? linger.Time 60 s
---@field established? linger.Time 432000 s: five days
---@field fin_wait? linger.Time 120 s
---@field close_wait? linger.Time 60 s
---@field last_ack? linger.Time 30 s
---@field time_wait? linger.Time 120 s
---@field close? linger.Time 10 s
---@field syn_sent2? linger.Time 120 s
---@field max_retrans? linger.Time at most this after max_retrans repetitions without an answer, or a window of 0: 300 s
---@field unacknowledged? linger.Time at most this while something is unacknowledged: 300 s
---@field udp? linger.Time 30 s
---@field udp_stream? linger.Time 120 s
---@field icmp? linger.Time 30 s
---@field generic? linger.Time 600 s

-- A rule of a firewall: it fits if all that is given fits. The first that fits
-- and accepts, drops or rejects decides; log and count go on to the next.
---@class linger.RuleSpec
---@field filter? string a libpcap expression
---@field flags? string exactly these TCP flags: "S", "F.", "none"
---@field state? string "NEW", "ESTABLISHED", "RELATED", "INVALID", or several: "ESTABLISHED|RELATED"
---@field direction? "in"|"out"|"forward"|"any" to the node itself, from it, or through it (a host's default: "in", a firewall's: "forward")
---@field from? linger.Node|string a node, or a network such as "10.0.0.0/24"
---@field to? linger.Node|string
---@field action "accept"|"drop"|"reject"|"log"|"count"
---@field with? "rst"|"icmp net-unreachable"|"icmp host-unreachable"|"icmp protocol-unreachable"|"icmp port-unreachable"|"icmp net-prohibited"|"icmp host-prohibited"|"icmp admin-prohibited" what a rejected packet is answered by; without it port-unreachable
---@field name? string in counters, losses and alerts; without it "rule 3"
---@field message? string why, in one sentence

---@class linger.HostFirewallSpec
---@field rules? (linger.RuleSpec|linger.RuleSpec[])[] in order; a list of rules may stand for a rule, as illegal_flags does
---@field policy? "accept"|"drop"|"reject" for what no rule decided, of what the rules' default direction is: "accept"
---@field with? string how policy = "reject" answers
---@field stateless? boolean no connection tracking
---@field timeouts? linger.TimeoutSpec
---@field loose? boolean take up connections whose beginning was not seen (nf_conntrack_tcp_loose): true
---@field be_liberal? boolean what is out of window is not INVALID (nf_conntrack_tcp_be_liberal): false
---@field max_retrans? integer nf_conntrack_tcp_max_retrans: 3
---@field most? integer connections that can be tracked (nf_conntrack_max): 65536

---@class linger.FirewallSpec: linger.HostFirewallSpec
---@field transparent? boolean a bridge between its links instead of a router: no address, no TTL
---@field address? string of its first link
---@field icmp? boolean sends ICMP errors: true
---@field ttl? integer

-- Rules that drop what no honest stack sends, one for each kind: SYN+FIN,
-- SYN+RST, FIN+RST, Xmas, NULL, FIN without ACK, no ACK, urgent pointer without
-- URG. To be put among a firewall's rules.
---@type linger.RuleSpec[]
illegal_flags = {}

---A firewall on the path: a router, or with transparent = true a bridge. It
---tracks connections as Linux' nf_conntrack does.
---@param name string
---@param spec? linger.FirewallSpec
---@return linger.Firewall
function firewall(name, spec) end

---@class linger.Firewall
local Firewall = {}

---What each rule and, last, the policy has met: rows { name, action, packets,
---bytes }, and the packets of a rule by its name. tostring() prints a table.
---@return table
function Firewall:counters() end

---What it knows, as `conntrack -L` prints it: rows { protocol, state, from, to,
---reply_from, reply_to, packets, reply_packets, replied, assured, left }.
---@return table
function Firewall:connections() end

---@return string?
function Firewall:address() end

---@param spec linger.RouteSpec
function Firewall:route(spec) end

---@return string
function Firewall:name() end

---A firewall of the host's own, in front of what comes in (and, by rules with a
---direction, of what goes out).
---@param spec linger.HostFirewallSpec
---@return linger.Firewall
function Host:firewall(spec) end

---@class linger.NatSpec
---@field inside? linger.Node|linger.Node[] nodes at the other ends of the links that lead inside
---@field outside? linger.Node|linger.Node[] ... outside; what is not named on one side lies on the other
---@field ports? string|integer outside: "1024-65535"
---@field mapping? "endpoint-independent"|"address-dependent"|"address-and-port-dependent" one port outside for all peers of an end, for each address, for each connection (RFC 5382 REQ-1: the first; Linux: the last)
---@field filtering? "endpoint-independent"|"address-dependent"|"address-and-port-dependent" who may send to a mapping from outside: anybody, who was sent to, only that end: the last
---@field preserve? boolean keep the port if it is free outside: true
---@field reuse? boolean if none is free, take that of a connection that is over: true
---@field timeouts? linger.TimeoutSpec
---@field loose? boolean take up connections whose beginning was not seen: true
---@field be_liberal? boolean
---@field max_retrans? integer
---@field most? integer connections
---@field address? string of its first link
---@field icmp? boolean
---@field ttl? integer

---A router that translates IPv4 addresses: what leaves by an outer link has the
---router's address and a port of its own. What leaves is another packet than
---what came: the ladder shows a connection inside and one outside.
---@param name string
---@param spec linger.NatSpec
---@return linger.Nat
function nat(name, spec) end

---@class linger.Nat
local Nat = {}

---{ translated, unsolicited, invalid, no_port, reused }: packets; reused: ports.
---@return table<string, integer>
function Nat:counters() end

---What it knows, as `conntrack -L` prints it; see Firewall:connections.
---@return table
function Nat:connections() end

---@return string?
function Nat:address() end

---@param spec linger.RouteSpec
function Nat:route(spec) end

---@return string
function Nat:name() end

---@class linger.ProxySpec: linger.Knobs
---@field ports integer|integer[]|string of servers whose connections it takes: 80, {80, 443} or "8000-8009"; at most 64
---@field connect? "client first"|"server first" whose handshake comes first; "server first": the client's SYN waits until the server has answered. "client first"
---@field on_fin? "pass"|"close both"|"hold" what the FIN of one half does to the other: FIN behind the bytes before it; both halves are closed, what still comes the other way is answered by RST; nothing until the other half ends, too. "pass"
---@field on_reset? "pass"|"close"|"hold" what a half does when the other was reset or gave up: RST, FIN, nothing. "pass"
---@field delay? linger.Time of bytes and FINs inside the proxy: 0
---@field buffer? linger.Size bytes that it holds for each direction, beside TCP's own buffers: "64KiB"
---@field profile? string of its TCP: that of the run
---@field address? string of its first link
---@field icmp? boolean
---@field ttl? integer

---A router with a transparent proxy: it ends the TCP connections to its ports
---and makes two of each, with the addresses and ports of the original. Client
---and server are told nothing of it; the ladder shows both halves.
---@param name string
---@param spec linger.ProxySpec
---@return linger.Proxy
function proxy(name, spec) end

---@class linger.Proxy
local Proxy = {}

---{ accepted, connected, refused, to_server, to_client, lost, fins, resets,
---diverted, open }: connections; bytes handed on; bytes that were acknowledged
---and never handed on; FINs read; halves that ended by an error; packets; pairs.
---@return table<string, integer>
function Proxy:counters() end

---The pairs of which a half is still the proxy's: { client, server, client_side,
---server_side, for_client, for_server, client_ended, server_ended }: ends,
---states of the proxy's own ends, bytes held, and whose FIN was read.
---@return table[]
function Proxy:connections() end

---@return string
function Proxy:profile() end

---@return string?
function Proxy:address() end

---@param spec linger.RouteSpec
function Proxy:route(spec) end

---@return string
function Proxy:name() end

---@class linger.ScanSpec
---@field to linger.Host|string
---@field ports integer|integer[]|string 80, {22, 80} or "1-1024, 8080"
---@field kind? "syn"|"connect"|"fin"|"null"|"xmas"|"ack" "syn"
---@field at? linger.Time when it begins
---@field timeout? linger.Time for the answer to a probe: 1 s
---@field retries? integer of a probe without an answer: 1
---@field interval? linger.Time between ports: 0, all at once
---@field from_port? integer of raw probes; without it chosen

---Looks which of another host's ports are open. All kinds but connect send raw
---segments, of which the host's own TCP knows nothing: it answers a SYN,ACK by
---RST, as that of a host with nmap does.
---@param spec linger.ScanSpec
---@return linger.Scan
function Host:scan(spec) end

---@class linger.Scan
local Scan = {}

---Waits until every port is answered or given up (in an app, at, after).
---@return table report
function Scan:wait() end

---What was learned so far: rows { port, state, why, tries, answered }, the state
---of each port by its number in `states`. tostring() prints a table.
---@return table
function Scan:report() end

---@return boolean
function Scan:done() end

-- TCP_INFO as Linux 6 has it, in its units. What linger's TCP has not got is 0.
---@class linger.Info
---@field tcpi_state integer the kernel's number: 1 ESTABLISHED, 2 SYN-SENT, 3 SYN-RECEIVED, 4 FIN-WAIT-1, 5 FIN-WAIT-2, 6 TIME-WAIT, 7 CLOSED, 8 CLOSE-WAIT, 9 LAST-ACK, 10 LISTEN, 11 CLOSING
---@field tcpi_ca_state integer 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss
---@field tcpi_retransmits integer time-outs in a row
---@field tcpi_probes integer probes without an answer
---@field tcpi_backoff integer how often the time-out was doubled
---@field tcpi_options integer 1 timestamps, 2 SACK, 4 window scaling, 8 ECN, added
---@field tcpi_snd_wscale integer
---@field tcpi_rcv_wscale integer
---@field tcpi_delivery_rate_app_limited integer 0: not known
---@field tcpi_fastopen_client_fail integer 0: not known
---@field tcpi_rto integer us
---@field tcpi_ato integer us: the delay of acknowledgments, once there was text
---@field tcpi_snd_mss integer
---@field tcpi_rcv_mss integer
---@field tcpi_unacked integer segments
---@field tcpi_sacked integer segments; 0: not known
---@field tcpi_lost integer segments; after a time-out all that were outstanding
---@field tcpi_retrans integer segments repeated and still outstanding; only after a time-out
---@field tcpi_fackets integer 0: Linux has given it up
---@field tcpi_last_data_sent integer ms ago; if never, since the handshake
---@field tcpi_last_ack_sent integer 0: Linux does not remember it either
---@field tcpi_last_data_recv integer ms ago; if never, since the handshake
---@field tcpi_last_ack_recv integer ms ago
---@field tcpi_pmtu integer MTU of the first hop
---@field tcpi_rcv_ssthresh integer receive_buffer: it does not tune itself
---@field tcpi_rtt integer us, smoothed
---@field tcpi_rttvar integer us
---@field tcpi_snd_ssthresh integer segments; 2147483647: no loss yet
---@field tcpi_snd_cwnd integer segments
---@field tcpi_advmss integer
---@field tcpi_reordering integer duplicate_acks
---@field tcpi_rcv_rtt integer 0: not known
---@field tcpi_rcv_space integer 0: the buffer does not tune itself
---@field tcpi_total_retrans integer segments
---@field tcpi_pacing_rate integer bytes/s, as Linux computes it, whether `pacing` is on or not
---@field tcpi_max_pacing_rate integer 0: no bound
---@field tcpi_bytes_acked integer SYN and FIN count
---@field tcpi_bytes_received integer the FIN counts
---@field tcpi_segs_out integer a listener's SYN,ACK does not count
---@field tcpi_segs_in integer
---@field tcpi_notsent_bytes integer
---@field tcpi_min_rtt integer us, of all samples
---@field tcpi_data_segs_in integer
---@field tcpi_data_segs_out integer
---@field tcpi_delivery_rate integer 0: not known
---@field tcpi_busy_time integer us that text was queued
---@field tcpi_rwnd_limited integer us of them that the peer's window held it back
---@field tcpi_sndbuf_limited integer us of them that the send buffer was too small
---@field tcpi_delivered integer segments acknowledged, SYN and FIN too
---@field tcpi_delivered_ce integer 0: no ECN
---@field tcpi_bytes_sent integer repeated ones, too
---@field tcpi_bytes_retrans integer
---@field tcpi_dsack_dups integer 0: not known
---@field tcpi_reord_seen integer 0: not known
---@field tcpi_rcv_ooopack integer segments beyond a gap
---@field tcpi_snd_wnd integer bytes
---@field tcpi_rcv_wnd integer bytes
---@field tcpi_rehash integer 0: one path
---@field tcpi_total_rto integer time-outs
---@field tcpi_total_rto_recoveries integer time-outs that began one
---@field tcpi_total_rto_time integer ms from a time-out to the next acknowledgment
---@field tcpi_received_ce integer 0: no ECN
---@field tcpi_delivered_e1_bytes integer 0: no ECN
---@field tcpi_delivered_e0_bytes integer 0: no ECN
---@field tcpi_delivered_ce_bytes integer 0: no ECN
---@field tcpi_received_e1_bytes integer 0: no ECN
---@field tcpi_received_e0_bytes integer 0: no ECN
---@field tcpi_received_ce_bytes integer 0: no ECN

---@class linger.Socket
---@field local string "10.0.0.1:80"; of a listener "*:80"
---@field remote string of a listener "*:*"
---@field state linger.State
---@field ss_state string as ss says it: "ESTAB", "SYN-RECV", "FIN-WAIT-1" ...
---@field recv_q integer bytes not read, an unread FIN counts; of a listener: waiting for accept
---@field send_q integer bytes not acknowledged, the FIN counts; of a listener: the backlog
---@field timer "off"|"on"|"keepalive"|"timewait"|"persist" on: retransmission
---@field timer_left? number until it expires, in seconds
---@field timer_count? integer repetitions or probes so far
---@field congestion? string not of TIME-WAIT
---@field info? linger.Info of a connection, not of LISTEN and TIME-WAIT

---What `ss -tanoi` would list: listeners, connections, TIME-WAIT records.
---print(host:sockets()), or note(host, tostring(host:sockets())), shows it as
---ss does.
---@return linger.Socket[]
function Host:sockets() end

---The state of one pair of ends, as seen from this host. Half-open connections
---and those that nobody holds any more count, too.
---@param port integer of this host
---@param remote linger.Host|string
---@param remote_port integer
---@return linger.State
function Host:state(port, remote, remote_port) end

---Runs an app on this host: a coroutine whose calls block in virtual time.
---Connections that it leaves open stay open.
---@param app fun(os: linger.Os)
---@param at? linger.Time default 0
function Host:run(app, at) end

---Calls `func` for each packet that this host sent, received or dropped, or for
---each change of state.
---@param event "sent"|"received"|"dropped"|"state"
---@param filter string a libpcap expression; for "state" a state
---@param func fun(what: linger.Packet|linger.Change)
---@overload fun(self: linger.Host, event: string, func: fun(what: linger.Packet|linger.Change))
function Host:on(event, filter, func) end

---@class linger.PacketScriptSpec
---@field to? linger.Host|string the host under test; default: the only other
---@field port? integer its port; default 80
---@field from_port? integer this host's port; default 33000
---@field tolerance? linger.Time how early or late a packet may come; default 4ms

---Plays packetdrill lines against another host's TCP, as all the world that it
---knows: `<` leaves here for it, a segment or an error of ICMP about one, `>`
---must come from it, at times that are those of this host. The first packet that
---is another one, too early or too late is a failed expectation that shows the
---script's and the actual one. Segments that follow each other may be written as
---one. A script that begins with `>` is one of a connection that the host under
---test opens, from `port` to `from_port`.
---@param lines string "+0 < S 0:0(0) win 1000"
---@param spec? linger.PacketScriptSpec
function Host:script(lines, spec) end

---Sends a forged segment, in packetdrill's notation or by fields.
---@param segment string "R 1:1(0)"
---@param spec linger.InjectSpec
---@overload fun(self: linger.Host, spec: linger.InjectSpec)
function Host:inject(segment, spec) end

---Crashes: nothing is sent, apps and programs end where they stand, connections,
---listeners and all that was learnt are gone. An app that crashes its own host
---ends with the call.
function Host:crash() end

---Crashes, if it has not yet, and boots after that time with new initial
---sequence numbers; then the functions of on_boot run, or, without one, those of
---host:run anew.
---@param after? linger.Time default 0
function Host:reboot(after) end

---What runs at each boot in place of the functions of host:run.
---@param func fun(os: linger.Os)
function Host:on_boot(func) end

---Its NIC on that link, or all: drops what it is given and what arrives.
---@param link? linger.Link
function Host:nic_down(link) end

---@param link? linger.Link
function Host:nic_up(link) end

-- ---------------------------------------------------------------------------
-- Traffic without a script

---@class linger.BulkSpec
---@field to linger.Host|string whom it connects to: a host or an address
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field bytes linger.Size

---@class linger.SinkSpec
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field at_once? boolean its FIN rides on the ACK of the peer's
---@field close_after? linger.Time close so long after the peer's FIN

---@class linger.RequestSpec
---@field to linger.Host|string whom it connects to: a host or an address
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field request? linger.Size bytes of a request
---@field response? linger.Size bytes of a response
---@field times? integer exchanges over one connection; default 1
---@field think? linger.Time between a response and the next request
---@field server_closes? boolean wait for the server's FIN
---@field at_once? boolean then close in the turn that told of it

---@class linger.RespondSpec
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field at_once? boolean its FIN rides on the ACK of the peer's
---@field close_after? linger.Time close so long after the peer's FIN
---@field request? linger.Size bytes of a request
---@field response? linger.Size bytes of a response
---@field times? integer close first, after so many; 0: at the peer's FIN

---@class linger.ChurnSpec
---@field to linger.Host|string whom it connects to: a host or an address
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field request? linger.Size bytes of a request
---@field response? linger.Size bytes of a response
---@field times? integer exchanges over one connection; default 1
---@field think? linger.Time between a response and the next request
---@field server_closes? boolean wait for the server's FIN
---@field at_once? boolean then close in the turn that told of it
---@field connections? integer one after the other
---@field parallel? integer so many at a time; default 1

---@class linger.HeldSpec
---@field to linger.Host|string whom it connects to: a host or an address
---@field at? linger.Time when it begins; default 0
---@field port? integer default 80
---@field ports? integer so many ports from `port` on, in turn
---@field connections? integer opened, one each interval
---@field interval? linger.Time
---@field hold? linger.Time how long all of them stay open

---Sends `bytes` as fast as it can, and closes.
---@param spec linger.BulkSpec
---@return linger.Program
function Host:bulk(spec) end

---Reads and discards; closes at the peer's FIN.
---@param spec linger.SinkSpec
---@return linger.Program
function Host:sink(spec) end

---Asks, so many times, over one connection.
---@param spec linger.RequestSpec
---@return linger.Program
function Host:request(spec) end

---Answers requests.
---@param spec linger.RespondSpec
---@return linger.Program
function Host:respond(spec) end

---Opens, asks and closes one connection after the other.
---@param spec linger.ChurnSpec
---@return linger.Program
function Host:churn(spec) end

---Opens many connections, holds them, closes them.
---@param spec linger.HeldSpec
---@return linger.Program
function Host:held(spec) end

---@class linger.Program
local Program = {}

---@return integer # sent and received
function Program:bytes() end

---@return integer # bytes
function Program:sent() end

---@return integer # bytes
function Program:received() end

---@return integer # that did all they should
function Program:connections() end

---@return integer
function Program:failed() end

---@return integer
function Program:opened() end

---@return integer # open now
function Program:open() end

---@return integer # open at once, ever
function Program:most_open() end

---@return integer # requests answered
function Program:exchanges() end

---@return table<linger.Error|"early", integer>
function Program:errors() end

---@return number? # virtual time in seconds
function Program:first() end

---@return number? # virtual time in seconds
function Program:last() end

---@return boolean # has a client nothing left to do?
function Program:done() end

-- ---------------------------------------------------------------------------
-- Apps

---What an app gets. A call that fails returns nil, the error's name and a
---sentence.
---@class linger.Os
---@field host string the host's name
local Os = {}

---@class linger.ConnectSpec: linger.Knobs
---@field port? integer the own port; default: chosen
---@field family? "ipv4"|"ipv6" of the address that a host's name stands for
---@field nonblocking? boolean return at once, in SYN-SENT

---@param port integer
---@param knobs? linger.Knobs of accepted connections
---@return linger.Listener?, linger.Error?, string?
function Os.listen(port, knobs) end

---Opens a connection; returns when it is ESTABLISHED or has failed.
---@param host linger.Host|string a host, its name, or an address
---@param port integer
---@param spec? linger.ConnectSpec
---@return linger.Connection?, linger.Error?, string?
function Os.connect(host, port, spec) end

---@class linger.RawSpec
---@field port? integer the own port; default: chosen
---@field initial_sequence? integer what 0 stands for in what is sent; default 0
---@field absolute? boolean numbers are taken and given as they are on the wire
---@field family? "ipv4"|"ipv6" of the address that a host's name stands for

---Takes one pair of ends out of the hands of this host's TCP: its segments are
---written and read by hand.
---@param host linger.Host|string a host, its name, or an address
---@param port integer
---@param spec? linger.RawSpec
---@return linger.Raw?, linger.Error?, string?
function Os.raw(host, port, spec) end

---@param time linger.Time
function Os.sleep(time) end

---@return number # virtual time in seconds
function Os.now() end

---Starts another app on the same host.
---@param app fun(...)
---@param ... any its arguments
function Os.spawn(app, ...) end

---@class linger.Raw
local Raw = {}

---Sends a segment in packetdrill's notation: "S 0:0(0) win 65535 <mss 1460>".
---SEQ is relative to `initial_sequence`, ACK to the number of the last SYN
---that was heard; before that it is absolute. The window is 65535 if it is not
---given; the payload is zeros.
---@param segment string
function Raw:send(segment) end

---Waits for a segment; nil if none came within `timeout` (default: for ever).
---Numbers are relative as in what is sent.
---@param timeout? linger.Time
---@return linger.Heard?
function Raw:receive(timeout) end

---@class linger.Heard
---@field flags string tcpdump's letters: "S." "F." "none"
---@field seq integer
---@field ack? integer
---@field win integer as it stands in the header
---@field length integer bytes of payload
---@field mss? integer
---@field wscale? integer
---@field ts_val? integer
---@field ts_ecr? integer
---@field time number seconds

---@return integer
function Raw:port() end

---The host's TCP answers for these ends again.
function Raw:close() end

---@class linger.Listener
local Listener = {}

---Waits for a connection.
---@return linger.Connection?, linger.Error?, string?
function Listener:accept() end

---"receive" and "both": no more connections come; those nobody accepted are
---reset. "send" does nothing.
---@param how "receive"|"send"|"both"
---@return true?, linger.Error?, string?
function Listener:shutdown(how) end

---@return true?, linger.Error?, string?
function Listener:close() end

---@return integer?, linger.Error?, string?
function Listener:port() end

---Any knob, or a socket option that is one (Connection:setsockopt): what
---connections get that come later.
---@param name string
---@param value any
---@return true?, linger.Error?, string?
function Listener:setsockopt(name, value) end

---@param name string
---@return any
function Listener:getsockopt(name) end

---@class linger.Connection
local Connection = {}

---@class linger.SendSpec
---@field push? boolean set PSH on the last byte; default true
---@field urgent? boolean the last byte is the end of urgent data
---@field more? boolean MSG_MORE: what fills no segment waits for the next send
---@field record? boolean MSG_EOR: no segment joins the last byte with what follows

---Returns when all is queued.
---@param data string|integer bytes, or how many zeros
---@param spec? linger.SendSpec
---@return integer?, linger.Error?, string?
function Connection:send(data, spec) end

---Waits for data; "" is the peer's FIN.
---@param most? linger.Size default 64KiB
---@param timeout? linger.Time then EAGAIN; 0 does not wait; default: for ever
---@return string?, linger.Error?, string?
function Connection:receive(most, timeout) end

---What receive would give now, and it stays there (MSG_PEEK): "" behind the
---peer's FIN; nil and EAGAIN if nothing is there yet.
---@param most? linger.Size
---@return string?, linger.Error?, string?
function Connection:peek(most) end

---Everything up to the peer's FIN; after an error the fourth value is what had
---come.
---@return string?, linger.Error?, string?, string?
function Connection:receive_all() end

---Reads up to the peer's FIN and keeps nothing: for what is too large for Lua.
---@return integer?, linger.Error?, string?
function Connection:discard() end

---@param how "send"|"receive"|"both"
---@return true?, linger.Error?, string?
function Connection:shutdown(how) end

---Closes both directions. With linger n it waits until the peer has
---acknowledged everything, at most that long (then nil, "ETIMEDOUT").
---@return true?, linger.Error?, string?
function Connection:close() end

---RST, at once.
---@return true?, linger.Error?, string?
function Connection:abort() end

---@return linger.State # also after close
function Connection:state() end

---RFC 9293's variables: status.snd.nxt, status.rcv.wnd, status.cwnd ...
---@return table
function Connection:status() end

---Waits until the connection enters `state` (or is in it), also after close.
---@param state linger.State
---@param most? linger.Time how long, at most
---@return linger.State?, linger.Error?, string?
function Connection:wait_state(state, most) end

---@return string, string # "10.0.0.1:49152", "10.0.0.2:80"
function Connection:ends() end

---Any knob by its name, or a socket option. A time is a time ("5s", a number is
---seconds) whatever unit C has; a truth may be 0 or 1.
---* SO_LINGER: false, or how long close waits; 0: close is an abort
---* SO_RCVBUF, SO_SNDBUF: receive_buffer, send_buffer; not doubled as Linux does
---* SO_REUSEADDR: reuse_address: without it, here or there, EADDRINUSE
---* SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT: keepalive ...
---* TCP_USER_TIMEOUT: user_timeout
---* TCP_LINGER2: fin_wait_2_timeout, 120 s at most; 0: the host's; below 0:
---  RST instead
---* TCP_NODELAY: not nagle; lets out what waits, even under a cork
---* TCP_NOOPT (BSD): not syn_options
---* TCP_CORK (BSD: TCP_NOPUSH): cork; 200 ms at most, which is sws_override
---* TCP_MAXSEG: mss; of no effect on an open connection, as on Linux, but with
---  mss_at_once
---* IPV6_USE_MIN_MTU: ipv6_min_mtu
---* TCP_SYNCNT: syn_retries; TCP_DEFER_ACCEPT: defer_accept (of a listener)
---* TCP_KEEPINIT (BSD): r2_syn
---* TCP_REMOTE_UDP_ENCAPS_PORT (BSD): udp_port, only asked here
---* IP_TTL, IPV6_UNICAST_HOPS: ttl; IP_TOS, IPV6_TCLASS: tos
---* TCP_QUICKACK: quickack; it stays on, where Linux forgets it
---* TCP_NOTSENT_LOWAT: notsent_lowat
---* TCP_CONGESTION: congestion, "reno"
---* SO_MAX_PACING_RATE: max_pacing_rate, bytes/s; 0: none, which is ~0 on Linux
---@param name string
---@param value any
---@return true?, linger.Error?, string?
function Connection:setsockopt(name, value) end

---What setsockopt sets, and:
---* SO_ERROR ("error"): the pending error, which it clears, or nil
---* TCP_INFO: linger.Info
---* TCP_MAXSEG: the largest segment that is sent
---* SIOCINQ: bytes not read; SIOCOUTQ: not acknowledged, the FIN counts;
---  SIOCOUTQNSD: not sent yet
---@param name string
---@return any
function Connection:getsockopt(name) end

-- ---------------------------------------------------------------------------
-- Time

---Calls `func` at this virtual time, as a coroutine that may block.
---@param time linger.Time
---@param func fun()
function at(time, func) end

---Calls `func` so much later.
---@param time linger.Time
---@param func fun()
function after(time, func) end

---@return number # virtual time in seconds
function now() end

---Ends the run, now or at `time`. A run with something left to do after a day
---of virtual time, for which nobody said an end, is ended there as unfinished.
---@param time? linger.Time
function stop(time) end

-- ---------------------------------------------------------------------------
-- Faults

-- Which packets: those that fit every condition that is given.
---@class linger.MatchSpec
---@field from? linger.Node|string the node it comes from
---@field to? linger.Node|string the node it goes to
---@field filter? string a libpcap expression, as for tcpdump
---@field flags? string exactly these: "F.", "S", "none"; PSH only counts if named
---@field state? linger.State the sender's state when it was made
---@field after? linger.Time not before this virtual time
---@field before? linger.Time before this virtual time
---@field retransmission? boolean|integer true: any; false: none; n: the n-th
---@field where? fun(packet: linger.Values): boolean judges by the packet's values; it may only look

-- ... and which of those. Dice fall for each of them.
---@class linger.FaultSpec: linger.MatchSpec
---@field nth? integer|integer[] which of the packets that fit, from 1
---@field mask? string the same as "11001": the first, second and fifth
---@field every? integer each n-th of them
---@field times? integer at most so many
---@field budget? linger.Budget at most so many together with all that share it
---@field probability? linger.Fraction each of them with this probability

-- Header fields have one name each, for IPv4 and IPv6 alike:
-- eth.dst eth.src eth.type
-- ip.version ip.ihl ip.tos ip.dscp ip.ecn ip.flow ip.length ip.id ip.reserved
-- ip.df ip.mf ip.offset ip.ttl ip.protocol ip.checksum ip.src ip.dst
-- tcp.sport tcp.dport tcp.seq tcp.ack tcp.data_offset tcp.reserved tcp.flags
-- tcp.win tcp.checksum tcp.urg tcp.mss tcp.wscale tcp.ts_val tcp.ts_ecr
-- udp.sport udp.dport udp.length udp.checksum
-- icmp.type icmp.code icmp.checksum icmp.rest icmp.id icmp.seq icmp.mtu
-- icmp.pointer
-- Numbers are as on the wire (ip.offset in 8 bytes, ip.length of IPv6 without
-- its header); "+10" and "-1" are added to what is there; tcp.flags also goes by
-- letters, ip.src and ip.dst by host or address. In the values of a packet the
-- same names are read: packet.ip.ttl, packet.tcp.win.
---@alias linger.Fields table<string, integer|string|boolean|linger.Host>

---@class linger.Values
---@field time number
---@field from string the host whose address is the source
---@field to string
---@field source string "10.0.0.1:49152"
---@field destination string
---@field flags string
---@field seq integer relative to the connection's SYN, if one was seen
---@field ack integer
---@field window integer
---@field length integer payload bytes
---@field payload string
---@field size integer bytes of the frame
---@field attempt integer 0: the first transmission
---@field state linger.State of the sender when it was made
---@field injected boolean
---@field duplicate boolean
---@field eth table<string, integer|string>
---@field ip table<string, integer|string>
---@field tcp table<string, integer>
---@field udp table<string, integer>
---@field icmp table<string, integer>

---@class linger.Budget
local Budget = {}

---What is left of it.
---@return integer
function Budget:left() end

---A number of times that several faults share.
---@param count integer
---@return linger.Budget
function budget(count) end

---@class linger.DropSpec: linger.FaultSpec

---@class linger.DelaySpec: linger.FaultSpec
---@field by linger.Time how much longer they take

---@class linger.DuplicateSpec: linger.FaultSpec
---@field delay? linger.Time how much later the copies come; default 0
---@field count? integer copies of each; default 1

---@class linger.ReorderSpec: linger.FaultSpec
---@field behind? integer it arrives right behind the next so many packets of its direction; default 1
---@field within? linger.Time ... or goes alone after this long; default 1 s

---@class linger.ReplaySpec: linger.FaultSpec
---@field by linger.Time how much later a copy comes
---@field count? integer copies of each; default 1
---@field interval? linger.Time between them; default: by

---@class linger.CorruptSpec: linger.FaultSpec
---@field count? integer bits that flip, at most 64; default 1
---@field field? string where they are: the name of a header field
---@field at? integer ... or the byte, from the frame's start
---@field bytes? string in hex, written from there on
---@field mend? boolean checksums are made right afterwards; default false

---@class linger.RewriteSpec: linger.FaultSpec
---@field set linger.Fields
---@field mend? boolean checksums are made right afterwards; default true

---@class linger.TruncateSpec: linger.FaultSpec
---@field size? linger.Size bytes of the frame that are left
---@field cut? linger.Size or bytes off its end
---@field mend? boolean IP's length and the checksums are made right; default false

---@class linger.ResetSpec: linger.FaultSpec
---@field answer? "sender"|"receiver"|"both" who gets a RST; default both
---@field pass? boolean the segment goes on; default false

---@class linger.Link
local Link = {}

---@return string
function Link:name() end

---@param spec linger.DropSpec
function Link:drop(spec) end

---@param spec linger.DelaySpec
function Link:delay(spec) end

---@param spec linger.DuplicateSpec
function Link:duplicate(spec) end

---Changes bits or bytes.
---@param spec linger.CorruptSpec
function Link:corrupt(spec) end

---Lets the next packets overtake.
---@param spec linger.ReorderSpec
function Link:reorder(spec) end

---Sends copies later.
---@param spec linger.ReplaySpec
function Link:replay(spec) end

---Writes header fields, as a middlebox does.
---@param spec linger.RewriteSpec
function Link:rewrite(spec) end

---Cuts frames short.
---@param spec linger.TruncateSpec
function Link:truncate(spec) end

---Answers TCP segments by RST in the other end's name, from the middle of the
---link, and drops them.
---@param spec linger.ResetSpec
function Link:reset(spec) end

---Random loss in both directions from now on.
---@param fraction linger.Fraction
function Link:loss(fraction) end

---A netem from now on, in both directions or from one end: what is not named
---is off; what waits in it keeps its time.
---@param spec linger.NetemChangeSpec
function Link:netem(spec) end

---Another queue from now on: link:queue "codel", link:queue { "red", ... }.
---What waits in a discipline that is replaced is lost.
---@param spec integer|linger.Queue
function Link:queue(spec) end

---What starts onto the link is lost until it is up.
---@param spec? linger.DownSpec
function Link:down(spec) end

---@param spec? linger.UpSpec
function Link:up(spec) end

---The largest IP datagram that it carries, from now on.
---@param mtu linger.Size
---@param from? linger.Node|string only what this end sends
function Link:mtu(mtu, from) end

---What has happened to what one end sent.
---@param from linger.Node|string
---@return linger.LinkCounts
function Link:counts(from) end

---Puts a forged segment on the wire, at the end `from`.
---@param spec linger.InjectSpec
function Link:inject(spec) end

---@class linger.CaptureSpec
---@field from? linger.Host|string who sends all of it; default: the host that has a packet's source address
---@field at? linger.Time when the first packet leaves; default now
---@field speed? number 2 is twice as fast; default 1
---@field map? table<string, linger.Host|string> addresses of the capture, and whose they become
---@field of? linger.Connection its ports and live numbers are put into the segments

---Sends the IP datagrams of a capture (pcap, pcapng) again, checksums mended. The
---file lies in the scenario's folder or is named by --set; --trust allows any.
---@param file string
---@param spec? linger.CaptureSpec
function replay(file, spec) end

---@class linger.IcmpSpec
---@field kind? "net unreachable"|"host unreachable"|"protocol unreachable"|"port unreachable"|"fragmentation needed"|"packet too big"|"administratively prohibited"|"source quench"|"redirect"|"echo"|"echo reply"|"time exceeded"|"reassembly time exceeded"|"parameter problem" of the datagram's family
---@field type? integer
---@field code? integer
---@field mtu? integer of the next hop
---@field rest? integer the word behind the checksum

---@class linger.FragmentSpec
---@field at integer bytes of the datagram above IP that stand before it, in steps of 8
---@field length integer
---@field more? boolean more fragments follow; default: if the datagram goes on
---@field bytes? string in hex, instead of the datagram's

-- Numbers are relative to the connection's initial ones. In text, seq and ack
-- may name variables of the connection that receives the segment, or, behind a
-- host's name, of that host's: "rcv.nxt+10", "rcv.wnd right edge", "snd.una-1",
-- "client.snd.nxt". Variables: rcv.nxt rcv.wnd rcv.up irs snd.una snd.nxt snd.wnd
-- iss. They are known where the connection's packets pass: at its two hosts, on
-- its links and routers. Others guess.
---@class linger.InjectSpec
---@field from? linger.Node|string the end of the link that it comes from
---@field to? linger.Node|string the host it goes to, if not `of`
---@field as? linger.Node|string whose segment it pretends to be; default: from
---@field of? linger.Connection it pretends to belong to
---@field tcp? string the segment: "F. 1:1(0) ack 1 win 100 <mss 1460>"
---@field absolute? boolean numbers are as they stand
---@field guess? boolean one who cannot see the connection has guessed its numbers
---@field udp? boolean a UDP datagram
---@field icmp? string|linger.IcmpSpec an ICMP or ICMPv6 message; an error about `of` quotes a segment of `to` with seq, by default SND.UNA
---@field set? linger.Fields header fields as they shall be; other checksums stay right, "bad" makes one wrong
---@field ip_options? string of IPv4, bytes in hex
---@field extensions? table[] headers of IPv6: { { "hop-by-hop"|"routing"|"fragment"|"destination"|number, "hex" }, ... }
---@field fragments? linger.FragmentSpec[] it goes in these fragments
---@field frame? string a whole frame, bytes in hex
---@field port? integer destination
---@field from_port? integer source; default 40000, or the connection's
---@field flags? string
---@field seq? integer|string default: RCV.NXT
---@field ack? integer|string default: SND.NXT
---@field win? integer default 65535
---@field urg? integer
---@field length? integer bytes of payload, zeros
---@field payload? string
---@field mss? integer
---@field wscale? integer
---@field sack_permitted? boolean
---@field timestamps? integer[] value and echo
---@field options? string bytes in hex, padded with zeros
---@field checksum? "bad"|integer
---@field data_offset? integer in words
---@field ip_length? integer
---@field truncate? integer bytes of the segment that are left
---@field ttl? integer
---@field raw? string bytes in hex, all above IP

-- ---------------------------------------------------------------------------
-- Hooks

---@class linger.Packet
---@field time number
---@field event "sent"|"received"|"dropped"
---@field at string the node where it happened
---@field from string the host whose address is the source
---@field to string
---@field source string "10.0.0.1:49152"
---@field destination string
---@field flags string
---@field seq integer relative to the initial number
---@field ack integer relative to the initial number
---@field window integer as it stands in the header
---@field length integer bytes of payload
---@field size integer bytes of the frame
---@field attempt integer 0: the first transmission
---@field fate "pending"|"delivered"|"dropped"
---@field reason string why it was dropped
---@field rule string
---@field injected boolean
---@field duplicate boolean

---@class linger.Change
---@field time number
---@field host string
---@field before linger.State
---@field state linger.State
---@field rule string
---@field section string
---@field why string
---@field here string "10.0.0.1:49152"
---@field there string

---@class linger.PacketHookSpec: linger.MatchSpec
---@field host? linger.Node|string where
---@field link? linger.Link
---@field event? "sent"|"received"|"dropped" default "sent"

---@class linger.StateHookSpec
---@field host? linger.Host|string
---@field state? linger.State

on = {}

---Calls `func` for each packet that fits: on.packet({ ... }, func), or
---on.packet { ... } (func).
---@param spec linger.PacketHookSpec
---@param func? fun(packet: linger.Packet)
---@return fun(func: fun(packet: linger.Packet))?
function on.packet(spec, func) end

---Calls `func` for each change of state.
---@param spec linger.StateHookSpec
---@param func? fun(change: linger.Change)
---@return fun(func: fun(change: linger.Change))?
function on.state(spec, func) end

-- ---------------------------------------------------------------------------
-- Expectations: judged when the run is over

---@class linger.EndSpec
---@field host linger.Host|string
---@field port? integer either end's
---@field number? integer which of its connections, from 1

---@class linger.TimeSpec: linger.EndSpec
---@field state linger.State
---@field at? linger.Time exactly then
---@field after? linger.Time not before
---@field before? linger.Time

---@class linger.PacketSpec
---@field from? linger.Node|string the node it comes from
---@field to? linger.Node|string the node it goes to
---@field filter? string a libpcap expression, as for tcpdump
---@field flags? string exactly these: "F.", "S", "none"; PSH only counts if named
---@field state? linger.State the sender's state when it was made
---@field after? linger.Time not before this virtual time
---@field before? linger.Time before this virtual time
---@field retransmission? boolean|integer true: any; false: none; n: the n-th
---@field from_port? integer
---@field to_port? integer
---@field seq? integer relative to the initial number
---@field ack? integer relative to the initial number
---@field length? integer bytes of payload
---@field window? integer after scaling
---@field at? linger.Time sent exactly then
---@field times? integer exactly so many
---@field min? integer at least so many; default 1
---@field max? integer at most so many
---@field fate? "delivered"|"dropped"|"pending"
---@field rule? string the id of a rule by which it was sent, met or dropped
---@field injected? boolean
---@field duplicate? boolean

expect = {}

---The states that an end goes through, exactly, from the first named on.
---@param host linger.Host|string|linger.EndSpec
---@param ... linger.State
function expect.states(host, ...) end

---@param host linger.Host|string|linger.EndSpec
---@param time linger.Time
---@param state linger.State
function expect.state_at(host, time, state) end

---How long its first stay in the state lasts, exactly.
---@param host linger.Host|string|linger.EndSpec
---@param state linger.State
---@param time linger.Time
function expect.duration(host, state, time) end

---When the state is entered first.
---@param spec linger.TimeSpec
function expect.time(spec) end

---A packet that fits, or so many.
---@param spec linger.PacketSpec
function expect.packet(spec) end

---@param spec linger.PacketSpec
function expect.no_packet(spec) end

---The same as expect.packet, for counting.
---@param spec linger.PacketSpec
function expect.count(spec) end

---Packets sent in this order; others may come between.
---@param list linger.PacketSpec[]
function expect.order(list) end

---A call of the host's apps answers this error.
---@param host linger.Host|string
---@param error linger.Error
function expect.error(host, error) end

---No call of the host's apps fails.
---@param host linger.Host|string
function expect.no_error(host) end

---What the host's apps receive, all connections together.
---@param host linger.Host|string
---@param data string|integer the bytes, or how many
function expect.data(host, data) end

---`func` is called when the run is over; false and a sentence, or true.
---@param func fun(): boolean, string?
---@param text? string what is expected, in words
function expect.that(func, text) end

---The values as they are now.
---@param value any
---@param wanted any
---@param text? string what is compared, in words
function expect.equal(value, wanted, text) end
