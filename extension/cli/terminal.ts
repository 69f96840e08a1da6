/** Where a command writes. Colour is a property of each stream: a report in a file stays plain text. */
export interface Output {
  write(text: string): void;
  readonly colour: boolean;
}

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;

export type Style = keyof typeof CODES;

/** `paint(output)('red', text)`: the text in that style, or as it is where the output takes no colour. */
export function painter(output: Pick<Output, 'colour'>): (style: Style, text: string) => string {
  return (style, text) => (output.colour ? `\x1b[${CODES[style][0]}m${text}\x1b[${CODES[style][1]}m` : text);
}

/** Colour on a terminal only, unless `NO_COLOR` is set (https://no-color.org) or the terminal is dumb. */
export function hasColour(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
