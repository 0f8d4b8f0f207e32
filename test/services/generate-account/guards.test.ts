import { describe, expect, test } from '@jest/globals';
import { TrueAdmission } from '../../../services/generate-account/connections/true-admission.ts';
import { Random } from '../../../services/generate-account/random/random.ts';
import { provePurposes } from '../../../services/generate-account/truth/rules-truth.ts';
import { Tally, type Visibility } from '../../../services/generate-account/truth/tally.ts';
import type { Purpose } from '../../../services/generate-account/world/entities.ts';
import { endpoint, WorldBuilder } from '../../../services/generate-account/world/world-builder.ts';

const USED = { kind: 'used' } as const;

function smallWorld(): WorldBuilder {
  const b = new WorldBuilder(new Random(1, 'test'));
  b.group(b.vpc('prod', '111122223333', ['10.20.0.0/16']), 'web', '');
  return b;
}

describe('a purpose', () => {
  test.each<[purpose: Purpose, seen: Visibility | 'sole' | 'late' | 'nothing', isProved: boolean]>([
    [{ kind: 'stale', why: '', observed: true }, 'nothing', true],
    [{ kind: 'stale', why: '', observed: true }, 'counted', false],
    [{ kind: 'stale', why: '', observed: true }, 'unlogged', false],
    [{ kind: 'unattached' }, 'setAside', false],
    [{ kind: 'redundant', cover: [] }, 'counted', true],
    [{ kind: 'redundant', cover: [] }, 'sole', false],
    [{ kind: 'unseen', why: '' }, 'unlogged', true],
    [{ kind: 'unseen', why: '' }, 'counted', false],
    [{ kind: 'quiet', since: 1000 }, 'counted', true],
    [{ kind: 'quiet', since: 1000 }, 'late', false],
    [USED, 'sole', true],
  ])('%j, and then %s: %s', (purpose, seen, isProved) => {
    const b = smallWorld();
    const both = [
      b.addRule('web', ['in tcp 443 0.0.0.0/0', purpose]),
      b.addRule('web', ['in tcp 443 10.0.0.0/8', USED]),
    ];
    const contents = both.map((rule) => rule.contents[0]!);
    const tally = new Tally(contents.length);
    const start = seen === 'late' ? 5000 : 500;
    if (seen !== 'nothing') {
      const visibility = seen === 'sole' || seen === 'late' ? 'counted' : seen;
      tally.request(seen === 'sole' ? contents.slice(0, 1) : contents, start, start + 60, visibility);
    }
    const prove = () => provePurposes(contents, tally, 600);
    if (isProved) expect(prove).not.toThrow();
    else expect(prove).toThrow(/web\|in tcp 443 0\.0\.0\.0\/0 is not/);
  });
});

test('an edited rule admits by the content that is in force, and by no other', () => {
  const b = smallWorld();
  const rule = b.addEditedRule('web', 'in tcp 80 0.0.0.0/0', 1000, ['in tcp 80 198.18.0.0/15', USED]);
  const admission = new TrueAdmission(b.contents);
  const admitted = (peer: string, at: number) =>
    admission
      .admitting(b.groupSet(['web']), {
        direction: 'ingress',
        protocol: 6,
        servicePort: 80,
        peer: endpoint(peer, 'internet'),
        peerVia: undefined,
        at,
      })
      .map(({ label }) => label);
  expect(admitted('192.0.2.1', 999)).toEqual([`${rule.id}@1`]);
  expect(admitted('192.0.2.1', 1000)).toEqual([]);
  expect(admitted('198.18.0.1', 999)).toEqual([`${rule.id}@1`]);
  expect(admitted('198.18.0.1', 1000)).toEqual([rule.id]);
});
