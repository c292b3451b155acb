#include "print_json.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/json_print.h"

void print_json_document(const cJSON *value)
{
    char *text = cJSON_Print(value);
    printf("%s\n", text ? text : "null");
    free(text);
}

void print_json_line(const cJSON *value)
{
    struct text text = {0};
    json_print(&text, value);
    printf("%s\n", text_get(&text));
    text_finish(&text);
}
