/* packetdrill collects TCP_INFO for scripts' code by getsockopt(2) itself, not
 * by its table: if this object is preloaded, too, that call reaches the stack
 * for the stack's own descriptors, and the system for all others. */
#include <dlfcn.h>
#include <stddef.h>

#include "preload.h"
#include "world.h"

typedef int (*GetFunc)(int fd, int level, int option, void *ret,
                       socklen_t *size);

/* One at a time, as packetdrill has it; userdata NULL: none. */
static PdTable current;

void pd_preload_set(const PdTable *table)
{
  current = *table;
}

void pd_preload_unset(const void *userdata)
{
  if (current.userdata == userdata)
    current.userdata = NULL;
}

__attribute__((visibility("default"))) int getsockopt(int fd, int level,
                                                      int option, void *ret,
                                                      socklen_t *size)
{
  GetFunc next;

  if (current.userdata && pd_owns(current.userdata, fd))
    return current.getsockopt(current.userdata, fd, level, option, ret, size);
  *(void **)&next = dlsym(RTLD_NEXT, "getsockopt");
  return next(fd, level, option, ret, size);
}
