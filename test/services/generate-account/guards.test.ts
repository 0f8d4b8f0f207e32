import { describe, expect, test } from '@jest/globals';
import { type ServiceFlow, TrueAdmission } from '../../../services/generate-account/connections/true-admission.ts';
import { Random } from '../../../services/generate-account/random/random.ts';
import { provePurposes } from '../../../services/generate-account/truth/rules-truth.ts';
import { Tally, type Visibility } from '../../../services/generate-account/truth/tally.ts';
import { type Purpose, USED, used } from '../../../services/generate-account/world/purposes.ts';
import { endpoint, WorldBuilder } from '../../../services/generate-account/world/world-builder.ts';

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
    [USED, 'counted', true],
    [used('movedGroup'), 'sole', true],
    [used('movedGroup'), 'nothing', true],
    [used('movedGroup'), 'counted', false],
    [{ kind: 'void' }, 'nothing', true],
    [{ kind: 'void' }, 'setAside', false],
    [{ kind: 'awaited', because: 'warmStandby' }, 'nothing', true],
    [{ kind: 'awaited', because: 'warmStandby' }, 'counted', false],
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

/** Ids of the contents that admit a connection to the web server. */
function admitting(b: WorldBuilder, flow: Partial<ServiceFlow> & Pick<ServiceFlow, 'peer' | 'at'>): string[] {
  const whole = {
    direction: 'ingress',
    protocol: 6,
    servicePort: 80,
    peerVia: undefined,
    isThroughMiddlebox: false,
  } as const;
  return new TrueAdmission(b.contents).admitting(b.groupSet(['web']), { ...whole, ...flow }).map(({ label }) => label);
}

test('an edited rule admits by the content that is in force, and by no other', () => {
  const b = smallWorld();
  const rule = b.addEditedRule('web', 'in tcp 80 0.0.0.0/0', 1000, ['in tcp 80 198.18.0.0/15', USED]);
  const at = (peer: string, at: number) => admitting(b, { peer: endpoint(peer, 'internet'), at });
  expect(at('192.0.2.1', 999)).toEqual([`${rule.id}@1`]);
  expect(at('192.0.2.1', 1000)).toEqual([]);
  expect(at('198.18.0.1', 999)).toEqual([`${rule.id}@1`]);
  expect(at('198.18.0.1', 1000)).toEqual([rule.id]);
});

test('a prefix list admits by the entries that it has at the time', () => {
  const b = smallWorld();
  b.changedPrefixList('office', '111122223333', 1000, ['192.0.2.0/28'], ['192.0.2.128/28']);
  const rule = b.addRule('web', ['in tcp 80 pl:office', USED]);
  const at = (peer: string, at: number) => admitting(b, { peer: endpoint(peer, 'internet'), at });
  expect(at('192.0.2.1', 999)).toEqual([rule.id]);
  expect(at('192.0.2.1', 1000)).toEqual([]);
  expect(at('192.0.2.129', 999)).toEqual([]);
  expect(at('192.0.2.129', 1000)).toEqual([rule.id]);
});

test('through a middlebox a group admits nothing, and a block does', () => {
  const b = smallWorld();
  const byGroup = b.addRule('web', ['in tcp 80 sg:web', USED]);
  const byBlock = b.addRule('web', ['in tcp 80 10.20.0.0/16', USED]);
  const peer = endpoint('10.20.0.9', 'vpc', b.groupSet(['web']));
  expect(admitting(b, { peer, at: 1 })).toEqual([byGroup.id, byBlock.id]);
  expect(admitting(b, { peer, at: 1, isThroughMiddlebox: true })).toEqual([byBlock.id]);
});
