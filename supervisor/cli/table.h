/*
 * Columns of text that fit a width: each as wide as its widest cell, and where that is too much, the last one
 * cut. Cells are UTF-8; a code point counts as one column.
 */
#ifndef SIDECARD_CLI_TABLE_H
#define SIDECARD_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strings.h"

#define TABLE_COLUMNS_MAX 12

struct text;

struct table {
    size_t columns;
    bool right[TABLE_COLUMNS_MAX]; /* numbers stand to the right */
    struct strings cells;          /* row after row; the first row is the head */
};

/* heads[columns]; one that begins with '>' (not printed) is of a column of numbers. */
void table_init(struct table *table, const char *const *heads, size_t columns);
void table_finish(struct table *table);

/* The next cell, which the table then owns; NULL: "-". */
void table_take(struct table *table, char *cell);
void table_add(struct table *table, const char *cell);

/* Whole rows alone; width 0: as wide as it gets. No trailing spaces. */
void table_print(const struct table *table, size_t width, struct text *out);

/* Columns that text takes, and the bytes of its first `columns` of them. */
size_t table_width(const char *text);
size_t table_cut(const char *text, size_t columns);

/* What the terminal behind fd shows in a line; 0 where it is no terminal. */
size_t table_terminal_width(int fd);

#endif
