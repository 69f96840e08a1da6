import { count, flag, integer, list, nullable, object, oneOf, optional, text, type Check } from './check';
import { TINTS } from './state';
import type * as state from './state';

const mark = oneOf<state.Mark>('A', 'M', 'D');
const change = object<state.Change>({ name: text, from: text, to: text });
const marked = { mark: optional(mark), changes: optional(list(change)), differs: optional(text) };
const ghost = optional(flag);

const cell = object<state.Cell>({
  ...marked,
  at: count,
  pfn: nullable(count),
  kind: text,
  flags: text,
  mapcount: integer,
  note: optional(text),
  ghost,
});
const segment = object<state.Segment>({
  ...marked,
  from: count,
  count,
  like: optional(cell),
  text: optional(text),
  consecutive: optional(flag),
});
const band = object<state.Band>({ id: text, segments: list(segment), more: count, cells: list(cell) });

function listing<Row>(row: Check<Row>): Check<state.Listing<Row>> {
  return object<state.Listing<Row>>({ rows: list(row), total: count });
}

const amount = object<state.Amount>({
  name: text,
  value: integer,
  unit: oneOf('bytes', 'count'),
  doc: text,
  previous: optional(integer),
});
const extent = object<state.Extent>({ from: count, count, block: nullable(count), refcount: count });
const fileRow = object<state.FileRow>({
  ...marked,
  id: text,
  path: text,
  type: text,
  amounts: list(amount),
  extents: listing(extent),
  band: optional(band),
  ghost,
});
const vmaRow = object<state.VmaRow>({
  ...marked,
  id: text,
  from: count,
  count,
  permissions: text,
  backing: text,
  band: optional(band),
  ghost,
});
const processRow = object<state.ProcessRow>({
  ...marked,
  id: text,
  name: text,
  pid: integer,
  detail: optional(text),
  current: flag,
  amounts: list(amount),
  vmas: optional(listing(vmaRow)),
  ghost,
});

const holder = object<state.Holder>({
  ...marked,
  how: oneOf('pte', 'cache', 'other'),
  text,
  band: optional(text),
  at: optional(count),
  ghost,
});
const fact = object<state.FrameDetail['facts'][number]>({ name: text, value: text, doc: text, previous: optional(text) });
const detail = object<state.FrameDetail>({
  pfn: count,
  kind: text,
  title: text,
  mapcount: integer,
  refcount: integer,
  previous: optional(object<NonNullable<state.FrameDetail['previous']>>({ mapcount: integer, refcount: integer })),
  facts: list(fact),
  holders: listing(holder),
  twins: listing(count),
});
const changeRow = object<state.ChangeRow>({ mark, what: text, changes: list(change), band: optional(text), at: optional(count) });

const stepRow = object<state.StepRow>({ step: count, who: text, text, label: optional(text), problem: optional(text) });
const timeline = object<state.Timeline>({
  position: count,
  micro: count,
  micros: count,
  length: count,
  ended: flag,
  lanes: list(text),
  steps: list(stepRow),
});
const summary = object<state.Summary>({
  scenario: text,
  design: text,
  status: text,
  statement: text,
  line: count,
  who: text,
  stack: list(text),
  sentence: text,
});

const legendEntry = object<state.LegendEntry>({ kind: text, letter: text, name: text, doc: text, tint: oneOf(...TINTS) });
const flagEntry = object<state.FlagEntry>({ letter: text, name: text, doc: text });
const legend = object<state.Legend>({
  kinds: list(legendEntry),
  frameFlags: list(flagEntry),
  pageFlags: list(flagEntry),
  pteFlags: list(flagEntry),
});

const picture = {
  summary,
  sums: list(amount),
  frames: band,
  files: listing(fileRow),
  processes: listing(processRow),
  focus: nullable(detail),
};
const difference = object<state.DifferenceRow>({ what: text, here: text, there: text, band: optional(text), at: optional(count) });
const beside = object<state.Beside>({
  design: text,
  problem: text,
  picture: nullable(object<state.Picture>(picture)),
  differences: listing(difference),
});

export const panelState = object<state.PanelState>({
  ...picture,
  legend,
  changes: listing(changeRow),
  timeline,
  designs: list(text),
  along: count,
  beside: nullable(beside),
});

const bandWant = object<state.BandWant>({ id: text, open: flag, from: count, count });
export const want = object<state.Want>({
  files: count,
  processes: count,
  vmas: count,
  changes: count,
  holders: count,
  filter: text,
  bands: list(bandWant),
  minRun: count,
  minEmptyRun: count,
  steps: object<state.Want['steps']>({ from: nullable(count), count }),
  frame: nullable(count),
  beside: nullable(object<state.BesideWant>({ design: text, bands: list(bandWant), frame: nullable(count) })),
});
