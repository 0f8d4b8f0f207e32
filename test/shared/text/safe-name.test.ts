import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { safeName } from '../../../shared/text/safe-name.ts';

test.each([
  ['team-a', 'team-a'],
  ['Team A', /^team-a-[0-9a-f]{16}$/],
  ['team--a', /^team-a-[0-9a-f]{16}$/],
  ['../../etc/passwd', /^etc-passwd-[0-9a-f]{16}$/],
  ['a@example.com', /^a-example-com-[0-9a-f]{16}$/],
  ['$(reboot)', /^reboot-[0-9a-f]{16}$/],
  ['équipe\u202e', /^quipe-[0-9a-f]{16}$/],
  ['', /^[0-9a-f]{16}$/],
  ['🙂', /^[0-9a-f]{16}$/],
  ['team-a-0123456789abcdef', /^team-a-0123456789abcdef-[0-9a-f]{16}$/],
  ['x'.repeat(255), /^x{30}-[0-9a-f]{16}$/],
])('%j', (text, name) => {
  if (typeof name === 'string') expect(safeName(text)).toBe(name);
  else expect(safeName(text)).toMatch(name);
});

test('whatever the text: one word, and another text has another, capitals aside', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[aA-]{0,4}$/));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(safeName(a)).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      if (a !== b) expect(safeName(a)).not.toBe(safeName(b));
    }),
    { numRuns: 1000 },
  );
});
