/** Signs that LaTeX gives a meaning of their own, and those that its fonts have in formulas only. */
const SIGNS: Readonly<Record<string, string>> = {
  '\\': String.raw`\textbackslash{}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
  '"': "''",
  '“': '``',
  '”': "''",
  '‘': '`',
  '’': "'",
  _: String.raw`\_\allowbreak{}`,
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '×': String.raw`$\times$`,
  '±': String.raw`$\pm$`,
  '−': '$-$',
  '–': '--',
  '‑': '-',
  '…': String.raw`\dots{}`,
  '→': String.raw`$\rightarrow$`,
  '≈': String.raw`$\approx$`,
  '≠': String.raw`$\neq$`,
  '≤': String.raw`$\leq$`,
  '≥': String.raw`$\geq$`,
  '·': String.raw`$\cdot$`,
  '⊙': String.raw`$\odot$`,
  '√': String.raw`$\surd$`,
  '∂': String.raw`$\partial$`,
  '∞': String.raw`$\infty$`,
  '‖': String.raw`$\|$`,
  '′': "$'$",
  '\u00a0': '~',
  '\u202f': String.raw`\,`,
};

const GREEK: Readonly<Record<string, string>> = {
  ...named(
    'αβγδζηθικλμνξπρστυχψω',
    'alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon chi psi omega',
  ),
  ...named('εςφΓΔΘΛΞΠΣΥΦΨΩ', 'varepsilon varsigma varphi Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega'),
};
function named(letters: string, names: string): Record<string, string> {
  const commands = names.split(' ');
  return Object.fromEntries([...letters].map((letter, i) => [letter, `$\\${commands[i] ?? ''}$`]));
}

/** What stands above or below the line, and what it stands for. */
const RAISED = new Map([...'⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀᵗ'].map((sign, i) => [sign, '0123456789-Tt'[i] ?? '']));
const LOWERED = new Map([...'₀₁₂₃₄₅₆₇₈₉₋ₜ'].map((sign, i) => [sign, '0123456789-t'[i] ?? '']));

/** Letters, marks and punctuation that pdfLaTeX sets from UTF-8 without a package, but for some Latin letters. */
const KNOWN = /^(?![«»ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ])[\u0020-\u007e\u00a1-\u017f—†‡•‰€™]$/u;

/** Text as LaTeX shows it, on one line. */
export function escapeLatex(text: string): string {
  return text
    .replace(/\s+/gu, (space) => (SIGNS[space] === undefined ? ' ' : space))
    .replaceAll(' %', '\u00a0%')
    .replace(/"([^"]*)"/g, '“$1”')
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀᵗ]+|[₀₁₂₃₄₅₆₇₈₉₋ₜ]+|[^\p{L}\p{N} ]|[\u0370-\u03ff]/gu, (sign) => {
      const [raised, lowered] = [RAISED, LOWERED].map((map) => [...sign].map((s) => map.get(s)));
      if (raised && !raised.includes(undefined)) return `$^{${raised.join('')}}$`;
      if (lowered && !lowered.includes(undefined)) return `$_{${lowered.join('')}}$`;
      return SIGNS[sign] ?? GREEK[sign] ?? (/[&%$#{}]/.test(sign) ? `\\${sign}` : sign);
    });
}

/** The signs of an escaped text that pdfLaTeX stops at. */
export function signsUnknown(escaped: string): string[] {
  return [...new Set(escaped)].filter((sign) => sign !== '\n' && !KNOWN.test(sign));
}
