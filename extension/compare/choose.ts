import * as vscode from 'vscode';
import { type Offered, offered } from '../../language/runtime/compare/catalogued';
import { withVariants } from '../../language/runtime/compare/variants';
import type { Program } from '../../language/runtime/program';

const GROUPS = { catalogue: 'Designs', file: 'Declared in the file', option: 'With one option', written: 'Written here' } as const;
type Group = keyof typeof GROUPS;

interface Item extends vscode.QuickPickItem {
  /** What is wrong with the text that was typed: nothing to choose. */
  readonly wrong?: true;
}

/** Lets a person choose designs, `chosen` (all, where it is undefined) being so already; a variant can be typed. Undefined when it was dismissed. */
export function chooseDesigns(program: Program, chosen: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const list = new DesignList(program, chosen);
    const pick = vscode.window.createQuickPick<Item>();
    pick.canSelectMany = true;
    pick.matchOnDetail = true;
    pick.title = 'Compare Designs';
    pick.placeholder = 'Designs to run, or type a variant: extent_cache { key = logical }';
    let setting = false;
    const show = () => {
      setting = true;
      pick.items = list.items(pick.value);
      pick.selectedItems = pick.items.filter(({ label }) => list.picked.has(label));
      setting = false;
    };
    show();
    pick.onDidChangeValue(show);
    pick.onDidChangeSelection((items) => {
      if (!setting) list.pick(items, pick.items);
    });
    pick.onDidAccept(() => {
      resolve(list.result());
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** What is offered and what of it is picked. */
class DesignList {
  readonly picked: Set<string>;
  private readonly all: Map<string, Omit<Offered, 'from'> & { readonly group: Group }>;

  constructor(
    private readonly program: Program,
    private readonly before: readonly string[] | undefined,
  ) {
    this.all = new Map(offered(program).map(({ from, ...each }) => [each.label, { ...each, group: from }]));
    for (const label of before ?? []) if (!('error' in withVariants(program, [label]))) this.offer(label);
    const plain = [...this.all.values()].filter(({ group }) => group === 'catalogue' || group === 'file');
    this.picked = new Set(before?.filter((label) => this.all.has(label)) ?? plain.map(({ label }) => label));
  }

  /** The list, with what has been typed at its head. */
  items(typed: string): Item[] {
    const groups = (Object.keys(GROUPS) as Group[]).flatMap((group): Item[] => {
      const items = [...this.all.values()].filter((each) => each.group === group);
      const head = { label: GROUPS[group], kind: vscode.QuickPickItemKind.Separator };
      return items.length === 0 ? [] : [head, ...items.map(({ label, doc }) => ({ label, detail: doc }))];
    });
    return [...this.typed(typed.replace(/\s+/g, ' ').trim()), ...groups];
  }

  pick(items: readonly Item[], shown: readonly Item[]): void {
    for (const { label } of shown) this.picked.delete(label);
    for (const { label, wrong } of items) {
      if (wrong) continue;
      this.offer(label);
      this.picked.add(label);
    }
  }

  /** In the order of the list, but what the others were held against stays first. */
  result(): readonly string[] | undefined {
    const labels = [...this.all.keys()].filter((label) => this.picked.has(label));
    const first = this.before?.[0];
    const ordered = first !== undefined && labels.includes(first) ? [first, ...labels.filter((label) => label !== first)] : labels;
    return ordered.length === 0 ? undefined : ordered;
  }

  private offer(label: string): void {
    if (!this.all.has(label)) this.all.set(label, { label, doc: '', group: 'written' });
  }

  private typed(text: string): Item[] {
    if (!text.includes('{') || this.all.has(text)) return [];
    const found = withVariants(this.program, [text]);
    if ('error' in found)
      return [{ label: text, detail: found.error, iconPath: new vscode.ThemeIcon('warning'), alwaysShow: true, wrong: true }];
    return [{ label: text, detail: 'This variant.', iconPath: new vscode.ThemeIcon('add'), alwaysShow: true }];
  }
}
