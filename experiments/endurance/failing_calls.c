// A library for LD_PRELOAD that numbers the calls by which a process changes files below one folder, and makes one of
// them go wrong. Environment:
//   ENDURANCE_UNDER  the folder, an absolute path
//   ENDURANCE_AT     the number of the call, from 1; 0 or unset: none, only counted
//   ENDURANCE_DO     kill: SIGKILL in the middle of it (a write is half done); an errno: that call fails with it
//   ENDURANCE_LASTS  1: all later calls fail too, as on a full disk
//   ENDURANCE_COUNT  a file that receives the number of calls when the process ends
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kDescriptors = 4096 };
static atomic_long calls;
static atomic_char ours[kDescriptors];  // open for writing, below the folder

static const char* setting(const char* name) {
  const char* value = getenv(name);
  return value == NULL ? "" : value;
}

static int below(const char* path) {
  const char* folder = setting("ENDURANCE_UNDER");
  return *folder != '\0' && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}
static int is_ours(int descriptor) { return descriptor >= 0 && descriptor < kDescriptors && ours[descriptor]; }

// Whether this call goes wrong; with "kill" the caller may do half of its work first.
static int wrong(int* dies) {
  const long at = atol(setting("ENDURANCE_AT")), number = atomic_fetch_add(&calls, 1) + 1;
  if (at <= 0 || number < at || (number > at && strcmp(setting("ENDURANCE_LASTS"), "1") != 0)) return 0;
  *dies = strcmp(setting("ENDURANCE_DO"), "kill") == 0;
  errno = *dies ? 0 : atoi(setting("ENDURANCE_DO"));
  return 1;
}
static void die(void) { kill(getpid(), SIGKILL); }

#define SIMPLE(type, name, counted, parameters, arguments)      \
  type name parameters {                                        \
    static type(*real) parameters;                              \
    int dies = 0;                                               \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name); \
    if ((counted) && wrong(&dies)) {                            \
      if (!dies) return -1;                                     \
      die();                                                    \
    }                                                           \
    return real arguments;                                      \
  }

#define WRITE(type, name, parameters, arguments, half)          \
  type name parameters {                                        \
    static type(*real) parameters;                              \
    int dies = 0;                                               \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name); \
    if (is_ours(descriptor) && wrong(&dies)) {                  \
      if (!dies) return -1;                                     \
      real half;                                                \
      die();                                                    \
    }                                                           \
    return real arguments;                                      \
  }

#define OPEN(name, first, first_argument)                                              \
  int name(first const char* path, int flags, ...) {                                   \
    static int (*real)(first const char*, int, ...);                                   \
    int dies = 0, descriptor, mode = 0;                                                \
    const int writes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && below(path);    \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);                        \
    if ((flags & O_CREAT) != 0) {                                                      \
      va_list rest;                                                                    \
      va_start(rest, flags);                                                           \
      mode = va_arg(rest, int);                                                        \
      va_end(rest);                                                                    \
    }                                                                                  \
    if (writes && wrong(&dies)) {                                                      \
      if (!dies) return -1;                                                            \
      die();                                                                           \
    }                                                                                  \
    descriptor = real(first_argument path, flags, mode);                               \
    if (descriptor >= 0 && descriptor < kDescriptors) ours[descriptor] = (char)writes; \
    return descriptor;                                                                 \
  }

#define NONE
#define COMMA ,
OPEN(open, NONE, NONE)
OPEN(open64, NONE, NONE)
OPEN(openat, int folder COMMA, folder COMMA)
OPEN(openat64, int folder COMMA, folder COMMA)
WRITE(ssize_t, write, (int descriptor, const void* from, size_t size), (descriptor, from, size),
      (descriptor, from, size / 2))
WRITE(ssize_t, pwrite, (int descriptor, const void* from, size_t size, off_t at), (descriptor, from, size, at),
      (descriptor, from, size / 2, at))
WRITE(ssize_t, pwrite64, (int descriptor, const void* from, size_t size, off64_t at), (descriptor, from, size, at),
      (descriptor, from, size / 2, at))
WRITE(ssize_t, writev, (int descriptor, const struct iovec* parts, int count), (descriptor, parts, count),
      (descriptor, parts, count / 2))
SIMPLE(int, fsync, is_ours(descriptor), (int descriptor), (descriptor))
SIMPLE(int, fdatasync, is_ours(descriptor), (int descriptor), (descriptor))
SIMPLE(int, ftruncate, is_ours(descriptor), (int descriptor, off_t size), (descriptor, size))
SIMPLE(int, ftruncate64, is_ours(descriptor), (int descriptor, off64_t size), (descriptor, size))
SIMPLE(int, rename, below(to), (const char* from, const char* to), (from, to))
SIMPLE(int, link, below(to), (const char* from, const char* to), (from, to))
SIMPLE(int, mkdir, below(path), (const char* path, mode_t mode), (path, mode))
SIMPLE(int, unlink, below(path), (const char* path), (path))

int close(int descriptor) {
  static int (*real)(int);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "close");
  if (descriptor >= 0 && descriptor < kDescriptors) ours[descriptor] = 0;
  return real(descriptor);
}

__attribute__((destructor)) static void report(void) {
  const char* path = setting("ENDURANCE_COUNT");
  if (*path == '\0') return;
  FILE* file = fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}
