interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(markup: string): string }): unknown;
}

/**
 * The page asks the browser to refuse text that would become markup (`require-trusted-types-for`). The chart library
 * empties elements by `innerHTML = ''`: that, and nothing else, is let through. Browsers without trusted types have the
 * rest of the page's policy.
 * https://developer.mozilla.org/docs/Web/API/Trusted_Types_API
 */
export function lockMarkup(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createHTML: (markup) => {
      if (markup === '') return '';
      throw new TypeError('text is never made markup here');
    },
  });
}
