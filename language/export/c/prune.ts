const WORD = /\w+/g;
/** A literal, in which a comment can seem to begin, or a comment. */
const NO_CODE = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|\/\*(?:[^*]|\*(?!\/))*\*\//g;
/** A block that defines one function and nothing else, and the function's name. */
const FUNCTION = /^(?:\/\*(?:[^*]|\*(?!\/))*\*\/\n)?static [^\n;={]*?\b(\w+)\([^{;]*\)\n\{\n[\s\S]*\n\}$/;
/** A line that declares one variable, or a function that comes later, and its name. */
const DECLARATION =
  /^static (?:(?:struct \{[^}\n]*\} |[^\n(;,={]*[ *])(\w+)(?:\[[^\]\n]*\])*(?: = [^;,\n]*)?|[^\n(;,={]*[ *](\w+)\([^;{\n]*\));(?: +\/\*.*\*\/)?$/;
/** What older headers lack: a guard with definitions. */
const GUARD = /#ifndef \w+\n(?:[^#\n].*\n|#define .*\n)+#endif\n/g;
/** Headers that only a program with such a word needs. */
const HEADERS = { 'linux/btrfs.h': /\b(BTRFS_IOC_|btrfs_ioctl_)/, 'linux/io_uring.h': /\b(IORING_|io_uring_)/ };
const DEFINED = /#define (\w+)/g;

/** What can be left out: a function, or the line that declares something. Without a name it stays. */
interface Part {
  readonly text: string;
  readonly name: string | undefined;
}

/** A C program, in blocks with blank lines between them, without the functions and variables that nobody uses and without headers, and definitions for older ones, that nobody needs. */
export function withoutUnused(source: string): string {
  const blocks = source.split('\n\n').map(partsOf);
  const uses = new Map<string, number>();
  const count = (text: string, by: number): void => {
    for (const [word] of text.replaceAll(NO_CODE, ' ').matchAll(WORD)) uses.set(word, (uses.get(word) ?? 0) + by);
  };
  count(source, 1);
  const named = new Map<string, Part[]>();
  for (const part of blocks.flat()) if (part.name !== undefined) named.set(part.name, [...(named.get(part.name) ?? []), part]);
  const lost = new Set<Part>();
  for (let again = true; again;) {
    again = false;
    for (const [name, parts] of named) {
      if (uses.get(name)! > parts.reduce((sum, { text }) => sum + times(name, text), 0)) continue;
      for (const part of parts) {
        lost.add(part);
        count(part.text, -1);
      }
      named.delete(name);
      again = true;
    }
  }
  const kept = blocks.map((parts) => parts.filter((part) => !lost.has(part))).filter((parts) => parts.length > 0);
  const text = kept.map((parts) => parts.map((part) => part.text).join('\n')).join('\n\n');
  const included = Object.entries(HEADERS).reduce(
    (rest, [name, word]) => (word.test(text) ? rest : rest.replace(`#include <${name}>\n`, '')),
    text,
  );
  return included.replaceAll(GUARD, (guard) => {
    const names = [...guard.matchAll(DEFINED)].map(([, name]) => name!);
    return names.some((name) => uses.get(name)! > times(name, guard)) ? guard : '';
  });
}

function partsOf(block: string): Part[] {
  const name = FUNCTION.exec(block)?.[1];
  if (name !== undefined) return [{ text: block, name }];
  return block.split('\n').map((text) => {
    const [, variable, later] = DECLARATION.exec(text) ?? [];
    return { text, name: variable ?? later };
  });
}

const times = (name: string, text: string): number =>
  [...text.replaceAll(NO_CODE, ' ').matchAll(WORD)].filter(([word]) => word === name).length;
