import type { Run } from '../run';
import { ALONE, beside, type Company } from './beside/beside';
import { LEGEND } from './legend';
import { seen } from './seen';
import { timeline } from './timeline';
import type { PanelState, Want } from './types';

export interface PanelRequest {
  readonly kind: 'state';
  readonly want: Want;
}

export interface PanelReply {
  readonly kind: 'state';
  readonly state: PanelState;
}

/** Answers the panel: the run where it stands, and beside it the one under another design that it asks for. */
export function answerPanel(run: Run, { want }: PanelRequest, company: Company = ALONE): PanelReply {
  const own = seen(run, want);
  const { picture, other } = beside(own, want, company);
  const { designs, along } = company;
  const shown = { legend: LEGEND, changes: own.changes, timeline: timeline(run, want), designs, along };
  return { kind: 'state', state: { ...picture, ...shown, beside: other } };
}
