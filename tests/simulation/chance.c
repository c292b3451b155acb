#include "chance.h"

void chance_init(struct chance *chance, uint64_t seed)
{
    chance->state = seed;
}

/* splitmix64: every seed is a good one, neighbours included. */
uint64_t chance_next(struct chance *chance)
{
    uint64_t mixed = chance->state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

double chance_fraction(struct chance *chance)
{
    return (double)(chance_next(chance) >> 11) / 9007199254740992.0;
}

int64_t chance_between(struct chance *chance, int64_t from, int64_t to)
{
    return from + (int64_t)(chance_next(chance) % (uint64_t)(to - from + 1));
}

bool chance_percent(struct chance *chance, int percent)
{
    return chance_between(chance, 0, 99) < percent;
}
