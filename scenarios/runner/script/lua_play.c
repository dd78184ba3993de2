/* host:script: the host is the rest of the world of a packetdrill script, and
 * another host's TCP is what it tests.
 *
 * Only packets are played: `<` leaves here for the host under test, a segment
 * or an error of ICMP; `>` must come from it; times are those at this host.
 * Reading, comparing and building are those of linger pkt. The pair of ends is
 * a raw one (raw.h), and all that comes of it is one expectation. */
#include <string.h>

#include "expect.h"
#include "lua_socket.h"
#include "pkt_run.h"
#include "raw.h"
#include "units.h"

#define PORT 80
#define FROM_PORT 33000
#define TOLERANCE (4 * SIM_MILLISECOND) /* packetdrill's */
#define PATIENCE SIM_SECOND             /* for the rest of a stretch */

typedef struct Play {
  ScriptNode *host, *to; /* this one, the one under test */
  TcpEnd local, remote;  /* this one's, that one's */
  PktScript *script;
  PktRun pkt; /* the flow, and what failed */
  const PktStatement *at, *before;
  SimTime planned, previous, tolerance;
  PktSent *heard, **heard_end;
  PktSent *first, *last; /* of a stretch that is heard in part; the same one
                            if it is of one segment */
  uint32_t length;       /* of it */
  SimEvent step;
  bool begun, ended;
} Play;

typedef struct PlaySpec {
  ScriptNode *to;
  int64_t port, from_port;
  SimTime tolerance;
} PlaySpec;

typedef struct ExpectPlay {
  Expect expect;
  Play *play;
} ExpectPlay;

const SpecKey play_keys[] = {
  { .name = "to",
    .kind = SPEC_CUSTOM,
    .read = world_read_host,
    .offset = offsetof(PlaySpec, to) },
  { .name = "port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(PlaySpec, port) },
  { .name = "from_port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(PlaySpec, from_port) },
  { .name = "tolerance",
    .kind = SPEC_TIME,
    .offset = offsetof(PlaySpec, tolerance) },
  { .name = NULL },
};

static SimTime now(const Play *play)
{
  return play->pkt.run->sim->now;
}

static void wake_at(Play *play, SimTime time)
{
  sim_schedule(play->pkt.run->sim, &play->step, &play->pkt.owner, time);
}

/* -- what comes -- */

static void hear(void *user, const TcpSegment *segment, const NetPacket *packet)
{
  Play *play = user;
  PktSent *sent;

  if (play->ended || !segment)
    return;
  sent = g_new0(PktSent, 1);
  sent->time = now(play);
  sent->rule = (TcpRule)packet->rule;
  memcpy(sent->head, packet->head, packet->head_length);
  sent->head_length = packet->head_length;
  sent->l4 = packet->l4;
  sent->payload = packet->payload.length;
  sent->segment = *segment;
  sent->segment.payload = (NetSlice){ NULL, 0, 0 };
  sent->ae = packet->head[packet->l4 + 12] & 1;
  net_ip_peek(packet, &sent->ip);
  *play->heard_end = sent;
  play->heard_end = &sent->next;
  if (play->begun)
    wake_at(play, now(play));
}

static PktSent *take(Play *play)
{
  PktSent *sent = play->heard;

  if (!sent)
    return NULL;
  play->heard = sent->next;
  if (!play->heard)
    play->heard_end = &play->heard;
  return sent;
}

/* -- statements -- */

static void plan(Play *play)
{
  const PktTime *time = &play->at->time;
  bool relative =
      time->kind == PKT_TIME_AFTER || time->kind == PKT_TIME_AFTER_BETWEEN;

  play->planned = (relative ? play->previous : 0) + time->from;
  if (time->kind == PKT_TIME_ANY)
    play->planned = play->previous;
}

static void done(Play *play, SimTime at)
{
  play->previous = at;
  play->before = play->at;
  play->at = play->at->next;
  if (play->at)
    plan(play);
}

static PktOutcome send_now(Play *play)
{
  const PktPacket *packet = play->at->packet;
  PktFlow *flow = &play->pkt.flow;
  NetPacket *out;
  NetIp ip;

  if (packet->protocol == PKT_TCP && packet->flags & TCP_SYN)
    flow->remote_isn = packet->seq;
  out = packet->protocol == PKT_ICMP
            ? pkt_icmp_build(&play->pkt, packet, &ip)
            : pkt_packet_build(&play->pkt, packet, &ip);
  if (!out)
    return PKT_FAILED;
  out->flags |= NET_PACKET_INJECTED;
  net_host_send(net_host_of(play->host->node), out, &ip, NULL);
  done(play, play->planned);
  return PKT_DONE;
}

static PktOutcome check_time(Play *play, SimTime at)
{
  const PktTime *time = &play->at->time;
  SimTime last = play->planned + (time->to ? time->to - time->from : 0);
  char wanted[40], found[40];

  if (time->kind == PKT_TIME_ANY ||
      (at >= play->planned - play->tolerance && at <= last + play->tolerance))
    return PKT_DONE;
  sim_format_time(play->planned, 6, wanted, sizeof wanted);
  sim_format_time(at, 6, found, sizeof found);
  return pkt_fail(&play->pkt, play->at->place,
                  "the packet came at %s; it was to come at %s", found, wanted);
}

static void forget_stretch(Play *play)
{
  if (play->last != play->first)
    g_free(play->last);
  g_free(play->first);
  play->first = play->last = NULL;
  play->length = 0;
}

/* Whatever has come of the packet's length. False: what comes next is not of
 * it. */
static bool hear_stretch(Play *play)
{
  const PktPacket *packet = play->at->packet;

  if (!play->first) {
    play->first = play->last = take(play);
    play->length = play->first ? play->first->payload : 0;
  }
  while (play->heard && play->length > 0 && play->length < packet->length) {
    if (!pkt_continues(play->last, play->heard))
      return false;
    if (play->last != play->first)
      g_free(play->last);
    play->last = take(play);
    play->length += play->last->payload;
  }
  return true;
}

static PktOutcome judge_stretch(Play *play)
{
  SimTime at = play->first->time;
  PktOutcome outcome = pkt_compare(&play->pkt, play->at->packet, play->first,
                                   play->last, play->length);

  forget_stretch(play);
  if (outcome == PKT_DONE)
    outcome = check_time(play, at);
  if (outcome == PKT_DONE)
    done(play, at);
  return outcome;
}

/* PKT_WAITS: it has not come yet, or not all of it. */
static PktOutcome hear_now(Play *play)
{
  const PktPacket *packet = play->at->packet;
  bool any = play->at->time.kind == PKT_TIME_ANY;
  SimTime span =
      play->at->time.to ? play->at->time.to - play->at->time.from : 0;
  SimTime limit = play->planned + span + play->tolerance;
  bool more =
      hear_stretch(play) &&
      (!play->first || (play->length > 0 && play->length < packet->length));

  if (more && play->first)
    limit = sim_time_add(limit, PATIENCE);
  if (more && (any || now(play) < limit)) {
    if (!any)
      wake_at(play, limit);
    return PKT_WAITS;
  }
  return more ? pkt_nothing_sent(&play->pkt, packet, play->length)
              : judge_stretch(play);
}

static PktOutcome go_on(Play *play)
{
  while (play->at) {
    PktOutcome outcome;

    if (play->at->packet->outbound) {
      outcome = hear_now(play);
    } else if (now(play) < play->planned) {
      wake_at(play, play->planned);
      return PKT_WAITS;
    } else {
      outcome = send_now(play);
    }
    if (outcome != PKT_DONE)
      return outcome;
  }
  return PKT_DONE;
}

static void step(Sim *sim, SimEvent *event)
{
  Play *play = (Play *)(void *)((char *)event - offsetof(Play, step));

  (void)sim;
  if (!play->ended && go_on(play) != PKT_WAITS)
    play->ended = true;
}

/* -- beginning -- */

/* The network has its addresses by now. */
static void name_ends(Play *play)
{
  PktFlow *flow = &play->pkt.flow;

  play->local.address = net_host_address(net_host_of(play->host->node));
  play->remote.address = net_host_address(net_host_of(play->to->node));
  play->pkt.config.local = play->remote.address;
  play->pkt.config.remote = play->local.address;
  flow->local = play->remote;
  flow->remote = play->local;
}

static void begin(Sim *sim, SimEvent *event)
{
  Play *play = (Play *)(void *)((char *)event - offsetof(Play, step));
  TcpPair pair;
  TcpError error;

  sim_event_init(&play->step, step);
  play->begun = true;
  name_ends(play);
  pair = (TcpPair){ play->local, play->remote };
  if (!tcp_raw_open(play->host->stack, &pair, hear, play, &error)) {
    pkt_fail(&play->pkt, play->at->place, "its ends cannot be taken: %s (%s)",
             tcp_error_text(error), tcp_error_name(error));
    play->ended = true;
    return;
  }
  step(sim, event);
}

static bool check_play(Expect *expect, Run *run, GString *found)
{
  const Play *play = ((ExpectPlay *)(void *)expect)->play;

  (void)run;
  if (play->pkt.failure) {
    g_string_append_printf(found, "%s\n%s", play->pkt.failure,
                           play->pkt.details->str);
    g_strchomp(found->str);
    found->len = strlen(found->str);
    return false;
  }
  if (!play->at)
    return true;
  g_string_append_printf(found, "the run ended before line %d of it",
                         play->at->place.line);
  return false;
}

static void play_free(gpointer user)
{
  Play *play = user;
  PktSent *sent;

  sim_cancel(play->pkt.run->sim, &play->step);
  forget_stretch(play);
  while ((sent = take(play)))
    g_free(sent);
  pkt_script_free(play->script);
  g_hash_table_unref(play->pkt.flow.ts_values);
  g_string_free(play->pkt.details, TRUE);
  g_free(play->pkt.failure);
  g_free(play);
}

/* Of two hosts it is the other one. */
static ScriptNode *only_other(lua_State *L, const ScriptNode *host)
{
  ScriptNode *found = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init(&iter, host->script->nodes);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    ScriptNode *node = value;

    if (node == host || !node->stack)
      continue;
    if (found)
      spec_error(L, "script: several hosts could be under test; name it: "
                    "script([[...]], { to = HOST })");
    found = node;
  }
  if (!found)
    spec_error(L, "script: there is no other host to test");
  return found;
}

static bool is_playable(const PktStatement *at)
{
  const PktPacket *packet = at->packet;

  if (at->kind != PKT_PACKET)
    return false;
  if (packet->protocol == PKT_ICMP)
    return !packet->outbound && packet->has_echoed && packet->echoed == PKT_TCP;
  return packet->protocol == PKT_TCP;
}

static void check_statements(lua_State *L, const PktScript *script)
{
  if (!script->statements)
    spec_error(L, "script: there is nothing in it");
  if (script->options)
    spec_error(L, "%s:%d: options (--%s) are for linger pkt", script->file,
               script->options->place.line, script->options->name);
  for (const PktStatement *at = script->statements; at; at = at->next)
    if (!is_playable(at))
      spec_error(L,
                 "%s:%d: only TCP packets (<, >) and errors of ICMP about TCP "
                 "(<) can stand here; calls are made by an app of the host "
                 "under test",
                 script->file, at->place.line);
}

static PktScript *read_script(lua_State *L)
{
  size_t size;
  const char *text;
  GError *error = NULL;
  PktScript *read;

  if (lua_type(L, 2) != LUA_TSTRING)
    spec_error(L,
               "script needs packetdrill lines, [[ +0 < S 0:0(0) win 1000 ]], "
               "not a %s",
               luaL_typename(L, 2));
  text = lua_tolstring(L, 2, &size);
  read = pkt_parse("script", text, size, NULL, &error);
  if (!read) {
    text = lua_pushstring(L, error->message);
    g_error_free(error);
    spec_error(L, "%s", text);
  }
  return read;
}

static Play *play_new(ScriptNode *host, PktScript *script)
{
  Run *run = host->script->run;
  Play *play = g_new0(Play, 1);
  PktRun *pkt = &play->pkt;

  play->host = host;
  play->script = script;
  play->at = script->statements;
  play->heard_end = &play->heard;
  pkt->run = run;
  pkt->script = script;
  pkt->details = g_string_new(NULL);
  pkt->flow.ts_values = g_hash_table_new(NULL, NULL);
  pkt_config_init(&pkt->config);
  sim_owner_init(&pkt->owner, run->sim, "script of packets");
  sim_event_init(&play->step, begin);
  script_own(host->script, play, play_free);
  return play;
}

/* host:script([[ ... ]] [, { to = , port = , from_port = , tolerance = }]) */
int play_script(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  PlaySpec spec = { .port = PORT,
                    .from_port = FROM_PORT,
                    .tolerance = TOLERANCE };
  ExpectPlay *expect;
  Play *play;

  lua_settop(L, 3);
  play = play_new(host, read_script(L));
  check_statements(L, play->script);
  if (!lua_isnoneornil(L, 3))
    spec_read(L, 3, "script", play_keys, &spec);
  play->to = spec.to ? spec.to : only_other(L, host);
  play->tolerance = spec.tolerance;
  play->local.port = (uint16_t)spec.from_port;
  play->remote.port = (uint16_t)spec.port;
  play->previous = now(play);
  plan(play);
  wake_at(play, now(play));
  expect = (ExpectPlay *)(void *)expect_add(host->script->run, sizeof *expect,
                                            spec_line(L), check_play);
  expect->play = play;
  expect->expect.base.text =
      g_strdup_printf("%s answers the packets of %s as the script has it",
                      play->to->node->name, host->node->name);
  return 0;
}
