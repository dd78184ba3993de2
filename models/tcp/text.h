/* The seventh and eighth steps' work: text, and the FIN behind it. */
#pragma once

#include "tcb.h"

/** tcp_text_input: the segment's text from `seq` on, within the window. */
void tcp_text_input(TcpConnection *conn, uint32_t seq, NetSlice text);

/** tcp_text_count: a segment with `length` bytes of text is taken. */
void tcp_text_count(TcpConnection *conn, uint32_t length);

/** tcp_text_silence: text comes; the last came at `since`. */
void tcp_text_silence(TcpConnection *conn, SimTime since);

/** tcp_text_answered: text of ours leaves (knob pingpong). */
void tcp_text_answered(TcpConnection *conn);

/** tcp_text_read: the user has read (knob read_acks). */
void tcp_text_read(TcpConnection *conn);

/** tcp_text_repeated: all of a segment had come before. */
void tcp_text_repeated(TcpConnection *conn);

/** tcp_text_fin_held: a FIN beyond a gap, `alone` without text. */
void tcp_text_fin_held(TcpConnection *conn, bool alone);

/** tcp_text_second_fin: a FIN behind old text, after the peer's FIN. */
void tcp_text_second_fin(TcpConnection *conn);

/** tcp_text_deliver: takes text that has become in sequence, and acknowledges
 * nothing. Was there any? */
bool tcp_text_deliver(TcpConnection *conn);

/** tcp_text_advance: takes what has become in sequence, and the FIN if
 * RCV.NXT reaches it. */
void tcp_text_advance(TcpConnection *conn);
