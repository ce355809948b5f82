/**
 * `rights`, which are bits. Nothing here is guarded by them but by what is granted; they are told to programs that look, and
 * what a program gives up of them it really loses.
 */
const names = [
  "fd_datasync", "fd_read", "fd_seek", "fd_fdstat_set_flags", "fd_sync", "fd_tell", "fd_write", "fd_advise",
  "fd_allocate", "path_create_directory", "path_create_file", "path_link_source", "path_link_target", "path_open",
  "fd_readdir", "path_readlink", "path_rename_source", "path_rename_target", "path_filestat_get",
  "path_filestat_set_size", "path_filestat_set_times", "fd_filestat_get", "fd_filestat_set_size",
  "fd_filestat_set_times", "path_symlink", "path_remove_directory", "path_unlink_file", "poll_fd_readwrite",
  "sock_shutdown", "sock_accept",
] as const; // prettier-ignore

export type Right = (typeof names)[number];

export const right = Object.fromEntries(names.map((name, i) => [name, 1 << i])) as Readonly<Record<Right, number>>;

const all = (...some: Right[]): number => some.reduce((bits, name) => bits | right[name], 0);

/** Of an open file; reading and writing only as it was opened. */
export const fileRights = all(
  "fd_datasync", "fd_read", "fd_seek", "fd_fdstat_set_flags", "fd_sync", "fd_tell", "fd_write", "fd_advise",
  "fd_allocate", "fd_filestat_get", "fd_filestat_set_size", "fd_filestat_set_times", "poll_fd_readwrite",
); // prettier-ignore

/** Of an open directory. Not those that C libraries take for something that can be read and moved in. */
export const directoryRights = all(
  "path_create_directory", "path_create_file", "path_link_source", "path_link_target", "path_open", "fd_readdir",
  "path_readlink", "path_rename_source", "path_rename_target", "path_symlink", "path_remove_directory",
  "path_unlink_file", "path_filestat_get", "path_filestat_set_times", "fd_filestat_get", "fd_filestat_set_times",
); // prettier-ignore

export const inputRights = all("fd_read", "fd_fdstat_set_flags", "poll_fd_readwrite", "fd_filestat_get");
export const outputRights = all("fd_write", "fd_fdstat_set_flags", "poll_fd_readwrite", "fd_filestat_get");

/** Every bit that means something. */
export const anyRight = all(...names);
