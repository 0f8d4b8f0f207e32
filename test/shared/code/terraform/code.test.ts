import { describe, expect, test } from '@jest/globals';
import { codeBlocks } from '../../../../shared/code/terraform/code-blocks.ts';
import { jsonBlocks } from '../../../../shared/code/terraform/json-blocks.ts';
import { TerraformCode, withoutKeys } from '../../../../shared/code/terraform/code.ts';
import { terraformState, type TerraformState } from '../../../../shared/code/terraform/state.ts';
import { resourceJson, stateOfResources } from './forms.ts';

const seen = (text: string): string[] =>
  codeBlocks(text).map(
    ({ kind, labels, line, inside }) => `${line} ${kind} ${labels.join('.')} {${[...inside.keys()].join(' ')}}`,
  );

describe('blocks of code', () => {
  test.each<[string, string, string[]]>([
    [
      'plain',
      'resource "a" "b" {\n  x = 1\n  ingress {\n  }\n}\nmodule "m" { source = "./m" }\n',
      ['1 resource a.b {x ingress}', '6 module m {source}'],
    ],
    ['labels without quotes', 'resource a b {}', ['1 resource a.b {}']],
    [
      'comments',
      '# resource "a" "b" {\n// {\n/* resource "a" "b" {\n*/ resource "a" "c" { # }\n y = 1\n}',
      ['4 resource a.c {y}'],
    ],
    [
      'strings with braces and quotes',
      `resource "a" "b" {\n x = "}\${f("}{", { a = "\\"}" })}%{ if true }{%{ endif }"\n y = 2\n}\nmodule "m" {}`,
      ['1 resource a.b {x y}', '5 module m {}'],
    ],
    ['an escaped template', `locals { x = "$\${ {" }\nmodule "m" {}`, ['2 module m {}']],
    [
      'heredocs',
      'locals {\n x = <<-EOT\n  }} resource "a" "b" {\n  EOT\n y = <<E\n{\nE\n}\nmodule "m" {}',
      ['9 module m {}'],
    ],
    ['a smaller than', 'resource "a" "b" {\n x = 1 < 2 ? 1 : 2\n y = 1\n}', ['1 resource a.b {x y}']],
    [
      'dynamic blocks under their label',
      'resource "a" "b" {\n dynamic "ingress" {\n  for_each = []\n  content {}\n }\n}',
      ['1 resource a.b {ingress}'],
    ],
    [
      'lists and objects over lines',
      'resource "a" "b" {\n x = [\n  { y = 1 },\n ]\n z = { w = 1 }\n}',
      ['1 resource a.b {x z}'],
    ],
    ['no such blocks', 'data "a" "b" {}\nresource "a" {}\nlocals { resource = 1 }', []],
    ['what ends too early', 'resource "a" "b" {\n x = "', ['1 resource a.b {x}']],
    ['what is no code', '}}}\u0000{"\n', []],
  ])('%s', (_, text, blocks) => {
    expect(seen(text)).toEqual(blocks);
  });

  test('deep and long text takes no longer than its length', () => {
    const started = performance.now();
    for (const text of ['"${'.repeat(2e5), '{'.repeat(5e5), '<<A\n'.repeat(2e4), '/*'.repeat(3e5)]) codeBlocks(text);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

function moduleState(name: string, resource: object): TerraformState {
  const child = {
    address: `module.${name}`,
    resources: [{ ...resource, address: `module.${name}.${(resource as { address: string }).address}` }],
  };
  return terraformState('state.json', { format_version: '1.0', values: { root_module: { child_modules: [child] } } });
}

describe('blocks of code in JSON', () => {
  test.each<[string, string, string[]]>([
    [
      'plain',
      '{\n "resource": {\n  "a": {\n   "b": {\n    "x": [1],\n    "ingress": [\n     {"cidr_blocks": []}]}}},\n "module": {"m": {\n "source": "./m" } } }',
      ['4 resource a.b {x ingress}', '8 module m {source}'],
    ],
    [
      'lists wherever the syntax lets them be',
      '{"resource": [{"a": [{"b": {"x": 1}},\n {"c": [{"y": 2}]}]},\n {"a": {"d": {}}}]}',
      ['1 resource a.b {x}', '2 resource a.c {y}', '3 resource a.d {}'],
    ],
    [
      'dynamic blocks under their label',
      '{"resource": {"a": {"b": {"dynamic": {\n "ingress": {"for_each": [], "content": {}}}}}}}',
      ['1 resource a.b {ingress}'],
    ],
    [
      'escapes, and braces in strings',
      '{"resource": {"\\u0061": {"b\\"{": {"x": "}{\\"", "y": 1}}}}',
      ['1 resource a.b"{ {x y}'],
    ],
    [
      'no such blocks',
      '{"data": {"a": {"b": {}}}, "//": {"resource": {"a": {"b": {}}}}, "locals": {"resource": {"a": {"b": 1}}}}',
      [],
    ],
    ['what ends too early', '{"resource": {"a": {"b": {"x": "', ['1 resource a.b {x}']],
    ['what is no code', '}}]"\\', []],
  ])('%s', (_, text, blocks) => {
    const found = jsonBlocks(text).map(
      ({ kind, labels, line, inside }) => `${line} ${kind} ${labels.join('.')} {${[...inside.keys()].join(' ')}}`,
    );
    expect(found).toEqual(blocks);
  });

  test('deep and long text takes no longer than its length', () => {
    const started = performance.now();
    for (const text of ['{"a":'.repeat(2e5), '['.repeat(5e5), '"\\'.repeat(3e5), '{"a":1,'.repeat(2e5)])
      jsonBlocks(text);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('beside other code, with modules from the one to the other', () => {
    const code = new TerraformCode(
      new Map([
        ['main.tf.json', '{"module": {"net": {\n"source": "./net"}}}'],
        ['net/sg.tf', '\nresource "aws_security_group" "web" {\n ingress {\n }\n}'],
        ['net/rules.tf.json', '{"resource": {"aws_security_group":\n {"db": {}}}}'],
      ]),
    );
    const of = (name: string) =>
      moduleState('net', resourceJson('aws_security_group', name, { id: `sg-${name}` })).resources[0]!;
    expect(code.find('', of('web'))).toMatchObject({
      block: { file: 'net/sg.tf', line: 2 },
      call: { file: 'main.tf.json', line: 1 },
    });
    expect(code.find('', of('db'))).toMatchObject({ block: { file: 'net/rules.tf.json', line: 2 }, call: { line: 1 } });
  });
});

test('keys of addresses may hold anything', () => {
  expect(withoutKeys('module.a["x.y[\\"]z"].module.b[0].t.n["]"]')).toBe('module.a.module.b.t.n');
});

describe('where a resource is written', () => {
  const GROUP = 'resource "aws_security_group" "web" {\n}\n';
  const code = (files: Readonly<Record<string, string>>) => new TerraformCode(new Map(Object.entries(files)));
  const group = (module: string) => {
    const address = `${module}.aws_security_group.web`.replace(/^\./, '');
    return resourceJson('aws_security_group', 'web', { id: 'sg-1', vpc_id: 'vpc-1' }, { address });
  };
  const inModule = (module: string) => {
    const state = stateOfResources(group(module));
    return { ...state, resources: state.resources.map((one) => ({ ...one, module })) };
  };

  test('the root of a state is the folder where it is found; two alike are not decided', () => {
    const state = inModule('');
    expect(code({ 'a/main.tf': GROUP, 'b/main.tf': '' }).rootsOf(state)).toEqual(['a']);
    expect(code({ 'a/main.tf': GROUP, 'b/main.tf': GROUP }).rootsOf(state)).toEqual(['a', 'b']);
    expect(code({ 'main.tf': '' }).rootsOf(state)).toEqual([]);
  });

  test('modules in modules, by their calls; what two call is not one’s own', () => {
    const files = {
      'env/main.tf': 'module "net" {\n  source = "../modules/net"\n}\n',
      'modules/net/main.tf': '\nmodule "web" {\n  source = "./web/"\n}\n',
      'modules/net/web/groups.tf': `\n\n${GROUP}`,
    };
    const state = inModule('module.net.module.web');
    const [resource] = state.resources;
    expect(code(files).rootsOf(state)).toEqual(['env']);
    expect(code(files).find('env', resource!)).toMatchObject({
      block: { file: 'modules/net/web/groups.tf', line: 3 },
      call: { file: 'modules/net/main.tf', line: 2 },
      isSoleCall: true,
    });
    const twice = { ...files, 'other/main.tf': 'module "w" {\n source = "../modules/net/web"\n}' };
    expect(code(twice).find('env', resource!)).toMatchObject({ isSoleCall: false });
  });

  test('of a module that lies elsewhere, the call is told; no source leads out of the code', () => {
    for (const source of ['terraform-aws-modules/security-group/aws', '../../secret', 'git::https://example.com/x']) {
      const files = code({ 'main.tf': `\nmodule "net" {\n  source = "${source}"\n}\n` });
      expect(files.find('', inModule('module.net["a"]').resources[0]!)).toEqual({ call: { file: 'main.tf', line: 2 } });
    }
  });
});
