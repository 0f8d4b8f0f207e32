import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { moduleFile, moduleText, WASM_SOURCES } from './wasm-build.ts';

test.each(WASM_SOURCES)('$name is what `npm run wasm` writes', (source) => {
  expect(readFileSync(moduleFile(source), 'utf8')).toBe(moduleText(source));
});
