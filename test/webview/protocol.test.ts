import { describe, expect, it } from 'vitest';
import type * as View from '../../language/runtime/view/types';
import { answerPanel } from '../../language/runtime/view/answer';
import { FIRST_CHOICE, wantOf } from '../../webview/model/want';
import { checkFromPanel, checkReply, checkRequest, checkToPanel } from '../../webview/protocol';
import type * as Protocol from '../../webview/protocol';
import { run } from '../runtime/running';

/** What the message of a refused value says. */
function refused(check: (value: unknown, at: string) => unknown, value: unknown): string {
  try {
    check(value, 'message');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

const want = wantOf(FIRST_CHOICE, [], null);

describe('the protocol', () => {
  it('has the shapes of the language room, both ways', () => {
    const state = {} as Protocol.PanelState satisfies View.PanelState;
    const view = {} as View.PanelState satisfies Protocol.PanelState;
    const wanted = {} as Protocol.Want satisfies View.Want;
    const wants = {} as View.Want satisfies Protocol.Want;
    expect([state, view, wanted, wants]).toHaveLength(4);
  });

  it('takes what the machine answers', () => {
    const started = run('p: fa = open("/data/a", O_RDONLY)\np: read(fa, 2 pages)\np: exit(0)');
    for (let position = 0; position <= started.length; position++) {
      started.moveTo(started.before(position));
      const reply = answerPanel(started, { kind: 'state', want });
      expect(checkReply(JSON.parse(JSON.stringify(reply)), 'reply')).toEqual(reply);
    }
  });

  it('takes what the panel says', () => {
    const messages: Protocol.FromPanel[] = [
      { kind: 'ready' },
      { kind: 'view', id: 1, want },
      { kind: 'goto', step: 7 },
      { kind: 'do', action: 'stepBack' },
      { kind: 'problem', message: 'odd' },
    ];
    for (const message of messages) expect(checkFromPanel(message, 'message')).toEqual(message);
    expect(checkRequest({ kind: 'state', want }, 'request')).toEqual({ kind: 'state', want });
  });

  it.each([
    [undefined, 'message.kind: expected one of state, failed, running, ended, got nothing'],
    ['state', 'message.kind: expected one of state, failed, running, ended, got nothing'],
    [{ kind: 'toString' }, 'message.kind: expected one of state, failed, running, ended, got string toString'],
    [{ kind: 'state', id: -1, state: {} }, 'message.id: expected an integer from 0, got number -1'],
    [{ kind: 'state', id: null }, 'message.state: expected an object, got nothing'],
    [{ kind: 'state', id: null, state: [] }, 'message.state: expected an object, got a list'],
    [{ kind: 'failed', id: null, message: 3 }, 'message.message: expected a text, got number 3'],
  ])('says what is wrong with a message to the panel: %j', (value, message) => {
    expect(refused(checkToPanel, value)).toBe(message);
  });

  it.each([
    [null, 'message.kind: expected one of ready, view, goto, do, problem, got nothing'],
    [{ kind: 'goto', step: 1.5 }, 'message.step: expected an integer, got number 1.5'],
    [{ kind: 'goto', step: 2 ** 60 }, 'message.step: expected an integer, got number 1152921504606847000'],
    [{ kind: 'do', action: 'rm' }, /^message\.action: expected one of stepBack, .*, got string rm$/],
    [{ kind: 'view', id: 0, want: { ...want, bands: 'all' } }, 'message.want.bands: expected a list, got string all'],
    [
      { kind: 'view', id: 0, want: { ...want, bands: [{ id: 'frames', open: 1, from: 0, count: 1 }] } },
      'message.want.bands[0].open: expected true or false, got number 1',
    ],
  ])('says what is wrong with a message from the panel: %j', (value, message) => {
    expect(refused(checkFromPanel, value)).toMatch(message);
  });

  it('leaves fields behind that it does not know', () => {
    expect(checkFromPanel({ kind: 'ready', more: 1 }, 'message')).toEqual({ kind: 'ready' });
  });
});
