#ifndef SIDECARD_BASE_CRC32_H
#define SIDECARD_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in IEEE 802.3, gzip and PNG (polynomial 0xEDB88320, reflected; "123456789" gives 0xCBF43926). */
uint32_t crc32_of(const char *data, size_t length);

#endif
