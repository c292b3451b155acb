/*
 * One log file that is appended to across runs and rotated by size: <name>.log, with <name>.log.1 as the
 * newest old one.
 *
 * A file that cannot be written holds nobody up: the bytes are counted as lost, and another attempt is made a
 * second later. A file or folder that was taken away is made anew.
 */
#ifndef SIDECARD_LOGS_LOG_FILE_H
#define SIDECARD_LOGS_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_file {
    char *folder;
    char *path;
    int64_t max_bytes; /* no file gets longer; lines are not torn between files unless they are longer than
                          that */
    int max_files;     /* the present one included */
    int fd;            /* -1: not open */
    int64_t size;
    int64_t full_at;
    bool inside_line;      /* the last byte written was not a newline */
    uint64_t next_check;   /* uv_hrtime; whether the name still leads to it */
    uint64_t next_attempt; /* uv_hrtime; while there is trouble */
    uint64_t bytes_lost;
    char *trouble; /* NULL: none; else what cannot be written, and why */
};

/* Nothing is opened yet. */
void log_file_init(struct log_file *file, const char *folder, const char *name, int64_t max_bytes,
                   int max_files);
void log_file_finish(struct log_file *file);

void log_file_write(struct log_file *file, const char *data, size_t length);

/* A new writer begins: a line that an earlier one left unfinished ends here. Opens the file where it is not
 * open. */
void log_file_begin_line(struct log_file *file);

/* Opens it where it is not open, and makes it anew where it was taken away: to be called now and then,
 * because a log to which nothing is written would not notice. */
void log_file_check(struct log_file *file);

/* folder/name.log, or folder/name.log.number; owned by the caller. */
char *log_file_path(const char *folder, const char *name, int number);

#endif
