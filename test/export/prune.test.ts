import { expect, test } from 'vitest';
import { withoutUnused } from '../../language/export/c/prune';

const SOURCE = `#include <linux/btrfs.h>
#include <linux/io_uring.h>
#ifndef NEEDED
#define NEEDED 1
#endif
#ifndef NOT_NEEDED
#define NOT_NEEDED 2
#endif

static int later(int x);
static int forgotten(int x);
static struct { int a, b; } pairs[8];    /* which nobody looks at */
static int count = 1;
static char *const words[2][3];

static struct { int *p; } only[4];      /* lost() fills it in */
static int in_only;

static int kept(void)
{
    return count + later(1) + words[0][0];
}

static int later(int x)
{
    return x;
}

static int forgotten(int x)
{
    return x ? forgotten(x - 1) : 0;
}

/* Called from main. */
static int used(void)
{
    return NEEDED + strlen("/*") + kept() + '"'; /* helper(), as a word */
}

/* What only lost() calls: goes with it. */
static int helper(int x)
{
    return x ? helper(x - 1) : 0;
}

static int lost(void)
{
    only[in_only++].p = 0;
    return helper(NOT_NEEDED);
}

static void first(void) { }
static void second(void) { }

int main(void)
{
    return used() + IORING_OP_NOP;
}
`;

test('functions and variables that nobody uses go, those that only such use too, and headers and definitions that only these need', () => {
  expect(withoutUnused(SOURCE)).toBe(`#include <linux/io_uring.h>
#ifndef NEEDED
#define NEEDED 1
#endif

static int later(int x);
static int count = 1;
static char *const words[2][3];

static int kept(void)
{
    return count + later(1) + words[0][0];
}

static int later(int x)
{
    return x;
}

/* Called from main. */
static int used(void)
{
    return NEEDED + strlen("/*") + kept() + '"'; /* helper(), as a word */
}

static void first(void) { }
static void second(void) { }

int main(void)
{
    return used() + IORING_OP_NOP;
}
`);
});
