import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['out/', 'coverage/', 'cdk.out/', 'reports/', '.stryker-tmp/', 'test/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise nobody waits for loses its error: not even `void` excuses it.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      // Where a port may be absent, `if (port)` would take port 0 for "no port". (Plain numbers stay allowed: `a - b || c - d`.)
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowNullableNumber: false, allowNullableBoolean: true, allowNullableString: true },
      ],
      // A new member of a union must be dealt with wherever the union is switched on, `default` or not.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // A `type` of an object fits a Record, an `interface` does not: both have their place.
      '@typescript-eslint/consistent-type-definitions': 'off',

      // Loops over bytes read `bytes[i]!`: the bound is checked by the loop, not by the compiler.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Stand-ins for ports have nothing to wait for, and some do nothing at all.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.{ts,js}'],
    rules: {
      eqeqeq: 'error',
      'no-constant-binary-expression': 'error',
      'no-fallthrough': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression.argument',
          message: 'Write the keys themselves: `{ ...{ a, b }, c }` says no more than `{ a, b, c }`.',
        },
      ],
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unused-labels': 'error',
      'no-useless-escape': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['**/*.js'], rules: { 'no-unused-vars': 'error' } },
);
