import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCommand } from '../cli/command';
import { Client } from './client';
import { player, TWO_READERS } from './playing';

const play = player();

describe('what goes wrong', () => {
  it('refuses conditions that can never be evaluated', async () => {
    expect(
      await play(
        TWO_READERS,
        'launch\nbreak 9 if memory.cachd > 0, 9 if 1 +, 11 if nobody > 1, 10 if p.fa == 3, 10 if events("vfs_read") > 0 && q.fb >= 0\ncontinue',
      ),
    ).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > break 9 if memory.cachd > 0, 9 if 1 +, 11 if nobody > 1, 10 if p.fa == 3, 10 if events("vfs_read") > 0 && q.fb >= 0
        unverified: The condition can't be evaluated: \`cachd\` cannot be asked of \`memory\`; did you mean \`cached\`?; unverified: The condition can't be evaluated: expected a value, found the end of the line; unverified: The condition can't be evaluated: nothing here is named \`nobody\`; line 10; line 10
      > continue
        says: The breakpoint's condition "events("vfs_read") > 0 && q.fb >= 0" can't be evaluated: q has no variable \`fb\` (yet)
        breakpoint | two readers:10"
    `);
  });

  it('shows every host', async () => {
    const hosts = `scenario "two hosts" {
  host n2
  mount xfs at "/data"
  file "/data/a" { size = 2 pages; content = "A" }
  process p
  process q on n2
  q: fd = open("/data/a", O_RDONLY)
  q: m = mmap(NULL, 2 pages, PROT_READ, MAP_SHARED, fd, 0)
  q: touch(m, 2 pages, PROT_READ)
  q: exit(0)
}`;
    expect(
      await play(
        hosts,
        'launch\nnext\nnext\nnext\nshow\nshow Processes / q / address space\nshow Host n2\nshow Files on n2 / /data/a\nshow Files\nshow Changed since the last stop',
      ),
    ).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two hosts:7
      > next
        step | two hosts:8
      > next
        step | two hosts:9
      > next
        step | two hosts:10
      > show
        Process q, Processes, Machine, Files, Host n2, Files on n2, Changed since the last stop
      > show Processes / q / address space
        0x7ffff7ffd000-0x7ffff7fff000 = r--s 2 pages /data/a
      > show Host n2
        memory = total 67108864 (16384 pages), used 24576 (6 pages), free 67084288 (16378 pages)
        disk = reads 8192 (2 pages), writes 0, used 8192 (2 pages)
        lru = active 0, inactive 8192 (2 pages), active_anon 0
        faults = minor 0, major 2, link 0
        design = hits 0, breaks 0, copies 0
      > show Files on n2 / /data/a
        size = 8192 (2 pages)
        cached = 8192 (2 pages)
        dirty = 0
        writeback = 0
        evicted = 0
        extents = 1
        shared_extents = 0
        blocks = 8192 (2 pages)
        nlink = 1
        ino = 2
        mode = 0644
        uid = 0
        content = "A" * 8192
        page[0] = frame 1: refcount 2, mapcount 1, uptodate lru
        page[1] = frame 2: refcount 2, mapcount 1, uptodate lru
      > show Files
        /data/a = 2 pages, 0 cached
      > show Changed since the last stop
        n2: q, PTE 0x7ffff7ffd000–0x7ffff7fff000 (2 pages) = new: frame none → 1, P 0 → 1, A 0 → 1
        n2: /data/a, pages 0–1 = new: frame none → 1, U 0 → 1
        n2: frames 1–2 = new: free → file, mapcount 0 → 1, refcount 0 → 2, uptodate 0 → 1
        n2: frames 16381–16383 = new: free → table, refcount 0 → 1"
    `);
  });

  it('stops on what goes wrong, by kind', async () => {
    const text = TWO_READERS.replace('q: read(fb, 2 pages)', 'q: store(0, "x")');
    const errno = TWO_READERS.replace('open("/data/b"', 'open("/data/c"');
    expect(
      await play(
        text,
        'launch\nexceptions expect\ncontinue\nback\nnext\nexceptions signal\nback\nnext\nexception\nthreads\ncontinue\ncontinue',
      ),
    ).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > exceptions expect
      > continue
        says: The run ended with SIGSEGV: q: store(0, "x") raises SIGSEGV: a store at 0x0: nothing is mapped there (line 11)
        End of run | two readers:11
      > back
        step | two readers:11
      > next
        End of run | two readers:11
      > exceptions signal
      > back
        Paused on signal: q: store(0, "x") raises SIGSEGV: a store at 0x0: nothing is mapped there | two readers:11
      > next
        End of run | two readers:11
      > exception
        signal: q: store(0, "x") raises SIGSEGV: a store at 0x0: nothing is mapped there
      > threads
        1 scenario: two readers
        2 kernel
        3 p (pid 1)
        4 q (pid 2)
      > continue
        exit code 1
        terminated
      > continue
        error: The session has ended."
    `);
    expect(await play(errno, 'launch\nnext\ncontinue\nexception\nnext\nnext\ncontinue')).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > next
        step | two readers:9
      > continue
        Paused on unexpected errno: q: open("/data/c", O_RDONLY) fails with ENOENT: there is no file /data/c | two readers:10
      > exception
        unexpected errno: q: open("/data/c", O_RDONLY) fails with ENOENT: there is no file /data/c
      > next
        says: The run ended with ENOENT: q: open("/data/c", O_RDONLY) fails with ENOENT: there is no file /data/c (line 10)
        End of run | two readers:10
      > next
        End of run | two readers:10
      > continue
        exit code 1
        terminated"
    `);
  });

  it('refuses a launch with a list of what is wrong', async () => {
    expect(await play('scenario "s" {\n  p: = 1\n}\nimport "none.mmscn"\n', 'launch')).toMatchInlineSnapshot(`
      "> launch
        error: main.mmscn:2:6: expected a value, found \`=\`
      main.mmscn:4:8: none.mmscn can't be read: none.mmscn does not exist"
    `);
    expect(await play(TWO_READERS, 'launch {"scenario": "three"}')).toMatchInlineSnapshot(`
      "> launch {"scenario": "three"}
        error: main.mmscn:1:1: there is no scenario "three"; the file has "two readers""
    `);
    expect(await play(TWO_READERS, 'launch {"design": "none"}')).toMatchInlineSnapshot(`
      "> launch {"design": "none"}
        error: main.mmscn:1:10: there is no design none"
    `);
    expect(await play(TWO_READERS, 'launch {"params": {"n": 1}}')).toMatchInlineSnapshot(`
      "> launch {"params": {"n": 1}}
        error: main.mmscn:1:10: there is no param n; there are none"
    `);
    expect(await play(TWO_READERS, 'launch {"params": {"n": "many"}}')).toMatchInlineSnapshot(`
      "> launch {"params": {"n": "many"}}
        error: The value of param n must be an integer, not "many"."
    `);
    expect(await play('', 'launch')).toMatchInlineSnapshot(`
      "> launch
        error: main.mmscn:1:1: the file has no scenario"
    `);
    expect(await play(TWO_READERS, 'launch {"program": "/nowhere/x.mmscn"}')).toMatchInlineSnapshot(`
      "> launch {"program": "/nowhere/x.mmscn"}
        error: /nowhere/x.mmscn can't be read: /nowhere/x.mmscn does not exist"
    `);
  });

  it('ends a run at its limits, and can still be gone back in', async () => {
    const text = 'scenario "endless" {\n  process p\n  repeat 1000000 {\n    p: n = 1\n  }\n}\n';
    expect(await play(text, 'launch {"limits": {"steps": 100}}\ncontinue\nback\nstack 1')).toMatchInlineSnapshot(`
      "> launch {"limits": {"steps": 100}}
        thread 1 started
        thread 2 started
        thread 3 started
        entry | endless:3
      > continue
        Paused on error: the run has more than 100 statements (the setting is mmscn.limits.steps) | endless:3
      > back
        step | endless:3
      > stack 1
        endless:3"
    `);
    expect(await play(text, 'launch {"limits": {"steps": 0}}\nlaunch {"limits": {"setps": 1}}')).toMatchInlineSnapshot(`
      "> launch {"limits": {"steps": 0}}
        error: The limit steps must be a whole number from 1, not 0.
      > launch {"limits": {"setps": 1}}
        error: There is no limit setps; there are steps, nesting, history."
    `);
  });

  it('answers requests out of order', async () => {
    const log = await play(
      TWO_READERS,
      `
      ask threads
      ask next {"threadId": 1}
      ask stackTrace {"threadId": 1}
      ask scopes {"frameId": 1}
      ask pause
      ask restart
      ask exceptionInfo
      ask loadedSources
      ask nonsense
      break 9
      launch
      ask launch {"program": "FILE"}
      ask variables {"variablesReference": 1}
      ask scopes {"frameId": 99}
      ask stackTrace {"threadId": 99}
      ask stackTrace {}
      ask pause
      ask goto {"targetId": 99}
      ask breakpointLocations {"source": {"path": "FILE"}, "line": 1, "endLine": 10}
      ask gotoTargets {"source": {"path": "FILE"}, "line": 9}
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> ask threads
        {"threads":[{"id":1,"name":"scenario"}]}
      > ask next {"threadId": 1}
        error: No scenario has been launched yet.
      > ask stackTrace {"threadId": 1}
        error: No scenario has been launched yet.
      > ask scopes {"frameId": 1}
        error: No scenario has been launched yet.
      > ask pause
        error: The scenario is not running.
      > ask restart
        error: Nothing has been launched that could be restarted.
      > ask exceptionInfo
        error: No scenario has been launched yet.
      > ask loadedSources
        {"sources":[]}
      > ask nonsense
        error: The debugger has no request nonsense.
      > break 9
        unverified: No scenario has been launched yet.
      > launch
        breakpoint 9 changed
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > ask launch {"program": "FILE"}
        error: A scenario has already been launched in this session.
      > ask variables {"variablesReference": 1}
        error: The reference 1 is stale: the run has moved since.
      > ask scopes {"frameId": 99}
        error: There is no reference 99.
      > ask stackTrace {"threadId": 99}
        error: There is no thread 99 here.
      > ask stackTrace {}
        error: The argument \`threadId\` must be a number.
      > ask pause
        error: The scenario is not running.
      > ask goto {"targetId": 99}
        error: There is no statement 99 in the history; it has 0.
      > ask breakpointLocations {"source": {"path": "FILE"}, "line": 1, "endLine": 10}
        {"breakpoints":[{"line":8,"column":3,"endLine":8,"endColumn":36},{"line":9,"column":3,"endLine":9,"endColumn":29},{"line":10,"column":3,"endLine":10,"endColumn":36}]}
      > ask gotoTargets {"source": {"path": "FILE"}, "line": 9}
        {"targets":[]}"
    `);
  });

  it('begins anew with what the file says now', async () => {
    const log = await play(
      TWO_READERS,
      `
      break 9
      launch
      continue
      save scenario "s" {\\n  process p\\n  p: n = 1\\n  p: n = 2\\n}\\n
      restart
      next
      goto 0
      goto 2
      save nonsense
      restart
      next
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> break 9
        unverified: No scenario has been launched yet.
      > launch
        breakpoint 9 changed
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > continue
        breakpoint | two readers:9
      > save scenario "s" {\\n  process p\\n  p: n = 1\\n  p: n = 2\\n}\\n
      > restart
        breakpoint ? changed
        thread 4 exited
        entry | s:3
      > next
        step | s:4
      > goto 0
        Paused after a jump | s:3
      > goto 2
        error: There is no statement 2 in the history; it has 1.
      > save nonsense
      > restart
        error: main.mmscn:1:1: this stands inside a scenario or a routine, not outside of them
      > next
        step | s:4"
    `);
  });

  it('runs without stopping where nothing is to be debugged', async () => {
    expect(await play(TWO_READERS, 'break 9\nlaunch {"noDebug": true}')).toMatchInlineSnapshot(`
      "> break 9
        unverified: No scenario has been launched yet.
      > launch {"noDebug": true}
        breakpoint 9 changed
        says: Failed: memory.cached == 1 page (left is 16384, right is 4096): wrong on purpose (line 14)
        says: End of run: 1 of 2 expectations failed; 4 steps, N micro-steps under baseline.
        exit code 1
        terminated"
    `);
  });
});

describe('a run that never ends', () => {
  let command: string;
  beforeAll(async () => {
    command = await buildCommand();
  });
  const ENDLESS = 'scenario "endless" {\n  process p\n  p: n = 0\n  repeat 1000000000 {\n    p: n = n + 1\n  }\n}\n';

  async function running(): Promise<Client> {
    const client = new Client(command);
    await client.start();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-debug-'));
    fs.writeFileSync(path.join(folder, 'main.mmscn'), ENDLESS);
    await client.initializeRequest();
    const initialized = client.waitForEvent('initialized').then(() => client.configurationDoneRequest());
    const stopped = client.arrival();
    await Promise.all([client.launchRequest({ program: path.join(folder, 'main.mmscn') } as never), initialized]);
    await stopped;
    await client.continueRequest({ threadId: 1 });
    return client;
  }

  it('can be paused and gone back in', async () => {
    const client = await running();
    await expect(client.send('stackTrace', { threadId: 1 })).rejects.toThrow('The scenario is running: pause it first.');
    const paused = client.arrival();
    await client.pauseRequest({ threadId: 1 });
    expect((await paused).body).toMatchObject({ reason: 'pause' });
    const back = client.arrival();
    await client.reverseContinueRequest({ threadId: 1 });
    expect((await back).body).toMatchObject({ reason: 'entry' });
    await client.stop();
    expect(await client.exit()).toBe(0);
  });

  it('ends with a disconnect', async () => {
    const client = await running();
    await client.disconnectRequest();
    expect(await client.exit()).toBe(0);
  });

  it('ends when the client hangs up', async () => {
    const client = await running();
    client.hangUp();
    expect(await client.exit()).toBe(0);
  });
});
