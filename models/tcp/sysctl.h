/* Knobs by the names that sysctl(8) has for them. */
#pragma once

#include "tcp.h"

/** tcp_sysctl_name: the `index`-th name, or NULL past the end. */
const char *tcp_sysctl_name(unsigned index);

/** tcp_sysctl_knob: the (first) knob that `name` stands for, or NULL. */
const TcpKnob *tcp_sysctl_knob(const char *name);

/** TCP_SYSCTL_VALUES: the most that a name takes. */
#define TCP_SYSCTL_VALUES 3

/** tcp_sysctl_set: sets what `name` stands for to `count` `values` in sysctl's
 * own unit: one, or three (least, default, most) of tcp_rmem and tcp_wmem.
 * False, and one sentence in `ret_problem` (transfer none), if there is no
 * such name or a value is out of range; `knobs` is then as before. */
bool tcp_sysctl_set(TcpKnobs *knobs, const char *name, const int64_t *values,
                    unsigned count, const char **ret_problem);

/** tcp_stack_sysctl: the same on a stack, for names that do something, too:
 * net.inet.tcp.hostcache.purgenow forgets the path MTUs that were learnt (no
 * other measure of a peer outlasts its connections here);
 * net.inet.tcp.udp_tunneling_port is tcp_stack_set_udp_port(). */
bool tcp_stack_sysctl(TcpStack *stack, const char *name, const int64_t *values,
                      unsigned count, const char **ret_problem);

/** tcp_stack_sysctl_text: the same from the text that sysctl(8) takes: "4096
 * 131072 6291456", "0x1", "cubic" for net.ipv4.tcp_congestion_control. */
bool tcp_stack_sysctl_text(TcpStack *stack, const char *name, const char *value,
                           const char **ret_problem);
