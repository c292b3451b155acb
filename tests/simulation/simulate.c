/*
 * Random plans live through random schedules: simulate [SCHEDULES | SEED]. With a number of at most ten
 * digits, so many schedules from a seed that the clock gives and that is printed; with a longer one, that one
 * schedule, told step by step.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

#define STEPS     300
#define SCHEDULES 10000

static uint64_t live(uint64_t seed, bool verbose)
{
    struct world world;
    world_init(&world, seed, verbose);
    world_run(&world, STEPS);
    uint64_t steps = world.steps;
    world_finish(&world);
    return steps;
}

int main(int argc, char **argv)
{
    const char *argument = argc > 1 ? argv[1] : "";
    if (strlen(argument) > 10) {
        live(strtoull(argument, NULL, 10), true);
        return 0;
    }
    uint64_t schedules = *argument ? strtoull(argument, NULL, 10) : SCHEDULES;
    struct chance seeds;
    chance_init(&seeds, (uint64_t)time(NULL) * 1000003);
    uint64_t steps = 0;
    printf("%" PRIu64 " schedules from %" PRIu64 "\n", schedules, seeds.state);
    fflush(stdout);
    for (uint64_t i = 0; i < schedules; i++)
        steps += live(chance_next(&seeds) | UINT64_C(1) << 63, false);
    printf("%" PRIu64 " steps, all as it should be\n", steps);
    return 0;
}
