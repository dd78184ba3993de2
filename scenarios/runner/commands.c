/* What the commands are called, take and do: the tables behind the command
 * line and its help. */
#include "options.h"

static const OptionRow run_options[] = {
  { "seed", 0, "N", false, "seed of every random draw; 1 if not given" },
  { "set", 0, "NAME=VALUE", false,
    "set a parameter of the scenario; may be repeated" },
  { "profile", 0, "NAME", false,
    "TCP of hosts that name none: rfc9293, linux or freebsd" },
  { "stop", 0, "TIME", false, "end the run at this virtual time: 30s, 200ms" },
  { "family", 0, "WHICH", false,
    "addresses that hosts' names stand for: ipv4 (default) or ipv6" },
  { "out", 0, "DIR", false,
    "write to DIR, not out/SCENARIO; several scenarios: to DIR/SCENARIO" },
  { "capture", 0, "WHICH", false,
    "capture at one vantage point (default), all hosts, none, or a host" },
  { "snaplen", 0, "BYTES", false,
    "keep at most BYTES of each packet in captures (all)" },
  { "plot", 0, "LIST", false,
    "pictures to draw: svg (default), png, pdf, none" },
  { "trace", 0, "WHICH", false,
    "all (default), or none: no files but those asked for, no ladder" },
  { "write", 'w', "FILE", false,
    "write the capture to FILE; - is standard output" },
  { "summary", 0, "FILE", false,
    "write the summary (JSON) to FILE; - is standard output" },
  { "as-pkt", 0, "HOST", false,
    "write what happens at HOST as packetdrill scripts beside the run's other "
    "files: HOST.pkt, and HOST-2.pkt, ... of its other connections" },
  { "quiet", 'q', NULL, false, "print failures only" },
  { "verbose", 'v', NULL, false,
    "print all packets, options, windows, rules and calls" },
  { "tap-report", 0, NULL, false,
    "print the expectations in the Test Anything Protocol" },
  { "color", 0, "WHEN", true, "auto (default), always or never" },
  { "ascii", 0, NULL, false, "draw in ASCII" },
  { "width", 0, "N", false, "draw N columns wide" },
  { "trust", 0, NULL, false,
    "no sandbox: the scenario may use files, processes, any time and memory" },
  { "help", 'h', NULL, false, "print this help" },
  { NULL, 0, NULL, false, NULL },
};

static const OptionRow plot_options[] = {
  { "plot", 0, "LIST", false, "formats: svg (default), png, pdf" },
  { "help", 'h', NULL, false, "print this help" },
  { NULL, 0, NULL, false, NULL },
};

static const OptionRow list_options[] = {
  { "tag", 0, "TAG", false,
    "only scenarios with this tag; may be repeated: with all of them" },
  { "json", 0, NULL, false,
    "print an array of objects: file, name, topic, title, tags, question" },
  { "color", 0, "WHEN", true, "auto (default), always or never" },
  { "width", 0, "N", false, "print N columns wide" },
  { "help", 'h', NULL, false, "print this help" },
  { NULL, 0, NULL, false, NULL },
};

static const OptionRow pkt_options[] = {
  { "profile", 0, "NAME", false,
    "TCP under test: rfc9293, linux or freebsd; if not given, what the script "
    "sets up" },
  { "ip_version", 0, "WHICH", false, "ipv4, ipv4-mapped-ipv6 or ipv6" },
  { "local_ip", 0, "ADDRESS", false, "of the host under test" },
  { "remote_ip", 0, "ADDRESS", false, "of what the script plays" },
  { "mtu", 0, "BYTES", false, "of the link (1500)" },
  { "mss", 0, "BYTES", false, "taken; large packets arrive as they are" },
  { "gateway_ip", 0, "ADDRESS", false,
    "taken, as is --netmask_ip: every address is a neighbour" },
  { "netmask_ip", 0, "MASK", false, "see --gateway_ip" },
  { "bind_port", 0, "PORT", false, "that bind() takes (8080)" },
  { "connect_port", 0, "PORT", false, "that connect() goes to (8080)" },
  { "tolerance_usecs", 0, "N", false,
    "how far times may be off, in microseconds (4000)" },
  { "tolerance_percent", 0, "N", false,
    "the same as a share of the time since the statement before (12.5)" },
  { "tcp_ts_tick_usecs", 0, "N", false,
    "compare timestamps too, whose clock ticks every N microseconds" },
  { "strict_segments", 0, NULL, false,
    "segments are not joined: each is a packet of the script's" },
  { "non_fatal", 0, "LIST", false,
    "packet, syscall or both: what differs is told, and the script goes on" },
  { "init_scripts", 0, "LIST", false,
    "commands before the first statement, such as defaults.sh" },
  { "dry_run", 0, NULL, false, "read the scripts, and do not run them" },
  { "define", 'D', "NAME=VALUE", false,
    "a word that stands for another, and for #ifdef; may be repeated" },
  { "jobs", 'j', "N", false, "scripts side by side (one a processor)" },
  { "out", 0, "DIR", false,
    "write captures, tables and pictures to DIR/SCRIPT" },
  { "capture", 0, "WHICH", false,
    "with --out: one vantage point (default), all hosts, none, or host or "
    "script" },
  { "plot", 0, "LIST", false,
    "with --out: pictures to draw: svg (default), png, pdf, none" },
  { "tap", 0, NULL, false, "report in the Test Anything Protocol" },
  { "quiet", 'q', NULL, false, "print failures only" },
  { "verbose", 'v', NULL, false, "draw every script's ladder" },
  { "color", 0, "WHEN", true, "auto (default), always or never" },
  { "ascii", 0, NULL, false, "draw in ASCII" },
  { "width", 0, "N", false, "draw N columns wide" },
  { "help", 'h', NULL, false, "print this help" },
  { NULL, 0, NULL, false, NULL },
};

static const OptionRow help_options[] = {
  { "help", 'h', NULL, false, "print this help" },
  { NULL, 0, NULL, false, NULL },
};

const Command command_run = {
  .name = "run",
  .usage = "[OPTION]... FILE...",
  .summary = "run scenarios: draw, check and record what happens",
  .text =
      "FILE is a Lua scenario; - reads one from standard input. A run leaves "
      "its captures,\ntables and picture in out/SCENARIO.\n\n"
      "Exit status: 0 all expectations hold, 1 one failed, 2 the command "
      "line or a\nscenario is wrong, 3 a run could not finish.\n",
  .options = run_options,
};

const Command command_plot = {
  .name = "plot",
  .usage = "[OPTION]... DIR...",
  .summary = "draw the pictures of a run again from its files",
  .text = "DIR is what a run left, such as out/201-client-closes-first.\n",
  .options = plot_options,
};

const Command command_list = {
  .name = "list",
  .usage = "[OPTION]... [FILE...]",
  .summary = "list scenarios with their titles, by topic",
  .text = "Without a FILE: the scenarios that come with linger. Each is read, "
          "and nothing is\nrun.\n",
  .options = list_options,
};

const Command command_pkt = {
  .name = "pkt",
  .usage = "[OPTION]... FILE|DIR...",
  .summary = "run packetdrill scripts against linger's own TCP",
  .text =
      "FILE is a packetdrill script; of a DIR all *.pkt are run. They run in "
      "virtual time\nand need no privileges; commands in them are understood, "
      "and never run.\n\n"
      "Exit status: 0 all scripts hold, 1 one failed, 2 the command line or a "
      "script is\nwrong or asks for what is not simulated, 3 a file could not "
      "be read or written.\n",
  .options = pkt_options,
};

const Command command_help = {
  .name = "help",
  .usage = "[COMMAND]",
  .summary = "explain a command",
  .options = help_options,
};

const Command *const commands[] = { &command_run,  &command_pkt,  &command_plot,
                                    &command_list, &command_help, NULL };
