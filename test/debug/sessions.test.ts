import { describe, expect, it } from 'vitest';
import { player, TWO_READERS } from './playing';

const play = player();

const LOOP = `routine twice(path) {
  // nothing here
  fd = open(path, O_RDWR)
  pwrite(fd, "x", 0)
}
scenario "a loop" {
  machine { memory = 64M }
  mount xfs at "/data"; file "/data/a" { size = 4 pages; content = "A" }; process p
  for i in 0..4 {
    p: n = i
    p: n = n * 2
  }
  p: twice("/data/a")
}
`;

const FORK = `scenario "fork" {
  machine { memory = 64M }
  process p
  p: m = mmap(NULL, 1 page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  p: store(m, "parent")
  p: fork() as c
  c: store(m, "child")
  p: n = 7
  p: n = 8
}
`;

describe('a session', () => {
  it('goes forwards and back', async () => {
    const log = await play(
      TWO_READERS,
      `
      launch
      threads
      next
      next
      show
      show Process q
      show Changed since the last stop
      back
      show Changed since the last stop
      show Process p
      show Process p / open files
      in
      text
      in
      next
      out
      back
      back
      continue
      exception
      continue
      eval disk.reads
      show
      show Process p
      show Machine
      show Files
      show Files / /data/a
      show Changed since the last stop
      reverse
      reverse
      back
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > threads
        1 scenario: two readers
        2 kernel
        3 p (pid 1)
        4 q (pid 2)
      > next
        step | two readers:9
      > next
        step | two readers:10
      > show
        Process q, Processes, Machine, Files, Changed since the last stop
      > show Process q
        address space = 0 VMAs, resident 0
        open files = 0
        numbers = rss 0
      > show Changed since the last stop
        p.buf = nothing → "A" * 8192
        /data/a, pages 0–1 = new: frame none → 1, U 0 → 1
        frames 1–2 = new: free → file, refcount 0 → 1, uptodate 0 → 1, R 0 → 1
      > back
        step | two readers:9
      > show Changed since the last stop
        p.buf = "A" * 8192 → nothing
        /data/a, pages 0–1 = gone: frame 1 → none, U 1 → 0
        frames 1–2 = gone: file → free, refcount 1 → 0, uptodate 1 → 0, R 1 → 0
      > show Process p
        fa = 3
        address space = 0 VMAs, resident 0
        open files = 1
        numbers = rss 0
      > show Process p / open files
        fd 3 = /data/a, position 0
      > in
        step | read:2 < two readers:9
      > text
        read()
      →   vfs_read()
            filemap_read()
              filemap_get_pages()
                indexes 0–1 of /data/a: miss
                filemap_add_folio()   2 pages
                  frames 1–2 allocated for indexes 0–1 of /data/a
                iomap_read_folio()   2 pages
                  submit_bio()   2 pages
                    blocks 0–1 read from disk into frames 1–2
              folio_mark_accessed()   2 pages
              indexes 0–1: copied to the reader from frames 1–2
      > in
        step | vfs_read:3 < read:2 < two readers:9
      > next
        step | two readers:10
      > out
        says: Failed: memory.cached == 1 page (left is 16384, right is 4096): wrong on purpose (line 14)
        Paused on failed expectation: the expectation does not hold: memory.cached == 1 page: wrong on purpose | two readers:14
      > back
        step | two readers:14
      > back
        step | two readers:12
      > continue
        Paused on failed expectation: the expectation does not hold: memory.cached == 1 page: wrong on purpose | two readers:14
      > exception
        failed expectation: the expectation does not hold: memory.cached == 1 page: wrong on purpose (left is 16384, right is 4096)
      > continue
        says: End of run: 1 of 2 expectations failed; 4 steps, N micro-steps under baseline.
        End of run | two readers:15
      > eval disk.reads
        16384 (4 pages)
      > show
        Processes, Machine, Files, Changed since the last stop
      > show Process p
        error: no Process p among Processes, Machine, Files, Changed since the last stop
      > show Machine
        memory = total 67108864 (16384 pages), used 24576 (6 pages), free 67084288 (16378 pages)
        disk = reads 16384 (4 pages), writes 0, used 16384 (4 pages)
        lru = active 0, inactive 16384 (4 pages), active_anon 0
        faults = minor 0, major 0, link 0
        design = hits 0, breaks 0, copies 0
        stale_reads = 0
        audit_sites = 0
        page_size = 4096 (1 page)
      > show Files
        /data/a = 4 pages, 2 cached
        /data/b = 4 pages, 2 cached
      > show Files / /data/a
        size = 16384 (4 pages)
        cached = 8192 (2 pages)
        dirty = 0
        writeback = 0
        evicted = 0
        extents = 1
        shared_extents = 1
        blocks = 16384 (4 pages)
        nlink = 1
        ino = 2
        mode = 0644
        uid = 0
        content = "A" * 16384
        page[0] = frame 1: refcount 1, mapcount 0, referenced uptodate lru
        page[1] = frame 2: refcount 1, mapcount 0, referenced uptodate lru
        page[2] = not cached
        page[3] = not cached
      > show Changed since the last stop
      > reverse
        Paused on failed expectation: the expectation does not hold: memory.cached == 1 page: wrong on purpose | two readers:14
      > reverse
        Beginning of the run | two readers:8
      > back
        Beginning of the run | two readers:8"
    `);
  });

  it('stops at breakpoints of every kind, in both directions', async () => {
    const log = await play(
      LOOP,
      `
      break 1, 5, 10 if i == 3, 11 hits 4, 12 log n is {p.n} and {nothing}, 10 if i
      functions vfs_write twice frobnicate read pwrite
      launch {"stopOnEntry": false}
      continue
      continue
      continue
      threads
      stack 1
      continue
      continue
      continue
      continue
      reverse
      reverse
      reverse
      reverse
      stack 3
      back in
      back out
      break
      functions
      continue
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> break 1, 5, 10 if i == 3, 11 hits 4, 12 log n is {p.n} and {nothing}, 10 if i
        unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.
      > functions vfs_write twice frobnicate read pwrite
        unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; unverified: No scenario has been launched yet.; line -; line -
      > launch {"stopOnEntry": false}
        breakpoint 3 changed
        breakpoint ? changed
        breakpoint 10 changed
        breakpoint 11 changed
        breakpoint 13 changed
        breakpoint 10 changed
        breakpoint ? changed
        breakpoint ? changed
        breakpoint ? changed
        breakpoint ? changed
        breakpoint ? changed
        thread 1 started
        thread 2 started
        thread 3 started
        breakpoint | a loop:10
      > continue
        breakpoint | a loop:10
      > continue
        breakpoint | a loop:10
      > continue
        breakpoint | a loop:11
      > threads
        1 scenario: a loop
        2 kernel
        3 p (pid 1)
      > stack 1
        a loop:11
      > continue
        breakpoint | a loop:10
      > continue
        says: n is 8 and {nothing: p has not set \`nothing\`} (line 13)
        breakpoint | twice:3 < a loop:13
      > continue
        function breakpoint | pwrite:2 < twice:4 < a loop:13
      > continue
        function breakpoint | vfs_write:3 < pwrite:2 < twice:4 < a loop:13
      > reverse
        function breakpoint | pwrite:2 < twice:4 < a loop:13
      > reverse
        breakpoint | twice:3 < a loop:13
      > reverse
        breakpoint | a loop:10
      > reverse
        breakpoint | a loop:11
      > stack 3
        a loop:11
      > back in
        step | a loop:10
      > back out
        breakpoint | a loop:10
      > break
        
      > functions
        
      > continue
        says: End of run: 2 steps, N micro-steps under baseline.
        End of run | a loop:14"
    `);
  });

  it('runs lines typed in the console, and sets variables', async () => {
    const log = await play(
      TWO_READERS,
      `
      launch
      next
      next
      back
      run p: more = pread(fa, 1 page, 2 pages)
      eval p.more
      eval disk.reads
      next
      back
      back
      next
      run q: open("/nowhere", O_RDONLY)
      run p: read(
      run memory.free
      show Process q
      eval len(p.more)
      next
      set x = 5
      back
      set more = 5
      next
      next
      complete p.
      complete q: re
      complete file("/data/a").page[0].flags.d
      eval p.more == "A" * 1 page
      eval nonsense
      ask evaluate {"expression":"disk.reads","format":{"hex":true}}
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        thread 4 started
        entry | two readers:8
      > next
        step | two readers:9
      > next
        step | two readers:10
      > back
        step | two readers:9
      > run p: more = pread(fa, 1 page, 2 pages)
        "A" * 4096
        step | two readers:9
      > eval p.more
        "A" * 4096
      > eval disk.reads
        4096 (1 page)
      > next
        step | two readers:10
      > back
        step | two readers:9
      > back
        step | two readers:9
      > next
        step | two readers:9
      > run q: open("/nowhere", O_RDONLY)
        error: q: open("/nowhere", O_RDONLY) fails with ENOENT: there is no file /nowhere: nothing is mounted at or above it: say mount xfs at "/" first
        step | two readers:9
      > run p: read(
        error: expected a value or \`)\`, found the end of the line
      > run memory.free
        67096576 (16381 pages)
      > show Process q
        error: no Process q among Process p, Processes, Machine, Files, Changed since the last stop
      > eval len(p.more)
        4096
      > next
        step | two readers:10
      > set x = 5
        error: There is no x here.
      > back
        step | two readers:9
      > set more = 5
        step | two readers:9
      > next
        step | two readers:10
      > next
        step | two readers:11
      > complete p.
        fa buf more pid exit_status term_signal alive rss pss pss_dirty pss_anon pss_file pss_shmem shared_clean shared_dirty private_clean private_dirty referenced anonymous ksm lazyfree anon_huge_pages shmem_pmd_mapped file_pmd_mapped shared_hugetlb private_hugetlb swap swap_pss locked rss_anon rss_file rss_shmem vm_size vm_swap minflt majflt page_tables vmas pte vma
      > complete q: re
        rename read readahead reclaim
      > complete file("/data/a").page[0].flags.d
        dirty dropbehind
      > eval p.more == "A" * 1 page
        error: the integer 5 and the content "A" * 4096 can't be compared
      > eval nonsense
        error: q has not set \`nonsense\`
      > ask evaluate {"expression":"disk.reads","format":{"hex":true}}
        {"result":"0x3000 (3 pages)","variablesReference":0}"
    `);
  });

  it('stops where a value changes, in both directions, and reads memory', async () => {
    const log = await play(
      FORK,
      `
      launch
      data memory.anon, p.n, frame[1].mapcount, nonsense
      continue
      continue
      continue
      continue
      continue
      reverse
      reverse
      reverse
      data
      continue
      eval p.m
      show Processes / p / address space
      show Processes / c / address space / 0x7ffff7ffe000-0x7ffff7fff000
      show Processes / c / address space / 0x7ffff7ffe000-0x7ffff7fff000 / 0x7ffff7ffe000
      ask readMemory {"memoryReference": "1:0x7ffff7ffe000", "offset": 4090, "count": 10}
      ask readMemory {"memoryReference": "2:0x7ffff7ffe000", "count": 4}
      ask dataBreakpointInfo {"name": "memory.anon"}
      ask dataBreakpointInfo {"name": "1 +"}
      `,
    );
    expect(log).toMatchInlineSnapshot(`
      "> launch
        thread 1 started
        thread 2 started
        thread 3 started
        entry | fork:4
      > data memory.anon, p.n, frame[1].mapcount, nonsense
        line -; line -; line -; line -
      > continue
        memory.anon, frame[1].mapcount changed | do_anonymous_page:10 < handle_pte_fault:6 < handle_mm_fault:5 < exc_page_fault:4 < store:2 < fork:5
      > continue
        frame[1].mapcount changed | copy_present_ptes:12 < copy_page_range:11 < dup_mmap:7 < dup_mm:6 < copy_process:5 < kernel_clone:3 < fork:2 < fork:6
      > continue
        thread 4 started
        memory.anon changed | wp_page_copy:9 < do_wp_page:7 < handle_pte_fault:6 < handle_mm_fault:5 < exc_page_fault:4 < store:2 < fork:7
      > continue
        frame[1].mapcount changed | wp_page_copy:10 < do_wp_page:7 < handle_pte_fault:6 < handle_mm_fault:5 < exc_page_fault:4 < store:2 < fork:7
      > continue
        p.n changed | fork:9
      > reverse
        p.n changed | fork:8
      > reverse
        frame[1].mapcount changed | wp_page_copy:10 < do_wp_page:7 < handle_pte_fault:6 < handle_mm_fault:5 < exc_page_fault:4 < store:2 < fork:7
      > reverse
        memory.anon changed | wp_page_copy:9 < do_wp_page:7 < handle_pte_fault:6 < handle_mm_fault:5 < exc_page_fault:4 < store:2 < fork:7
      > data
        
      > continue
        says: End of run: 4 steps, N micro-steps under baseline.
        End of run | fork:10
      > eval p.m
        0x7ffff7ffe000
      > show Processes / p / address space
        0x7ffff7ffe000-0x7ffff7fff000 = rw-p 1 page anonymous
      > show Processes / c / address space / 0x7ffff7ffe000-0x7ffff7fff000
        start = 0x7ffff7ffe000
        end = 0x7ffff7fff000
        size = 4096 (1 page)
        prot = 3
        shared = false
        uffd_missing = false
        uffd_wp = false
        uffd_minor = false
        offset = 0
        path = 
        rss = 4096 (1 page)
        pss = 4096 (1 page)
        pss_dirty = 4096 (1 page)
        pss_anon = 4096 (1 page)
        pss_file = 0
        pss_shmem = 0
        shared_clean = 0
        shared_dirty = 0
        private_clean = 0
        private_dirty = 4096 (1 page)
        referenced = 4096 (1 page)
        anonymous = 4096 (1 page)
        ksm = 0
        lazyfree = 0
        anon_huge_pages = 0
        shmem_pmd_mapped = 0
        file_pmd_mapped = 0
        shared_hugetlb = 0
        private_hugetlb = 0
        swap = 0
        swap_pss = 0
        locked = 0
        0x7ffff7ffe000 = frame 2 writable accessed dirty soft_dirty exclusive
      > show Processes / c / address space / 0x7ffff7ffe000-0x7ffff7fff000 / 0x7ffff7ffe000
        present = true
        writable = true
        accessed = true
        dirty = true
        soft_dirty = true
        guard = false
        uffd_wp = false
        poisoned = false
        swapped = false
        swap_offset = 0
        swap_count = 0
        special = false
        exclusive = true
        huge = false
        pfn = 2
        page = frame 2: refcount 1, mapcount 1, uptodate lru anon_exclusive swapbacked anon
      > ask readMemory {"memoryReference": "1:0x7ffff7ffe000", "offset": 4090, "count": 10}
        {"address":"0x7ffff7ffeffa","data":"AAAAAAAA","unreadableBytes":4}
      > ask readMemory {"memoryReference": "2:0x7ffff7ffe000", "count": 4}
        {"address":"0x7ffff7ffe000","data":"Y2hpbA=="}
      > ask dataBreakpointInfo {"name": "memory.anon"}
        {"dataId":"memory.anon","description":"memory.anon","accessTypes":["write"],"canPersist":true}
      > ask dataBreakpointInfo {"name": "1 +"}
        {"dataId":null,"description":"expected a value, found the end of the line"}"
    `);
  });
});
