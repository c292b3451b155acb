#include "table.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#define GAP      2
#define CUT_MARK "\xE2\x80\xA6" /* an ellipsis */

void table_init(struct table *table, const char *const *heads, size_t columns)
{
    *table = (struct table){.columns = columns};
    for (size_t i = 0; i < columns; i++) {
        table->right[i] = heads[i][0] == '>';
        strings_add(&table->cells, heads[i] + (table->right[i] ? 1 : 0));
    }
}

void table_finish(struct table *table)
{
    strings_finish(&table->cells);
}

void table_take(struct table *table, char *cell)
{
    strings_take(&table->cells, cell ? cell : memory_copy_text("-"));
}

void table_add(struct table *table, const char *cell)
{
    strings_add(&table->cells, cell ? cell : "-");
}

size_t table_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

size_t table_cut(const char *text, size_t columns)
{
    size_t at = 0;
    while (text[at] && (columns > 0 || ((unsigned char)text[at] & 0xC0) == 0x80)) {
        columns -= ((unsigned char)text[at] & 0xC0) != 0x80;
        at++;
    }
    return at;
}

static void measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t width = table_width(table->cells.items[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
}

static void pad(struct text *out, size_t count)
{
    text_printf(out, "%*s", (int)count, "");
}

static void print_cell(const struct table *table, size_t column, const char *cell, size_t width,
                       struct text *out)
{
    size_t length = table_width(cell);
    if (length > width && width > 0) {
        text_append_bytes(out, cell, table_cut(cell, width - 1));
        text_append(out, CUT_MARK);
        return;
    }
    size_t missing = width > length ? width - length : 0;
    if (table->right[column])
        pad(out, missing);
    text_append(out, cell);
    if (!table->right[column] && column + 1 < table->columns)
        pad(out, missing);
}

static void end_line(struct text *out)
{
    while (out->length > 0 && out->data[out->length - 1] == ' ')
        out->length--;
    text_append(out, "\n");
}

void table_print(const struct table *table, size_t width, struct text *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    measure(table, widths);
    size_t before_last = 0;
    for (size_t i = 0; i + 1 < table->columns; i++)
        before_last += widths[i] + GAP;
    size_t *last = &widths[table->columns - 1];
    const char *last_head = table->cells.items[table->columns - 1];
    size_t least = table_width(last_head);
    if (width > 0 && before_last + *last > width)
        *last = width > before_last + least ? width - before_last : least;
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t column = i % table->columns;
        print_cell(table, column, table->cells.items[i], widths[column], out);
        if (column + 1 < table->columns)
            pad(out, GAP);
        else
            end_line(out);
    }
}

size_t table_terminal_width(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}
