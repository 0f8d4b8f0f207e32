import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startProgress } from '../../../../services/command-line/terminal/progress.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SHOW_CURSOR = '\u001b[?25h';

let shown = '';
let isTTY = false;
beforeEach(() => {
  shown = '';
  ({ isTTY } = process.stderr);
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});

const listeners = (): number => SIGNALS.reduce((sum, signal) => sum + process.listenerCount(signal), 0);

describe('on a terminal', () => {
  beforeEach(() => {
    process.stderr.isTTY = true;
  });

  test('tells how far the reading is, and leaves the terminal as it was', () => {
    const before = listeners();
    const progress = startProgress(1000);
    progress.update(500, 1234);
    progress.stop();
    expect(shown).toMatch(/50 % · 1,234 records · [\d,]+\/s/);
    expect(shown.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(shown.lastIndexOf('records'));
    expect(listeners()).toBe(before);
  });

  test('nothing to read is no division by zero', () => {
    const progress = startProgress(0);
    progress.update(0, 0);
    progress.stop();
    expect(shown).not.toMatch(/NaN|Infinity/);
  });

  test.each(SIGNALS)('%s: gives the cursor back, and ends the program all the same', (signal) => {
    const before = listeners();
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    startProgress(1000);
    expect(listeners()).toBe(before + SIGNALS.length);
    process.emit(signal, signal);
    expect(shown).toContain(SHOW_CURSOR);
    expect(kill.mock.calls).toEqual([[process.pid, signal]]);
    expect(listeners()).toBe(before);
  });
});

test('elsewhere says nothing, and leaves signals alone', () => {
  process.stderr.isTTY = false;
  const before = listeners();
  const progress = startProgress(1000);
  progress.update(500, 10);
  expect(listeners()).toBe(before);
  progress.stop();
  expect(shown).toBe('');
});
