import fs from 'node:fs';
import zlib from 'node:zlib';
import { packaged } from './packaged';
import { grouped, print, type Row } from './table';

const FILES: readonly (readonly [file: string, aim?: number])[] = [
  ['dist/extension.js', 250_000],
  ['dist/live.js'],
  ['dist/webview/main.js'],
  ['dist/webview/toolkit.js'],
  ['dist/webview/panel.css'],
  ['dist/cli.js'],
];

/** Sizes of what is shipped, in bytes; the source maps are not, and not counted. */
export function sizes(): void {
  const rows: Row[] = [...FILES, [packaged('.'), 500_000] as const].map(([file, aim]) => {
    const bytes = fs.readFileSync(file);
    return {
      what: file,
      figure: `${grouped(bytes.length)} B`,
      beside: `gzip ${grouped(zlib.gzipSync(bytes).length)} B${aim === undefined ? '' : `; aim ${grouped(aim)}`}`,
    };
  });
  print('Sizes, without source maps', rows);
}
