// The morphology of Sastrawi's stemmer as tables. Numbers are those of the published prefix rules: Nazief and Adriani 1996,
// Asian 2007 (confix stripping), Arifin, Mahendra and Ciptaningtyas 2009 (ECS), Tahitoe and Purwarianti 2010 (modified ECS).

/** Vowel, consonant, consonant but r, consonant but l m n r w y, as the rules write V, C, D and X below. */
const CLASSES: Readonly<Record<string, string>> = {
  V: '[aeiou]',
  C: '[b-df-hj-np-tv-z]',
  D: '[b-df-hj-np-qs-tv-z]',
  X: '[b-df-hjkp-qs-tvxz]',
};

/** One way to begin a word: the pattern matches what is taken off, each recoding what may stand before the rest instead. */
export interface PrefixRule {
  readonly number: string;
  readonly pattern: RegExp;
  /** In the order of trial. `-e` takes one e off the rest. */
  readonly recodings: readonly string[];
}

function rule(number: string, pattern: string, ...recodings: string[]): PrefixRule {
  const source = pattern.replace(/[VCDX]/g, (name) => CLASSES[name] as string);
  return { number, pattern: new RegExp(`^${source}`), recodings: recodings.length === 0 ? [''] : recodings };
}

/** Prefixes that are taken off as they stand, whatever follows. */
export const PLAIN_PREFIX = /^(?:di|ke|se)/;

/** Rules by the first two letters of a word, in the order of trial. */
export const PREFIX_RULES: Readonly<Record<string, readonly PrefixRule[]>> = {
  be: [
    rule('1', 'ber(?=V)', '', 'r'),
    rule('2', 'ber(?=D[a-z](?!er))'),
    rule('3', 'ber(?=D[a-z]erV)'),
    rule('4', 'bel(?=ajar$)'),
    rule('5', 'be(?=DerC)'),
  ],
  te: [
    rule('6', 'ter(?=V)', '', 'r'),
    rule('7', 'ter(?=DerV)'),
    rule('8', 'ter(?=D(?!er))'),
    rule('9', 'te(?=DerC)'),
    rule('35', 'ter(?=XerC)'),
  ],
  me: [
    rule('10', 'me(?=[lrwy]V)'),
    rule('11', 'mem(?=[bfv])'),
    rule('12', 'mem(?=pe)'),
    rule('13', 'mem(?=r?V)', 'm', 'p'),
    rule('14', 'men(?=[cdjstz])'),
    rule('15', 'men(?=V)', 'n', 't'),
    rule('16', 'meng(?=[ghkq])'),
    rule('17', 'meng(?=V)', '', 'k', '-e', 'ng'),
    rule('18', 'meny(?=V)', 'ny', 's'),
    rule('19', 'mem(?=p[a-df-mo-z])'),
  ],
  pe: [
    rule('20', 'pe(?=[wy]V)'),
    rule('21', 'per(?=V)', '', 'r'),
    rule('23', 'per(?=D[a-z](?!er))'),
    rule('24', 'per(?=D[a-z]erV)'),
    rule('25', 'pem(?=[bfv])'),
    rule('26', 'pem(?=r?V)', 'm', 'p'),
    rule('27', 'pen(?=[cdjz])'),
    rule('28', 'pen(?=V)', 'n', 't'),
    rule('29', 'peng(?=C)'),
    rule('30', 'peng(?=V)', '', 'k', '-e'),
    rule('31', 'peny(?=V)', 'ny', 's'),
    rule('32', 'pel(?=ajar$)'),
    rule('32', 'pe(?=lV)'),
    rule('34', 'pe(?=X(?!er))'),
    rule('36', 'pe(?=XerC)'),
  ],
  ku: [rule('41', 'ku(?=.)')],
  ka: [rule('42', 'kau(?=.)')],
};

/** Infixes: the first letter stays. No prefix begins like a word that has one, except be-, me-, pe-, te-, which come first. */
export const INFIX_RULES: readonly { readonly number: string; readonly infix: string; readonly pattern: RegExp }[] = [
  ['37', 'er'],
  ['38', 'el'],
  ['39', 'em'],
  ['40', 'in'],
].map(([number, infix]) => ({
  number: number as string,
  infix: infix as string,
  pattern: new RegExp(`^${CLASSES['C']}${infix}(?=[aeiou])`),
}));

/** Particles, possessives and derivational suffixes, in the order in which they are taken off; the longest ending of a kind first. */
export const SUFFIXES: readonly { readonly endings: readonly string[]; readonly hyphen: boolean }[] = [
  { endings: ['lah', 'kah', 'tah', 'pun'], hyphen: true },
  { endings: ['ku', 'mu', 'nya'], hyphen: true },
  { endings: ['isasi', 'isme', 'kan', 'is', 'an', 'i'], hyphen: false },
];

/** Words whose prefix is tried before the suffix (Asian 2007, precedence adjustment). */
export const PREFIX_FIRST = /^(?:be.*(?:lah|an)|(?:me|di|pe|ter).*i)$/;
