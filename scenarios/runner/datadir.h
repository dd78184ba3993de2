#ifndef LINGER_DATADIR_H
#define LINGER_DATADIR_H

/**
 * datadir_path:
 * @name: a path below the data directory, such as "plots/timeline.gp"
 *
 * Finds a file that comes with the program. It lies in the source tree when
 * the program runs from its build directory, else in ../share/linger beside
 * the program's own directory, so that an installed tree can be moved, else
 * where Meson was told to install data.
 *
 * Nothing is looked up in the environment, and the file need not exist.
 *
 * Returns: (transfer full): an absolute path
 */
char *datadir_path(const char *name);

#endif
