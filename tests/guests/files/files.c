// Does with files whatever a C program does, below `/`, and tells what came of it: one line a call.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define TELL(call) tell(#call, (long long)(call))

static void tell(const char *what, long long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %lld\n", what, result);
}

static int ascending(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void list(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, ascending);
  if (count < 0) {
    tell("scandir", -1);
    return;
  }
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s(%d)", entries[i]->d_name, entries[i]->d_type);
  printf("\n");
}

static void state(const char *path, int flags) {
  struct stat it;
  if (fstatat(AT_FDCWD, path, &it, flags) < 0) {
    tell(path, -1);
    return;
  }
  printf("%s: mode %o links %d size %lld old %d\n", path, it.st_mode & S_IFMT, (int)it.st_nlink,
         S_ISREG(it.st_mode) ? (long long)it.st_size : 0, S_ISREG(it.st_mode) ? it.st_mtim.tv_sec < 100 : 0);
}

static void same(const char *a, const char *b) {
  struct stat x, y;
  if (stat(a, &x) == 0 && stat(b, &y) == 0) printf("%s %s: %d\n", a, b, x.st_ino == y.st_ino && x.st_dev == y.st_dev);
}

static void contents(const char *path) {
  char text[100] = "";
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    tell(path, -1);
    return;
  }
  size_t size = fread(text, 1, sizeof text - 1, file);
  printf("%s: %d bytes \"%s\" end %d\n", path, (int)size, text, feof(file) != 0);
  fclose(file);
}

static void files(void) {
  char text[10] = "";
  int file = open("/data/a", O_RDWR | O_CREAT | O_EXCL, 0666);
  TELL(write(file, "hello world", 11));
  TELL(lseek(file, 2, SEEK_SET));
  TELL(read(file, text, 3));
  TELL(pwrite(file, "W", 1, 6));
  TELL(pread(file, text, 9, 8));
  TELL(lseek(file, 0, SEEK_END));
  TELL(lseek(file, -1, SEEK_SET));
  TELL(ftruncate(file, 5));
  TELL(fsync(file));
  TELL(fdatasync(file));
  TELL(posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL));
  struct timespec times[2] = {{5, 0}, {6, 0}};
  TELL(futimens(file, times));
  TELL(close(file));
  TELL(close(file));
  state("/data/a", 0);
  TELL(open("/data/a", O_RDWR | O_CREAT | O_EXCL, 0666));
  file = open("/data/a", O_WRONLY | O_APPEND);
  TELL(write(file, "!", 1));
  TELL(write(file, "?", 1));
  TELL(read(file, text, 1));
  close(file);
  contents("/data/a");
  file = open("/data/a", O_RDONLY);
  TELL(write(file, "x", 1));
  TELL(ftruncate(file, 1));
  close(file);
  TELL(close(open("/data/a", O_WRONLY | O_TRUNC)) );
  contents("/data/a");
  FILE *large = fopen("/data/large", "w");
  for (int i = 0; i < 50000; i++) fprintf(large, "%d\n", i);
  fclose(large);
  state("/data/large", AT_SYMLINK_NOFOLLOW | 0);
}

static void directories(void) {
  char text[100] = "";
  TELL(mkdir("/data/d", 0777));
  TELL(mkdir("/data/d", 0777));
  TELL(mkdir("/data/none/d", 0777));
  TELL(mkdir("/data/d/e/", 0777));
  TELL(rename("/data/a", "/data/d/b"));
  TELL(rename("/data/none", "/data/d/b"));
  TELL(link("/data/d/b", "/data/c"));
  TELL(link("/data/d/b", "/data/c"));
  TELL(link("/data/d", "/data/f"));
  same("/data/c", "/data/d/b");
  same("/data/c", "/data/d");
  TELL(symlink("d/b", "/data/l"));
  TELL(symlink("/etc/passwd", "/data/out"));
  TELL(symlink("../../etc", "/data/above"));
  TELL(symlink("self", "/data/self"));
  TELL(readlink("/data/l", text, sizeof text));
  TELL(readlink("/data/c", text, sizeof text));
  state("/data/l", 0);
  printf("link %d\n", fstatat(AT_FDCWD, "/data/l", &(struct stat){0}, AT_SYMLINK_NOFOLLOW));
  list("/data");
  list("/data/d");
  list("/data/c");
  TELL(unlink("/data/d"));
  TELL(rmdir("/data/d"));
  TELL(rmdir("/data/c"));
  TELL(unlink("/data/c/"));
  TELL(unlink("/data/l"));
  TELL(rmdir("/data/d/e"));
  TELL(rename("/data/d", "/data/d/inside"));
  TELL(rename("/data/d", "/data/c"));
  TELL(rename("/data/c", "/data/d"));
  TELL(open("/data/d", O_WRONLY));
  TELL(open("/data/c", O_RDONLY | O_DIRECTORY));
  TELL(open("/data/c/", O_RDONLY));
  TELL(access("/data/c", R_OK | W_OK));
  TELL(access("/data/none", R_OK));
}

static void edges(void) {
  TELL(open("/data/above/passwd", O_RDONLY));
  TELL(open("/data/../etc/passwd", O_RDONLY));
  TELL(open("/data/../../etc/passwd", O_RDONLY));
  TELL(open("/etc/passwd", O_RDONLY));
  TELL(open("/data/self", O_RDONLY));
  TELL(open("/data/self/more", O_RDONLY));
  TELL(open("/data/above", O_RDONLY | O_NOFOLLOW));
  TELL(open("", O_RDONLY));
  TELL(open("/data/given/absolute", O_RDONLY));
  TELL(open("/data/given/upwards", O_RDONLY));
  TELL(open("/data/given/within", O_RDONLY) > 0);
  TELL(open("/data/./given/../given//within", O_RDONLY) > 0);
  int directory = open("/data/given", O_RDONLY | O_DIRECTORY);
  TELL(openat(directory, "../d", O_RDONLY));
  TELL(openat(directory, "text", O_RDONLY) > 0);
  TELL(write(directory, "x", 1));
  TELL(ftruncate(directory, 1));
  contents("/data/given/within");
  contents("/data/given/deep/up");
  char name[300];
  memset(name, 'x', sizeof name);
  memcpy(name, "/data/", 6);
  name[299] = 0;
  printf("long: %d", open(name, O_RDONLY | O_CREAT, 0666));
  printf(" %s\n", strerror(errno));
}

int main(int count, char **arguments) {
  files();
  directories();
  edges();
  return 0;
}
