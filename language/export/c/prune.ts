const WORD = /\w+/g;
/** A literal, in which a comment can seem to begin, or a comment. */
const NO_CODE = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|\/\*(?:[^*]|\*(?!\/))*\*\//g;
/** A block that defines one function and nothing else, and the function's name. */
const FUNCTION = /^(?:\/\*(?:[^*]|\*(?!\/))*\*\/\n)?static [^\n;={]*?\b(\w+)\([^{;]*\)\n\{\n[\s\S]*\n\}$/;
/** What older headers lack: a guard with definitions. */
const GUARD = /#ifndef \w+\n(?:[^#\n].*\n|#define .*\n)+#endif\n/g;
const DEFINED = /#define (\w+)/g;

/** A C program, in blocks with blank lines between them, without the functions that nobody calls and without definitions for older headers that nobody needs. */
export function withoutUnused(source: string): string {
  const blocks = source.split('\n\n').map((text) => ({ text, name: FUNCTION.exec(text)?.[1], kept: true }));
  const uses = new Map<string, number>();
  const count = (text: string, by: number): void => {
    for (const [word] of text.replaceAll(NO_CODE, ' ').matchAll(WORD)) uses.set(word, (uses.get(word) ?? 0) + by);
  };
  for (const { text } of blocks) count(text, 1);
  for (let again = true; again;) {
    again = false;
    for (const block of blocks) {
      if (!block.kept || block.name === undefined) continue;
      if (uses.get(block.name)! > times(block.name, block.text)) continue;
      block.kept = false;
      again = true;
      count(block.text, -1);
    }
  }
  const text = blocks.flatMap((block) => (block.kept ? [block.text] : [])).join('\n\n');
  return text.replaceAll(GUARD, (guard) => {
    const names = [...guard.matchAll(DEFINED)].map(([, name]) => name!);
    return names.some((name) => uses.get(name)! > times(name, guard)) ? guard : '';
  });
}

const times = (name: string, text: string): number =>
  [...text.replaceAll(NO_CODE, ' ').matchAll(WORD)].filter(([word]) => word === name).length;
