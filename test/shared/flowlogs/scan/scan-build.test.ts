import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { SCAN_MODULE_FILE, scanModuleText } from './scan-build.ts';

test('the compiled scanner is what `npm run wasm` writes', () => {
  expect(readFileSync(SCAN_MODULE_FILE, 'utf8')).toBe(scanModuleText());
});
