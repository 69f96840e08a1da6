import { expect, test } from 'vitest';
import { withoutUnused } from '../../language/export/c/prune';

const SOURCE = `#ifndef NEEDED
#define NEEDED 1
#endif
#ifndef NOT_NEEDED
#define NOT_NEEDED 2
#endif

static int kept(void)
{
    return 1;
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
    return helper(NOT_NEEDED);
}

static void first(void) { }
static void second(void) { }

int main(void)
{
    return used();
}
`;

test('functions that nobody calls go, those that only such call too, and definitions that only these need', () => {
  expect(withoutUnused(SOURCE)).toBe(`#ifndef NEEDED
#define NEEDED 1
#endif

static int kept(void)
{
    return 1;
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
    return used();
}
`);
});
