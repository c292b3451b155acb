/*
 * Ports that were picked for sidecars that asked for 0: kept in <data_dir>/runtime/ports.json and taken again
 * while they are free, because what a browser has stored belongs to the port.
 */
#ifndef SIDECARD_RUNTIME_PORTS_H
#define SIDECARD_RUNTIME_PORTS_H

#include "base/error.h"
#include "plan/plan.h"

/* The port that this sidecar had, if it is free, else a free one; 0 where there is none. For
 * plan_world.pick_port: it only reads. */
int ports_pick(const char *data_dir, const char *sidecar_name);

/* Remembers the ports of this plan, and those of sidecars that it does not have. folder: <data_dir>/runtime.
 */
int ports_remember(const char *folder, const struct plan *plan, struct error *error);

#endif
