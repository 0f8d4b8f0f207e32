import { afterEach, describe, expect, test } from '@jest/globals';
import { fittedTable, type TableContent } from '../../../../services/command-line/terminal/fitted-table.ts';

const { isTTY, columns } = process.stdout;
afterEach(() => {
  Object.assign(process.stdout, { isTTY, columns });
});

const FLOWS: TableContent = {
  head: ['Interface', 'Peer', 'Requests', 'Rules'],
  colAligns: ['left', 'left', 'right', 'left'],
  lead: 2,
  rows: [
    ['eni-1', '10.0.0.1', '1,200', 'sgr-1 sgr-2 sgr-3 sgr-4 sgr-5'],
    ['eni-2', '10.0.0.2', '3', 'sgr-1'],
  ],
};

describe('a table', () => {
  test('that fits the terminal is one', () => {
    Object.assign(process.stdout, { isTTY: true, columns: 100 });
    const lines = fittedTable(FLOWS);
    expect(lines[0]).toMatch(/^┌─+┬/);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  });

  test('that does not is a paragraph for each row, within the width', () => {
    Object.assign(process.stdout, { isTTY: true, columns: 61 });
    expect(fittedTable(FLOWS)).toEqual([
      'eni-1 10.0.0.1',
      '    requests 1,200, rules sgr-1 sgr-2 sgr-3 sgr-4 sgr-5',
      'eni-2 10.0.0.2',
      '    requests 3, rules sgr-1',
    ]);
  });

  test('that goes into a file or pipe is one, whatever its width', () => {
    Object.assign(process.stdout, { isTTY: false, columns: 61 });
    expect(fittedTable(FLOWS)[0]).toMatch(/^┌─+┬/);
  });
});
