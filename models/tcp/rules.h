/* Every outcome has a reason: the rules by which TCP drops, answers, moves,
 * retransmits and gives up. The list is rules.def: id, section, sentence. */
#pragma once

typedef enum TcpRule {
#define RULE(id, section, sentence) TCP_RULE_##id,
#include "rules.def"
#undef RULE
  TCP_RULES
} TcpRule;

/** tcp_rule_id: "FIN_ACKED" (transfer none); "NONE" for 0. */
const char *tcp_rule_id(TcpRule rule);

/** tcp_rule_section: "3.10.7.4" of RFC 9293, or "RFC 5961 3.2". */
const char *tcp_rule_section(TcpRule rule);

/** tcp_rule_sentence: one plain sentence without a full stop. */
const char *tcp_rule_sentence(TcpRule rule);
