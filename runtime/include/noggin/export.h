// Marks what the shared library exports. Everything else is hidden.
#ifndef NOGGIN_EXPORT_H
#define NOGGIN_EXPORT_H

#if defined(__GNUC__)
#define NOGGIN_EXPORT __attribute__((visibility("default")))
#else
#define NOGGIN_EXPORT
#endif

#endif
