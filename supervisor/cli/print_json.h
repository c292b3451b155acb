/* JSON on stdout, for programs: over several lines, or as one line. */
#ifndef SIDECARD_CLI_PRINT_JSON_H
#define SIDECARD_CLI_PRINT_JSON_H

struct cJSON;

void print_json_document(const struct cJSON *value);
void print_json_line(const struct cJSON *value);

#endif
