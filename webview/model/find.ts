import type { PanelState } from '../protocol';
import { PAGE } from './format';
import type { PaneName } from './panes';

/** Where the thing stands that was looked for. */
export type Found =
  | { readonly pane: PaneName; readonly band: string; readonly at: number; readonly pfn?: number }
  | { readonly pane: PaneName; readonly head: string };

/** A frame by its number, a page by its address, a file or process by (a part of) its name. */
export function find(text: string, state: PanelState): Found | undefined {
  const wanted = text.trim();
  if (wanted === '') return undefined;
  if (/^\d+$/.test(wanted)) return { pane: 'frames', band: state.frames.id, at: Number(wanted), pfn: Number(wanted) };
  if (/^0x[0-9a-f]+$/i.test(wanted)) return findAddress(Math.floor(Number(wanted) / PAGE), state);
  const process = state.processes.rows.find((row) => row.name === wanted);
  if (process !== undefined) return { pane: 'processes', head: process.id };
  const file = state.files.rows.find((row) => row.path === wanted) ?? state.files.rows.find((row) => row.path.includes(wanted));
  return file === undefined ? undefined : { pane: 'files', head: file.id };
}

/** In the current process first. */
function findAddress(vpn: number, state: PanelState): Found | undefined {
  const rows = [...state.processes.rows].sort((a, b) => Number(b.current) - Number(a.current));
  for (const { vmas } of rows) {
    const vma = vmas?.rows.find(({ from, count }) => vpn >= from && vpn < from + count);
    if (vma !== undefined)
      return vma.band === undefined ? { pane: 'processes', head: vma.id } : { pane: 'processes', band: vma.band.id, at: vpn };
  }
  return undefined;
}
