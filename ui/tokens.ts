/**
 * Every colour of the product, by the role it plays. Nothing else in the client holds a hex value:
 * screens name a role (`var(--pg-secondary)`), the theme feeds Mantine from the same list.
 */
export interface Tokens {
  canvas: string;
  surface: string;
  floating: string;
  hover: string;
  selected: string;
  hairline: string;
  control: string;
  text: string;
  secondary: string;
  meta: string;
  accent: string;
  accentHover: string;
  onAccent: string;
  good: string;
  goodTint: string;
  warning: string;
  warningTint: string;
  danger: string;
  dangerTint: string;
  information: string;
  informationTint: string;
  /** Colours of series, tags and select options, in the order they are given out. */
  series: readonly string[];
}

export const light: Tokens = {
  canvas: '#F7F7F5',
  surface: '#FFFFFF',
  floating: '#FFFFFF',
  hover: '#F1F1EE',
  selected: '#EAF4F3',
  hairline: '#E4E4E0',
  control: '#85857D',
  text: '#1B1C1E',
  secondary: '#5A5C60',
  meta: '#6B6D72',
  accent: '#0B6B6B',
  accentHover: '#095A5A',
  onAccent: '#FFFFFF',
  good: '#17723F',
  goodTint: '#E7F5ED',
  warning: '#8F5A00',
  warningTint: '#FDF3DF',
  danger: '#C0322B',
  dangerTint: '#FDECEB',
  information: '#2F5FC4',
  informationTint: '#EBF0FC',
  series: ['#0B7A7A', '#3B66D6', '#A06000', '#8E4BA8', '#BF4A2B', '#66791B', '#64707D', '#C03A72'],
};

export const dark: Tokens = {
  canvas: '#131416',
  surface: '#191A1D',
  floating: '#212327',
  hover: '#232529',
  selected: '#143130',
  hairline: '#2C2E33',
  control: '#74777E',
  text: '#ECEDEE',
  secondary: '#A9ACB2',
  meta: '#92969D',
  accent: '#4FC4BC',
  accentHover: '#6BD3CC',
  onAccent: '#06201F',
  good: '#5CC98D',
  goodTint: '#14301F',
  warning: '#E3B04B',
  warningTint: '#352811',
  danger: '#F28B82',
  dangerTint: '#3A1C1B',
  information: '#8FB0F7',
  informationTint: '#1A2745',
  series: ['#4FC4BC', '#8AA8F5', '#E3B04B', '#CB95E0', '#EE9277', '#B2C45C', '#A3AEBB', '#EE8FB4'],
};

/** The tokens as CSS custom properties: `goodTint` becomes `--pg-good-tint`. */
export function cssVariables(tokens: Tokens): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(tokens)) {
    if (typeof value === 'string') {
      variables[`--pg-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = value;
    }
  }
  tokens.series.forEach((value, index) => {
    variables[`--pg-series-${index + 1}`] = value;
  });
  return variables;
}
