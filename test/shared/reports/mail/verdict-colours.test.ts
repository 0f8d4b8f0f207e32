import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { VERDICT_COLOURS } from '../../../../shared/reports/mail/verdict-colours.ts';

const STYLE = join(import.meta.dirname, '../../../../shared/reports/page/page.css');

test.each(Object.entries(VERDICT_COLOURS))('%s has the same colours in page and mail', (kind, [light, dark]) => {
  expect(readFileSync(STYLE, 'utf8')).toContain(`--${kind}: light-dark(${light}, ${dark});`);
});
