/* What the readers of both formats share. For document_*.c alone. */
#ifndef SIDECARD_BASE_DOCUMENT_READER_H
#define SIDECARD_BASE_DOCUMENT_READER_H

#include "document.h"

/* data is valid UTF-8 without a BOM, at most DOCUMENT_MAX_BYTES, and not only white space. Members of the
 * tree whose key is NULL in a map are faults that were reported: document_read takes them out. NULL: reading
 * stopped. */
struct document *document_read_json(const char *data, size_t length, const struct document_report *report);
struct document *document_read_yaml(const char *data, size_t length, const struct document_report *report);

void document_fault(const struct document_report *report, int line, int column, const char *path,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Where the byte at offset stands; a line ends with LF, CRLF or CR. */
void document_position(const char *data, size_t offset, int *line, int *column);

#endif
