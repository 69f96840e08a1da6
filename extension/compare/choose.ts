import * as vscode from 'vscode';
import { type Offered, offered } from '../../language/runtime/compare/catalogued';
import { withVariants } from '../../language/runtime/compare/variants';
import type { Program } from '../../language/runtime/program';

const GROUPS = { catalogue: 'Designs', file: 'Declared in the file', option: 'With one option', written: 'Written before' } as const;
type Group = keyof typeof GROUPS;

const TITLE = 'Compare Designs';

/**
 * Lets a person choose designs, `chosen` (all, where it is undefined) being so already. What stands in the box is a variant if it has a brace: it is
 * added, and what is wrong with it is said above it. Undefined when it was dismissed.
 */
export function chooseDesigns(program: Program, chosen: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const groups = grouped(program, chosen ?? []);
    const plain = [...groups.catalogue, ...groups.file].map(({ label }) => label);
    const pick = vscode.window.createQuickPick();
    pick.canSelectMany = true;
    pick.matchOnDetail = true;
    pick.title = TITLE;
    pick.placeholder = 'Designs to run; or write a variant, as in extent_cache { key = logical }';
    pick.items = itemsOf(groups);
    pick.selectedItems = pick.items.filter(({ label }) => (chosen ?? plain).includes(label));
    pick.onDidChangeValue((text) => (pick.title = text.includes('{') ? told(program, text) : TITLE));
    pick.onDidAccept(() => {
      const written = pick.value.includes('{') ? [labelOf(pick.value)] : [];
      if (written.some((label) => 'error' in withVariants(program, [label]))) return;
      const all = [...new Set([...pick.selectedItems.map(({ label }) => label), ...written])];
      resolve(all.length === 0 ? undefined : firstFirst(all, chosen?.[0]));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

type Groups = Readonly<Record<Group, readonly Omit<Offered, 'from'>[]>>;

function grouped(program: Program, before: readonly string[]): Groups {
  const all = offered(program);
  const of = (group: Offered['from']) => all.filter(({ from }) => from === group);
  const known = new Set(all.map(({ label }) => label));
  const written = before.filter((label) => !known.has(label) && !('error' in withVariants(program, [label])));
  return { catalogue: of('catalogue'), file: of('file'), written: written.map((label) => ({ label, doc: '' })), option: of('option') };
}

function itemsOf(groups: Groups): vscode.QuickPickItem[] {
  return (Object.keys(groups) as Group[]).flatMap((group) => {
    const items = groups[group].map(({ label, doc }) => ({ label, detail: doc }));
    return items.length === 0 ? [] : [{ label: GROUPS[group], kind: vscode.QuickPickItemKind.Separator }, ...items];
  });
}

function labelOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** What Enter does with a variant that is being written, or what is wrong with it. */
function told(program: Program, text: string): string {
  const found = withVariants(program, [labelOf(text)]);
  return 'error' in found ? found.error : `Enter adds ${labelOf(text)}`;
}

/** What the others were held against stays first. */
function firstFirst(labels: readonly string[], first: string | undefined): readonly string[] {
  return first !== undefined && labels.includes(first) ? [first, ...labels.filter((label) => label !== first)] : labels;
}
