/* Segments as text. Invariant: the same notation as tests/peer has, so that one
 * dialogue is for both. */

#include "segment_text.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

static const struct {
  char letter;
  uint8_t flag;
} letters[] = { { 'S', TH_SYN },  { 'F', TH_FIN }, { 'R', TH_RST },
                { 'P', TH_PUSH }, { 'U', TH_URG }, { '.', TH_ACK } };

static gboolean parse_flags(const char *text, uint8_t *ret)
{
  *ret = 0;
  if (strcmp(text, "none") == 0)
    return TRUE;
  for (; *text; text++) {
    uint8_t before = *ret;

    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
      if (letters[i].letter == *text)
        *ret |= letters[i].flag;
    if (*ret == before)
      return FALSE;
  }
  return TRUE;
}

/* "1461:2921 4381:5841", of the kernel's numbers. */
static gboolean parse_sacks(const char *text, const SegmentBase *base,
                            Segment *ret)
{
  long long left, right;
  int used;

  while (ret->sack_count < SEGMENT_SACKS &&
         sscanf(text, "%lld:%lld%n", &left, &right, &used) == 2) {
    ret->sack[ret->sack_count][0] = base->kernel_iss + (uint32_t)left;
    ret->sack[ret->sack_count++][1] = base->kernel_iss + (uint32_t)right;
    text += used;
  }
  return *text == '\0';
}

static gboolean parse_option(const char *text, const SegmentBase *base,
                             Segment *ret)
{
  long long value, echo;

  if (sscanf(text, "mss %lld", &value) == 1) {
    ret->mss = (uint16_t)value;
  } else if (sscanf(text, "wscale %lld", &value) == 1) {
    ret->has_scale = true;
    ret->scale = (uint8_t)value;
  } else if (sscanf(text, "TS val %lld ecr %lld", &value, &echo) == 2) {
    ret->timestamps = true;
    ret->tsval = (uint32_t)value;
    ret->tsecr = echo ? (uint32_t)echo + base->ts_base : 0;
  } else if (strcmp(text, "sackOK") == 0) {
    ret->sack_permitted = true;
  } else if (g_str_has_prefix(text, "sack ")) {
    return parse_sacks(text + 5, base, ret);
  } else {
    return FALSE;
  }
  return TRUE;
}

static gboolean parse_options(const char *text, const SegmentBase *base,
                              Segment *ret)
{
  size_t size = strlen(text);
  g_autofree char *inner = NULL;
  g_auto(GStrv) parts = NULL;
  gboolean ok = TRUE;

  if (size < 2 || text[size - 1] != '>')
    return FALSE;
  inner = g_strndup(text + 1, size - 2);
  parts = g_strsplit(inner, ",", -1);
  for (char **at = parts; *at && ok; at++)
    ok = parse_option(*at, base, ret);
  return ok;
}

static gboolean parse_rest(const char *text, const SegmentBase *base,
                           Segment *ret)
{
  while (*text) {
    char word[8];
    long long value;
    int used = 0;

    text += strspn(text, " ");
    if (*text == '<')
      return parse_options(text, base, ret);
    if (sscanf(text, "%7s %lld%n", word, &value, &used) != 2)
      return FALSE;
    if (strcmp(word, "ack") == 0)
      ret->ack = base->kernel_iss + (uint32_t)value;
    else if (strcmp(word, "win") == 0)
      ret->window = (uint16_t)value;
    else if (strcmp(word, "urg") == 0)
      ret->urgent = (uint16_t)value;
    else
      return FALSE;
    text += used;
  }
  return TRUE;
}

gboolean segment_parse(const char *text, const SegmentBase *base,
                       Segment *ret_segment)
{
  char flags[16];
  long long first, end;
  unsigned length;
  int used = 0;

  *ret_segment = (Segment){ .window = 65535 };
  if (sscanf(text, "%15s %lld:%lld(%u)%n", flags, &first, &end, &length,
             &used) != 4 ||
      first + length != end || !parse_flags(flags, &ret_segment->flags))
    return FALSE;
  ret_segment->seq = base->peer_iss + (uint32_t)first;
  ret_segment->length = length;
  return parse_rest(text + used, base, ret_segment);
}

static void format_options(GString *text, const Segment *s,
                           const SegmentBase *base)
{
  gsize before = text->len;

  if (s->mss)
    g_string_append_printf(text, ",mss %u", s->mss);
  if (s->sack_permitted)
    g_string_append(text, ",sackOK");
  for (unsigned i = 0; i < s->sack_count; i++)
    g_string_append_printf(text, "%s%d:%d", i ? " " : ",sack ",
                           (int32_t)(s->sack[i][0] - base->peer_iss),
                           (int32_t)(s->sack[i][1] - base->peer_iss));
  if (s->timestamps)
    g_string_append_printf(text, ",TS val %u ecr %u", s->tsval - base->ts_base,
                           s->tsecr);
  if (s->has_scale)
    g_string_append_printf(text, ",wscale %u", s->scale);
  if (text->len == before)
    return;
  text->str[before] = '<';
  g_string_insert_c(text, (gssize)before, ' ');
  g_string_append_c(text, '>');
}

char *segment_format(const Segment *segment, const SegmentBase *base,
                     gboolean window)
{
  GString *text = g_string_new(NULL);
  int32_t first = (int32_t)(segment->seq - base->kernel_iss);

  for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
    if (segment->flags & letters[i].flag)
      g_string_append_c(text, letters[i].letter);
  if (segment->flags == 0)
    g_string_append(text, "none");
  g_string_append_printf(text, " %d:%d(%u)", first,
                         first + (int32_t)segment->length, segment->length);
  if (segment->flags & TH_ACK)
    g_string_append_printf(text, " ack %d",
                           (int32_t)(segment->ack - base->peer_iss));
  if (window)
    g_string_append_printf(text, " win %u", segment->window);
  if (segment->flags & TH_URG)
    g_string_append_printf(text, " urg %u", segment->urgent);
  format_options(text, segment, base);
  return g_string_free(text, FALSE);
}
