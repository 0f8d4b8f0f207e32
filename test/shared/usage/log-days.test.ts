import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addLogDay, emptyLogDay, hoursHeard, noteFile, noteSlot, slotsHeard } from '../../../shared/usage/log-days.ts';

/** `12 12 0 6`: files in so many slots of hours 0, 1, …; records ended in hours of which anything is said. */
function heard(text: string): number {
  const log = emptyLogDay();
  for (const [hour, count] of text.split(' ').entries()) {
    log.hours |= 1 << hour;
    for (let slot = 0; slot < Number(count); slot++) noteSlot(log, 12 * hour + slot);
  }
  return hoursHeard(log);
}

/** `12*24`: the number so often. */
function times(text: string): string {
  return text.replaceAll(/(\d+)\*(\d+)/g, (_, count: string, often: string) =>
    Array.from({ length: Number(often) }, () => count).join(' '),
  );
}

describe('hours in which a log was heard, by the files of each', () => {
  test.each<[counts: string, hours: number, why: string]>([
    ['0*24', 24, 'names tell nothing: the ends of records do'],
    ['1*24', 24, 'one an hour'],
    ['1*20', 20, 'one an hour'],
    ['1*1 0*23', 24, 'one a day'],
    ['12*24', 24, 'all'],
    ['12*22', 22, 'all of 22 hours'],
    ['11*24', 22, 'one in twelve is missing in each'],
    ['9*24', 18, 'one in four'],
    ['6*24', 24, 'six an hour may be all of a log with windows of ten minutes'],
    ['6*16 7*8', 16 * 0.5 + (8 * 7) / 12, 'seven in a third of the hours are too many for that'],
    ['6*17 7*7', 24, 'in fewer not'],
    ['5*8 6*16', (8 * 5) / 6 + 16, 'five now and then are one too few'],
    ['1*16 12*8', 16 / 12 + 8, 'hours with all of theirs show what the others lack'],
    ['1*17 12*7', 24, 'hours copied again and again are no rule'],
    ['5*24', 20, 'of five it is the sixth that is missing'],
    ['2*24', 24, 'twice an hour'],
    ['3*12 4*12', 21, 'of three a fourth'],
  ])('%s: %d (%s)', (counts, hours) => {
    expect(heard(times(counts))).toBeCloseTo(hours, 10);
  });

  test('what ended in an hour without a file of its own counts with its file', () => {
    const log = emptyLogDay();
    log.hours = 0xffffff;
    for (let slot = 0; slot < 288; slot += 2) noteSlot(log, slot);
    expect(hoursHeard(log)).toBe(24);
    log.slots[5] = 0;
    expect(hoursHeard(log)).toBe(23);
  });
});

test.each([
  [{ hour: 0, minute: 0 }, 0],
  [{ hour: 0, minute: 4 }, 0],
  [{ hour: 0, minute: 5 }, 1],
  [{ hour: 13, minute: 59 }, 167],
  [{ hour: 23, minute: 55 }, 287],
])('a file of %j is of slot %d', (named, slot) => {
  const log = emptyLogDay();
  noteFile(log, named);
  expect(slotsHeard(log)).toEqual([slot]);
});

test('slots of files counted apart are those of all of them, however often each comes', () => {
  const slots = fc.array(fc.nat(287));
  const logOf = (some: readonly number[]) => {
    const log = emptyLogDay();
    for (const slot of some) noteSlot(log, slot);
    return log;
  };
  fc.assert(
    fc.property(slots, slots, (one, other) => {
      const sum = logOf(one);
      addLogDay(sum, logOf(other));
      expect(slotsHeard(sum)).toEqual([...new Set([...one, ...other])].sort((a, b) => a - b));
    }),
  );
});
