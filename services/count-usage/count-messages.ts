import { figuresOf, type BatchFigures, type EventOutcome } from './batch-figures.ts';
import { countContents, endingOf, type CountContentsPorts, type Counting } from './count-contents.ts';
import { classify, type Classified } from './flow-log-object.ts';
import { readObjectEvents } from './object-events.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';

export interface Ports extends CountContentsPorts {
  readonly deployment: AccountRegion;
  readonly report: (figures: BatchFigures) => void;
}

/**
 * Counts the objects that a batch of messages names, and settles every message by itself: fulfilled if all that it names
 * is done, now or before; rejected, so that it is delivered again, if anything of it is not.
 *
 * Nothing is lost silently. A message is done only when each of its events is in one of these cases:
 * - counted now, or noted as counted before: `countObjects` has the argument;
 * - it names no flow log of this deployment, which no later delivery changes: counted as skipped, by reason;
 * - its content cannot be had (`gone`, `overwritten`), or nobody knows whether it was counted (`tooOld`): counted as
 *   skipped, and *before* that its day is marked for the night. If marking fails, the message comes again.
 * Dies in here, anywhere: no message is done, all come again, and the notes tell what was counted.
 */
export async function countMessages(
  messages: readonly { readonly body: string }[],
  ports: Ports,
): Promise<PromiseSettledResult<void>[]> {
  const read = await Promise.allSettled(messages.map(async ({ body }) => Promise.resolve(eventsIn(body, ports))));
  const events = read.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const contents = events.flatMap((event) => (event.kind === 'flowLog' ? [event.object] : []));
  const counting = await countContents(contents, ports);

  const mark = onceEach(ports.store);
  const endings: EventOutcome[] = [];
  const settled = await Promise.allSettled(
    read.map(async (one) => {
      if (one.status === 'rejected') throw one.reason;
      const own = one.value.map((event) => endingOfEvent(event, counting));
      endings.push(...own);
      await conclude(own, mark);
    }),
  );
  const unreadable = read.filter(({ status }) => status === 'rejected').length;
  ports.report(figuresOf(endings, { ...counting.sums, unreadable }, ports.now()));
  return settled;
}

type Event = Classified | { readonly kind: 'testEvent' | 'otherEvent' };

function eventsIn(body: string, { deployment, now }: Ports): Event[] {
  return readObjectEvents(body).map((event) =>
    typeof event === 'string' ? { kind: event } : classify(event, deployment, now()),
  );
}

function endingOfEvent(event: Event, counting: Counting): EventOutcome {
  if (event.kind === 'flowLog') return endingOf(event.object, counting);
  if (event.kind === 'tooOld') return { kind: 'skipped', reason: event.kind, object: event.object };
  return { kind: 'skipped', reason: event.kind };
}

type MarkDay = Ports['store']['markDay'];

/**
 * Marks the days of what was skipped.
 *
 * @throws the error of the first object that failed, or of a day that could not be marked
 */
async function conclude(endings: readonly EventOutcome[], markDay: MarkDay): Promise<void> {
  for (const ending of endings) {
    if ('error' in ending) throw ending.error;
    if (ending.kind !== 'skipped' || !('object' in ending)) continue;
    // What is delivered about midnight holds records of the day before as well.
    const { day } = ending.object;
    for (const marked of [day - 1, day]) await markDay(marked, ending.reason);
  }
}

/** Marks a day once, however many objects ask for it. */
function onceEach(store: Ports['store']): MarkDay {
  const marks = new Map<string, Promise<void>>();
  return (day, reason) => {
    const key = `${day} ${reason}`;
    const marked = marks.get(key) ?? store.markDay(day, reason);
    marks.set(key, marked);
    return marked;
  };
}
