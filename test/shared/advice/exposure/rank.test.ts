import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { exposureOf } from '../../../../shared/advice/exposure/exposure.ts';
import { idlenessOf, rankOf, type RankFacts } from '../../../../shared/advice/exposure/rank.ts';
import type { Verdict } from '../../../../shared/verdicts/verdict.ts';
import { inventoryOfWorld, type World } from '../world.ts';
import { windowOf } from '../../../../shared/time.ts';

const DAY = 86_400;
/** Midnight after the last of 90 days. */
const AS_OF = Date.UTC(2026, 3, 1) / 1000;
const WINDOW = windowOf(AS_OF, 90);

const VERDICTS: Readonly<Record<string, Verdict>> = {
  stale: { kind: 'stale', ageUnknown: false },
  unattached: { kind: 'unattached', referred: false, ageUnknown: false },
  active: { kind: 'active', unanswered: false },
  redundant: { kind: 'redundant', coveredBy: ['r2'], ageUnknown: false },
  exempt: { kind: 'exempt', reason: 'x', until: null } as Verdict,
  notObserved: {
    kind: 'notObserved',
    reason: 'notWatched',
    watchedDays: 3,
    days: 90,
    because: 'notCovered',
    interfaceId: null,
  },
  tooYoung: { kind: 'tooYoung', young: 'rule', since: '2026-03-14T00:00:00Z', nextBetterDay: '2026-06-12' },
};

/** @param daysAgo of the latest use: 1 is the last day of the window; undefined for none */
function facts(verdict: string, daysAgo: number | undefined): RankFacts {
  const lastSeen = daysAgo === undefined ? -1 : AS_OF - daysAgo * DAY + 60;
  return { verdict: VERDICTS[verdict]!, window: WINDOW, lastSeen };
}

function exposure(rule: string, more: Partial<World> = {}): number {
  const inventory = inventoryOfWorld({ rules: [`r1 sg-a ${rule}`], ...more });
  return exposureOf(inventory.rules[0]!, inventory);
}

/** Of the table in README.md: what a reader is told is what the program says. */
const ROWS = readFileSync(new URL('../../../../shared/advice/README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| `(in|out) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .map(([, rule, verdict, , exposed, idle, score]) => [rule!, verdict!, exposed!, idle!, score!] as const);

describe('the examples of the README', () => {
  test('are there', () => {
    expect(ROWS.length).toBeGreaterThan(8);
  });

  test.each(ROWS)('%s, %s', (rule, said, exposed, idle, score) => {
    const [verdict = '', ...rest] = said.split(', ');
    const ago = rest.map((text) => /^seen (\d+) days before the end$/.exec(text)).find((found) => found !== null);
    const inventory = inventoryOfWorld({ rules: [`r1 sg-a ${rule}`] });
    const rank = rankOf(inventory.rules[0]!, facts(verdict, ago ? Number(ago[1]) + 1 : undefined), inventory);
    expect([rank.exposure.toFixed(2), rank.idleness.toFixed(2), rank.score.toFixed(1)]).toEqual([exposed, idle, score]);
  });
});

describe('exposure', () => {
  const cidr4 = fc
    .tuple(fc.nat(0xffffffff), fc.nat(32))
    .map(([word, length]) => ({ text: [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.'), length }));
  const cidr6 = fc
    .tuple(fc.constantFrom('2001:db8::', 'fc00:1:2:3::', 'fe80::1', 'fdff:ffff::'), fc.nat(128))
    .map(([text, length]) => ({ text, length }));
  const port = fc.nat(65_535);
  const protocol = fc.constantFrom('tcp', 'udp');
  const direction = fc.constantFrom('in', 'out');

  test('is 0 to 1, and never smaller for a wider CIDR or more ports', () => {
    fc.assert(
      fc.property(
        fc.oneof(cidr4, cidr6),
        fc.nat(128),
        fc.tuple(port, port, port, port),
        protocol,
        direction,
        ({ text, length }, shorter, ports, named, way) => {
          const [a, b, c, d] = [...ports].sort((x, y) => x - y) as [number, number, number, number];
          const narrow = exposure(`${way} ${named} ${String(b)}..${String(c)} ${text}/${String(length)}`);
          const wide = exposure(
            `${way} ${named} ${String(a)}..${String(d)} ${text}/${String(Math.min(shorter, length))}`,
          );
          const all = exposure(`${way} -1 ${text}/${String(Math.min(shorter, length))}`);
          return narrow > 0 && narrow <= wide && wide <= all && all <= 1;
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  test('is never smaller for more entries of a list', () => {
    fc.assert(
      fc.property(fc.array(cidr4, { minLength: 1, maxLength: 9 }), (cidrs) => {
        const entries = cidrs.map(({ text, length }) => `${text}/${String(length)}`);
        const shares = entries.map((_, i) =>
          exposure('in tcp 443 pl-1', { lists: { 'pl-1': entries.slice(0, i + 1) } }),
        );
        return shares.every((share, i) => i === 0 || share >= shares[i - 1]!);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test.each<[more: string, less: string]>([
    ['in tcp 22 0.0.0.0/0', 'in tcp 443 0.0.0.0/0'],
    ['in tcp 443 8.0.0.0/8', 'in tcp 443 10.0.0.0/8'],
    ['in tcp 443 0.0.0.0/0', 'out tcp 443 0.0.0.0/0'],
    ['in tcp 443 0.0.0.0/0', 'in icmp -1/-1 0.0.0.0/0'],
    ['in tcp 443 0.0.0.0/0', 'in tcp 443 sg-x'],
    ['in -1 0.0.0.0/0', 'in tcp 0-65535 10.0.0.0/8'],
  ])('%s is more than %s', (more, less) => {
    expect(exposure(more)).toBeGreaterThan(exposure(less));
  });
});

describe('idleness', () => {
  test.each(Object.keys(VERDICTS))('%s: is 0 to 1, and a longer silence never makes it smaller', (verdict) => {
    const shares = [...Array.from({ length: 200 }, (_, daysAgo) => daysAgo), undefined].map((ago) =>
      idlenessOf(facts(verdict, ago)),
    );
    for (const [i, share] of shares.entries()) {
      expect(share).toBeGreaterThanOrEqual(shares[i - 1] ?? 0);
      expect(share).toBeLessThanOrEqual(1);
    }
  });

  test('of a rule used today, and of one kept on purpose, is none', () => {
    expect(idlenessOf(facts('active', 1))).toBe(0);
    expect(idlenessOf(facts('exempt', undefined))).toBe(0);
  });
});
