/*
 * Plays dialogues with the machine's kernel, each in a process and a network
 * namespace of its own, some at the same time, over IPv4 and IPv6. Output is
 * TAP. What failed is played again, alone: the machine may have been busy.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

enum {
  AT_ONCE = 12,
  TIMES = 3, /* that a dialogue may be played */
};

typedef struct {
  const Dialogue *dialogue;
  gboolean ipv6;
  pid_t pid; /* 0: not playing */
  FILE *told;
  int status;
} Job;

static void job_start(Job *job)
{
  char *trouble;

  job->told = tmpfile();
  job->pid = fork();
  if (job->pid != 0)
    return;
  trouble = stage_play(job->dialogue, job->ipv6);
  if (trouble)
    fputs(trouble, job->told);
  fflush(job->told);
  _exit(!trouble ? 3 : *trouble != '\0');
}

static Job *job_by_pid(GArray *jobs, pid_t pid)
{
  for (guint i = 0; i < jobs->len; i++)
    if (g_array_index(jobs, Job, i).pid == pid)
      return &g_array_index(jobs, Job, i);
  return NULL;
}

/* One of those that play has ended. */
static void job_wait(GArray *jobs)
{
  int status = 0;
  Job *job = job_by_pid(jobs, wait(&status));

  if (!job)
    return;
  job->pid = 0;
  job->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void play_all(GArray *jobs)
{
  guint playing = 0;

  for (guint i = 0; i < jobs->len; i++) {
    job_start(&g_array_index(jobs, Job, i));
    if (++playing < AT_ONCE)
      continue;
    job_wait(jobs);
    playing--;
  }
  for (; playing > 0; playing--)
    job_wait(jobs);
}

static void play_again(GArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = &g_array_index(jobs, Job, i);

    for (int times = 1; times < TIMES && job->status == 1; times++) {
      fclose(job->told);
      job_start(job);
      job_wait(jobs);
    }
  }
}

static void tell(const Job *job, guint number)
{
  char line[400];

  g_print("%sok %u - %s over %s\n", job->status ? "not " : "", number,
          job->dialogue->name, job->ipv6 ? "IPv6" : "IPv4");
  rewind(job->told);
  while (job->status && fgets(line, sizeof line, job->told))
    g_print("%s", line);
}

static GArray *jobs_of(const GPtrArray *dialogues, const char *word)
{
  GArray *jobs = g_array_new(FALSE, TRUE, sizeof(Job));

  for (guint i = 0; i < 2 * dialogues->len; i++) {
    Job job = { .dialogue = g_ptr_array_index(dialogues, i / 2),
                .ipv6 = i % 2 };

    if ((job.ipv6 ? job.dialogue->ipv6 : job.dialogue->ipv4) &&
        strstr(job.dialogue->name, word))
      g_array_append_val(jobs, job);
  }
  return jobs;
}

int main(int argc, char **argv)
{
  g_autoptr(GPtrArray) dialogues = NULL;
  g_autoptr(GArray) jobs = NULL;
  g_autoptr(GError) error = NULL;
  int status = 0;

  if (argc < 2 || argc > 3) {
    g_printerr("usage: %s FILE [WORD]\n", argv[0]);
    return 2;
  }
  dialogues = dialogues_read(argv[1], &error);
  if (!dialogues) {
    g_printerr("%s: %s\n", argv[1], error->message);
    return 2;
  }
  jobs = jobs_of(dialogues, argc > 2 ? argv[2] : "");
  play_all(jobs);
  play_again(jobs);
  g_print("1..%u\n", jobs->len);
  for (guint i = 0; i < jobs->len; i++) {
    const Job *job = &g_array_index(jobs, Job, i);

    tell(job, i + 1);
    fclose(job->told);
    status = MAX(status, job->status);
  }
  return status;
}
