/* The record of a run: what happened, kept in memory in order of happening.
 *
 * Made by one listener on the trace bus. The ladder, the tables and the
 * expectations read it (long runs with --trace=none keep none; the capture
 * needs none). What must survive a run cut short is written as it happens, by
 * an observer registered here.
 *
 * A conversation is one incarnation of a pair of ends, numbered from 1 in
 * order of appearance; the ends are sorted so that the one that first sent a
 * SYN (or first sent anything) is end 0. A pair used again gets a new number
 * when an end that was in use opens anew; packets belong to the newest one.
 * A transparent proxy makes two conversations of what its ends take for one:
 * the same pair, but different hosts that speak for the ends.
 * Listeners (no remote end) are no conversation.
 *
 * All text and all that events point to lives until record_free().
 */
#pragma once

#include <glib.h>

#include "run.h"
#include "segment.h"

typedef enum RecordFate {
  RECORD_PENDING, /* in flight when the run ended */
  RECORD_DELIVERED,
  RECORD_DROPPED,
} RecordFate;

typedef struct RecordState RecordState;
typedef struct RecordConversation RecordConversation;

struct RecordConversation {
  unsigned number;
  TcpEnd ends[2];
  const char *hosts[2]; /* node names, or the address as text if no node */
  uint32_t isn[2];      /* of each end; valid if known[] */
  bool known[2];        /* false: it sent nothing, nothing acknowledged it */
  uint8_t scale[2];     /* window shift of what this end sends, once agreed */
  TcpState state[2];    /* now; 0: the end was never heard of */

  /* The record's own. */
  const NetNode *holders[2];    /* who speaks for each end; NULL: not known */
  RecordConversation *previous; /* of the same pair, older */
  RecordState *open[2];         /* the state that each end is in */
  bool guessed[2];              /* isn is the first number seen, no SYN's */
  bool offered[2];              /* sent a SYN with window scale */
  uint8_t shift[2];             /* in that SYN */
  int64_t reached[2];           /* highest relative number sent */
};

/**
 * RecordPacket: one row of packets.tsv.
 *
 * Relative numbers are 0 at the ISN and do not wrap; old ones may be negative.
 * Copies that a switch makes to flood are the same row.
 */
typedef struct RecordPacket {
  uint64_t id;                      /* the network's */
  unsigned number;                  /* from 1, in order of first transmission */
  RecordConversation *conversation; /* NULL: not TCP */
  unsigned from_end;                /* 0 or 1 */
  const char *from, *to;            /* hosts' names; to NULL: none */
  const char *protocol;             /* "tcp" "udp" "icmp" "arp" "other" */
  const char *summary;       /* one line for what is not TCP, else NULL */
  SimTime sent;              /* at the first transmitter */
  SimTime received;          /* by the last host's stack; NEVER */
  SimTime gone;              /* when it was dropped; NEVER */
  TcpSegment segment;        /* flags, seq, ack, length, window, options; no
                                payload slice */
  bool malformed;            /* the segment could not be parsed */
  uint32_t payload;          /* bytes */
  int64_t seq, seq_end, ack; /* relative; ack -1 without ACK flag */
  int64_t window;            /* after scaling; -1 if not TCP */
  RecordFate fate;
  bool duplicate, injected, damaged;
  bool marked; /* got "congestion experienced" on the way */
  unsigned attempt;
  TcpRule rule;           /* why it was sent */
  const char *drop_rule;  /* id, or NULL */
  const char *reason;     /* why it was dropped, or NULL */
  TcpRule judged;         /* the last rule the receiver met with it;
                              TAKEN only if there was no other */
  TcpState sender_before; /* 0 unknown */
  TcpState receiver_before, receiver_after; /* 0 unknown */
  unsigned hops;                            /* transmissions */
  unsigned copies; /* that still may arrive (the record's own) */
} RecordPacket;

struct RecordState {
  RecordConversation *conversation;
  unsigned end;
  const char *host;
  TcpState state, before;
  SimTime from, to; /* to: NEVER while in it; CLOSED: the same as from */
  bool final;       /* still in it when the run ended (record_finish()) */
  TcpRule rule;
  RecordPacket *packet; /* whose arrival caused it, or NULL */
};

typedef enum RecordKind {
  RECORD_SENT,     /* packet; also a duplicate being made */
  RECORD_RECEIVED, /* packet */
  RECORD_LOST,     /* packet */
  RECORD_STATE,    /* state */
  RECORD_TIMER,    /* conversation, end, text = timer's name, rule, count */
  RECORD_CALL,     /* conversation (NULL: of a listener), end, at, text =
                      "CLOSE", error, count */
  RECORD_VERDICT,  /* packet, conversation, end (the receiver), at, rule */
  RECORD_NOTE,     /* text, host or NULL */
  RECORD_MARKED,   /* packet, or NULL if a queue marked it before it was sent;
                      host or NULL, text = why, id */
  RECORD_ALERT,    /* text, host, packet or NULL, id: name of the box's rule or
                      NULL, count: 1 if no loss says the same */
} RecordKind;

/** RecordEvent: one thing that happened; what a kind does not name is 0. */
typedef struct RecordEvent {
  SimTime time;
  RecordKind kind;
  RecordPacket *packet;
  RecordState *state;
  RecordConversation *conversation;
  unsigned end;
  const char *host; /* where it happened, NULL: nowhere in particular */
  const char *text;
  const char *id; /* of the network's rule */
  TcpRule rule;
  TcpState at; /* the state in which a segment was met or a call made */
  TcpError error;
  uint32_t count; /* timer: which in a row; call: bytes */
} RecordEvent;

/** RecordObserver: `event` was appended to the record. */
typedef void (*RecordObserver)(void *user, const RecordEvent *event);

struct Record {
  Run *run;
  GPtrArray *conversations;         /* of RecordConversation */
  GPtrArray *packets;               /* of RecordPacket, by number */
  GPtrArray *states;                /* of RecordState, in order of entering */
  GPtrArray *events;                /* of RecordEvent */
  GHashTable *packet_by_id;         /* uint64_t -> RecordPacket, copies too */
  GHashTable *conversation_by_pair; /* TcpPair, sorted -> the newest */
  GHashTable *host_by_address;      /* NetAddress -> name */
  GStringChunk *text;
  RecordObserver observer; /* nullable */
  void *observer_user;
  RecordPacket *current; /* being processed now by current_node, or NULL */
  const NetNode *current_node;
  bool only_known; /* record_only_known() */
};

/** record_new: listens to `run->sim` from now on. Make it before whatever
 * else listens and wants to find things in it. */
Record *record_new(Run *run);

/** record_stop: it hears of nothing any more, and may be freed at once. */
void record_stop(Record *record);

/** record_free: after sim_free(), which still tells of packets that it drops.
 * NULL is ignored. */
void record_free(Record *record);

/** record_observe: `observer` is called for each event from now on. At most
 * one; NULL ends it. */
void record_observe(Record *record, RecordObserver observer, void *user);

/** record_only_known: from now on (or not any more) only what concerns
 * conversations that are in the record already, and notes, are recorded. */
void record_only_known(Record *record, bool only_known);

/** record_has: was this packet recorded when it was first heard of? */
bool record_has(const Record *record, const NetPacket *packet);

/** record_note: a remark of the scenario, shown where it happens. `host`
 * (nullable) is the host it is about. */
void record_note(Record *record, const char *host, const char *text);

/** record_finish: the run is over: states that are still open get the end's
 * time and are final. Packets in flight stay RECORD_PENDING. */
void record_finish(Record *record);

/** record_packet: the row of the packet with this id of the network's (or of
 * the copy), or NULL. */
RecordPacket *record_packet(const Record *record, uint64_t id);

/** record_conversation: that in which the end `pair->local` on `node`
 * (nullable: wherever it is) is, or was last; NULL if the pair was never heard
 * of there. `ret_end` (nullable): its number. */
RecordConversation *record_conversation(const Record *record,
                                        const TcpPair *pair,
                                        const NetNode *node, unsigned *ret_end);

/** record_end_label: "client:49152" into `ret_text`, returned. */
char *record_end_label(const RecordConversation *conversation, unsigned end,
                       char *ret_text, size_t size);
