import { describe, expect, test } from '@jest/globals';
import { jsonPages } from '../../../shared/inventory/json-pages.ts';
import { refusal } from './aws-shorthand.ts';

const BOM = '\uFEFF';

describe('pages of a file', () => {
  const rows: [text: string, pages: object[], why: string][] = [
    ['{"a":1}', [{ a: 1 }], 'one document, the usual case'],
    [`${BOM}{"a":1}`, [{ a: 1 }], 'with a byte order mark, as Windows tools write'],
    ['\n{"a":1}\r\n', [{ a: 1 }], 'white space around it'],
    ['{"a":1}{"a":2}{"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }], 'pages appended with nothing between'],
    ['{"a":1}\n{"a":2} \t\r\n {"a":3}\n', [{ a: 1 }, { a: 2 }, { a: 3 }], 'pages appended with white space between'],
    [`{"a":1}\n${BOM}{"a":2}${BOM}`, [{ a: 1 }, { a: 2 }], 'files with marks of their own put together'],
    ['[{"a":1},{"a":2},{"a":3}]', [{ a: 1 }, { a: 2 }, { a: 3 }], 'an array of pages (jq -s)'],
    ['[{"a":1}][{"a":2},{"a":3}]{"a":4}', [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }], 'arrays and pages mixed'],
    ['{"a":"}{\\"]["}{"b":"\\\\"}', [{ a: '}{"][' }, { b: '\\' }], 'brackets and quotes inside strings end nothing'],
    [
      '{"a":[1,-2.5e+3,0,true,false,null,"\\u00e9\\n",[],{},[{"b":{}}]], "c" : {"d":[ ]} } {}',
      [{ a: [1, -2500, 0, true, false, null, 'é\n', [], {}, [{ b: {} }]], c: { d: [] } }, {}],
      'every kind of value on the way to a second page',
    ],
  ];
  test.each(rows)('%j → %j (%s)', (text, pages) => {
    expect(jsonPages(text, 'f.json').map((page) => page.value)).toEqual(pages);
  });

  test('a page is named by its file, and by its number where there are several', () => {
    expect(jsonPages('{}', 'f.json').map((page) => page.source)).toEqual(['f.json']);
    expect(jsonPages('{}{}', 'f.json').map((page) => page.source)).toEqual(['f.json, page 1', 'f.json, page 2']);
  });

  test('a hundred thousand brackets deep is no reason to fall over', () => {
    const deep = `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`;
    expect(jsonPages(deep + deep, 'f.json')).toHaveLength(2);
  });

  test('__proto__ is a key like any other', () => {
    const [page] = jsonPages('{"__proto__":{"polluted":1}} ', 'f.json');
    expect(Object.keys(page!.value)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('refused, with page and position', () => {
  const CUT = 'the text ends inside this page: was the output cut off?';
  const rows: [text: string, message: string, why: string][] = [
    ['', 'f.json: holds no JSON object', 'an empty file'],
    [` \n${BOM}`, 'f.json: holds no JSON object', 'white space alone'],
    ['[]', 'f.json: holds no JSON object', 'jq -s of nothing'],
    ['null', 'f.json: expected an object, found null', 'jq of a key that is not there'],
    ['"text"', 'f.json: expected an object, found a string', 'jq -r'],
    ['[{},[{}]]', 'f.json, page 2: expected an object, found an array', 'an array too deep'],
    ['[{},3]', 'f.json, page 2: expected an object, found a number', 'a number among pages'],
    ['{"a":1', `f.json: page 1, line 1, column 7: ${CUT}`, 'truncated in an object'],
    ['{"a":[1,2', `f.json: page 1, line 1, column 10: ${CUT}`, 'truncated in an array'],
    ['{"a":"te', `f.json: page 1, line 1, column 9: ${CUT}`, 'truncated in a string'],
    ['{"a":"\\u00', `f.json: page 1, line 1, column 11: ${CUT}`, 'truncated in an escape'],
    ['{"a":tru', `f.json: page 1, line 1, column 9: ${CUT}`, 'truncated in a word'],
    ['{"a":', `f.json: page 1, line 1, column 6: ${CUT}`, 'truncated before a value'],
    ['{"a"', `f.json: page 1, line 1, column 5: ${CUT}`, 'truncated before a colon'],
    ['{"a":1}\n{"a":1}\n{"a":\n[', `f.json: page 3, line 4, column 2: ${CUT}`, 'the third page is truncated'],
    ['[{},{}]{"a"', `f.json: page 3, line 1, column 12: ${CUT}`, 'pages of an array are counted'],
    ['{}\nAn error occurred', "f.json: page 2, line 2, column 1: expected '{' or '['", 'a message of the CLI between'],
    ['{},{}', "f.json: page 2, line 1, column 3: expected '{' or '['", 'a comma between pages'],
    ['{}}', "f.json: page 2, line 1, column 3: expected '{' or '['", 'one bracket too many'],
    ['{"a":1,}', 'f.json: page 1, line 1, column 8: expected a property name', 'a trailing comma in an object'],
    ['[{},]', 'f.json: page 1, line 1, column 5: expected a value', 'a trailing comma in an array'],
    ['{"a" 1}', "f.json: page 1, line 1, column 6: expected ':'", 'no colon'],
    ['{"a":1 "b":2}', "f.json: page 1, line 1, column 8: expected ',' or '}'", 'no comma'],
    ['{"a":[1}', "f.json: page 1, line 1, column 8: expected ',' or ']'", 'the wrong bracket'],
    ["{'a':1}", 'f.json: page 1, line 1, column 2: expected a property name', 'Python, not JSON'],
    ['{"a":None}', 'f.json: page 1, line 1, column 6: expected a value', 'Python, not JSON'],
    ['{"a":01}', 'f.json: page 1, line 1, column 6: expected a value', 'a number with a leading zero'],
    ['{"a":1.}', 'f.json: page 1, line 1, column 6: expected a value', 'a number that ends in its point'],
    ['{"a":NaN}', 'f.json: page 1, line 1, column 6: expected a value', 'no JSON number'],
    ['{"a":"\\x"}', 'f.json: page 1, line 1, column 7: expected a valid escape', 'an escape JSON has not'],
    ['{"a":"\\u12"}', 'f.json: page 1, line 1, column 7: expected a valid escape', 'half an escape'],
    ['{"a":"x\n"}', 'f.json: page 1, line 1, column 8: a string is not closed on its line', 'a line feed in a string'],
    [`{"a":${BOM}1}`, 'f.json: page 1, line 1, column 6: expected a value', 'a mark inside a page'],
  ];
  test.each(rows)('%j: %s (%s)', (text, message) => {
    expect(refusal(() => jsonPages(text, 'f.json'))).toBe(message);
  });

  test('what the walk accepts, JSON.parse accepts, and what it refuses is refused', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '1', '-', 'null', ' ', '"', '\\n', '.5', 'e1', '\u0001'];
    let seed = 1;
    const next = (): string => {
      seed = (seed * 48_271) % 2_147_483_647;
      return pieces[seed % pieces.length]!;
    };
    for (let round = 0; round < 5000; round++) {
      const text = `{"k":[${Array.from({ length: round % 7 }, next).join('')}]}`;
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      // A second page makes sure that the walk is taken. Text with a page end of its own may be valid as two.
      let accepted = true;
      try {
        jsonPages(`{}${text}`, 'f.json');
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'InventoryError') throw new Error(text, { cause: error });
        accepted = false;
      }
      if (valid) expect([text, accepted]).toEqual([text, true]);
      else if (accepted) expect(text).toMatch(/[}\]]\s*[{[]/);
    }
  });
});
