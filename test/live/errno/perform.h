// What the parts of the program that performs calls have in common.
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096UL
#define BASE 0x20000000000UL
/** Numbers that stand for what has another one each time, as in surroundings.ts. */
#define STANDS_FOR 2000000000L
enum { SELF = 1, CHILD, ZOMBIE, OTHER, STRANGER, SHM, SHM_SECRET, SHM_REMOVED };

/** Ends the program where `ok` is negative, and says what went wrong. */
void must(long ok, const char *what);

/** /m/… and /t/… where the filesystems are mounted; '\1' is the empty path. */
char *path_of(const char *path);

/** The files that every filesystem has, below a folder. */
void populate(const char *folder);

/** Everything that a call finds: files, descriptors, mappings; System V segments or processes for those that ask. */
void surroundings(const char *call);

/** Whether a call has to do with userfaultfd; what it finds then, and the call itself. */
int meets_userfault(const char *name, char **text);
void userfault_surroundings(void);
long perform_userfault(const char *name, uint64_t *arguments);

/** The pid or the segment that a number stands for; any other number is itself. */
uint64_t meant(uint64_t number);

/** The call; its result as the C library gives it, with errno. */
long perform(const char *name, char **text);

extern const char *root, *foreign, *type, *layers;
extern pid_t other, stranger;
extern char buffer[1 << 20];
