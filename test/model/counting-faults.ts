/** What the model promises. Each is the name of what `counting.pml` asserts. */
export const PROMISES = [
  'fileIsThere',
  'ackedIsNoted',
  'countedOnce',
  'sumsAgree',
  'itemAgrees',
  'itemNeverBack',
  'prefixIsRead',
  'wholeInTheEnd',
] as const;

/** How many of each; without workers one process stands for any number of them. */
export type Processes = Readonly<Record<'WORKERS' | 'COMPACTORS' | 'READERS', number>> & { readonly READ_DAYS?: 1 };

/** One way to get counting wrong. */
export interface ModelFault {
  readonly name: string;
  /** The promise that it breaks; of several the one that SPIN comes upon first. */
  readonly breaks: (typeof PROMISES)[number];
  /** Who takes part: as few as it takes. */
  readonly processes: Processes;
  /** Texts of the model, each of which stands in it exactly once, and what each becomes. */
  readonly texts: readonly (readonly [text: string, fault: string])[];
}

const COMMITTED = `       notes = notes | mine;
       if
       :: ack(mine); goto dead`;
const DEAD_WORKER = 'dead:\n  atomic { mine = 0; last = 0; goto start }';
const ADVANCE = 'through == from && !CONFLICT(todo) -> advance()';
const WITHOUT_NOTES = [
  [':: notes & mine -> /*', ':: false -> /*'],
  ['!(notes & mine) && last != seq', 'last != seq'],
  ['!(notes & mine) && last == seq', 'last == seq'],
] as const;

export const MODEL_FAULTS: readonly ModelFault[] = [
  {
    name: 'notes are put without their condition',
    breaks: 'countedOnce',
    processes: { WORKERS: 1, COMPACTORS: 0, READERS: 0 },
    texts: WITHOUT_NOTES,
  },
  {
    name: 'notes are put after the batch, in a call of their own',
    breaks: 'countedOnce',
    processes: { WORKERS: 1, COMPACTORS: 0, READERS: 0 },
    texts: [
      [COMMITTED, '       if\n       :: goto note'],
      [DEAD_WORKER, `note:\n  atomic { if :: notes = notes | mine; ack(mine) :: goto dead fi }\n${DEAD_WORKER}`],
    ],
  },
  {
    name: 'notes are put before the batch, in a call of their own',
    breaks: 'wholeInTheEnd',
    processes: { WORKERS: 1, COMPACTORS: 0, READERS: 0 },
    texts: [
      ['    last = seq\n', '    if :: notes & mine -> goto dead :: else -> notes = notes | mine; last = seq fi\n'],
      ...WITHOUT_NOTES,
    ],
  },
  {
    name: 'the next number is taken without a condition',
    breaks: 'wholeInTheEnd',
    processes: { WORKERS: 2, COMPACTORS: 0, READERS: 0 },
    texts: [
      ['!(notes & mine) && last != seq', 'false'],
      ['!(notes & mine) && last == seq && seq < MOST', '!(notes & mine) && last < MOST'],
      ['       seq++;\n', '       seq = last + 1;\n'],
    ],
  },
  {
    name: 'the file is written after the commit',
    breaks: 'fileIsThere',
    processes: { WORKERS: 1, COMPACTORS: 0, READERS: 0 },
    texts: [
      ['       filed = filed | BIT(seq);\n', ''],
      [COMMITTED, '       notes = notes | mine; last = seq;\n       if\n       :: goto file'],
      [DEAD_WORKER, `file:\n  atomic { if :: filed = filed | BIT(last); ack(mine) :: goto dead fi }\n${DEAD_WORKER}`],
    ],
  },
  {
    name: 'who has lost the number takes its objects for counted',
    breaks: 'ackedIsNoted',
    processes: { WORKERS: 2, COMPACTORS: 0, READERS: 0 },
    texts: [
      [
        '/* Another has the number; the refusal tells the next. */\n       last = seq; goto commit',
        'ack(mine); goto dead',
      ],
    ],
  },
  {
    name: 'a whole batch is taken for counted where one of its objects is',
    breaks: 'ackedIsNoted',
    processes: { WORKERS: 1, COMPACTORS: 0, READERS: 0 },
    texts: [['       ack(mine & notes);\n', '       ack(mine); goto dead;\n']],
  },
  {
    name: '`through` is moved without its condition',
    breaks: 'countedOnce',
    processes: { WORKERS: 0, COMPACTORS: 2, READERS: 0 },
    texts: [[ADVANCE, '!CONFLICT(todo) -> advance()']],
  },
  {
    name: 'sums are written under the name that is read, before `through` moves',
    breaks: 'countedOnce',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [
      [
        '  new = new | (n & OF(at) -> w : 0)\n',
        '  new = new | (n & OF(at) -> w : 0);\n  sums[at] = (n & OF(at) -> w : sums[at])\n',
      ],
    ],
  },
  {
    name: '`through` moves before the sums, in a call of its own',
    breaks: 'sumsAgree',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [
      [ADVANCE, 'through == from -> through = to :: goto dead fi }\n  atomic { if :: !CONFLICT(todo) -> advance()'],
    ],
  },
  {
    name: 'items are put without `through < S`',
    breaks: 'itemNeverBack',
    processes: { WORKERS: 0, COMPACTORS: 2, READERS: 0 },
    texts: [['  :: itemUpTo[x] < label ->\n', '  :: true ->\n']],
  },
  {
    name: 'items are added to',
    breaks: 'itemAgrees',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [['item[x] = COUNT(new, x);', 'item[x] = item[x] + COUNT(new, x);']],
  },
  {
    name: '`counters` is noted before the items are put',
    breaks: 'wholeInTheEnd',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [[ADVANCE, 'through == from && !CONFLICT(todo) -> advance(); noteShown()']],
  },
  {
    name: 'what a dead compactor has not shown is not shown again',
    breaks: 'wholeInTheEnd',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [
      ['behind = (shown < from);', 'behind = 0;'],
      ['  :: shown < from ->\n', '  :: false ->\n'],
    ],
  },
  {
    name: 'what is shown again bears the number of the pointer, and not of the sums',
    breaks: 'itemAgrees',
    processes: { WORKERS: 0, COMPACTORS: 2, READERS: 0 },
    texts: [['     label = UPTO(at);\n', '     label = from;\n']],
  },
  {
    name: 'what is shown again is the sums as they are seen, however far they go',
    breaks: 'wholeInTheEnd',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [[':: x > UPTO(at) -> goto dead', ':: false -> goto dead']],
  },
  {
    name: 'a query that misses a batch and sees a later one is believed',
    breaks: 'sumsAgree',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 0 },
    texts: [
      ['proctype Compactor() {\n', 'proctype Compactor() {\n  byte missed;\n'],
      ['hidden byte from,', 'hidden byte missed, from,'],
      ['  atomic { if :: seq > from -> readLog()', '  missed = seq + 1;\n  atomic { if :: seq > missed -> readLog()'],
      [
        'hold(fileIsThere, filed & BIT(b)); addObjects(batch[b], at); b++',
        'if :: b != missed -> addObjects(batch[b], at) :: else fi; b++',
      ],
    ],
  },
  {
    name: 'sums are read before `counters`',
    breaks: 'prefixIsRead',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 1 },
    texts: [
      ['fi; from = counters }', 'fi; early = SUMS(one); earlyUpTo = UPTO(one) }'],
      ['atomic { early = SUMS(one); earlyUpTo = UPTO(one) }', 'atomic { from = counters }'],
    ],
  },
  {
    name: '`through` is believed as to what is in the sums that are read after it',
    breaks: 'prefixIsRead',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 1 },
    texts: [['fi; from = counters }', 'fi; from = through }']],
  },
  {
    name: 'all batches behind `counters` are added, also those that the sums hold by now',
    breaks: 'prefixIsRead',
    processes: { WORKERS: 0, COMPACTORS: 1, READERS: 1 },
    texts: [[':: b > earlyUpTo ->', ':: true ->']],
  },
];
