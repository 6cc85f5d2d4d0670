import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, type VariantColorsResolver } from '@mantine/core';
import { cssVariables, dark, light, type Tokens } from './tokens.ts';

/** One hue for all ten shades: components name roles, so the shade index never decides anything. */
function single(colour: string): MantineColorsTuple {
  return Array.from({ length: 10 }, () => colour) as unknown as MantineColorsTuple;
}

/** Mantine asks what `variant` and `color` look like; the answer is always a role. */
const variantColors: VariantColorsResolver = ({ color, variant }) => {
  const danger = color === 'danger' || color === 'red';
  const plain = color === 'gray';
  const ink = danger ? 'var(--pg-danger)' : plain ? 'var(--pg-secondary)' : 'var(--pg-accent)';
  const none = '1px solid transparent';
  switch (variant) {
    case 'filled':
      return danger
        ? { background: 'var(--pg-danger)', hover: 'var(--pg-danger)', color: 'var(--pg-surface)', border: none }
        : { background: 'var(--pg-accent)', hover: 'var(--pg-accent-hover)', color: 'var(--pg-on-accent)', border: none };
    case 'light':
      return {
        background: danger ? 'var(--pg-danger-tint)' : plain ? 'var(--pg-hover)' : 'var(--pg-selected)',
        hover: danger ? 'var(--pg-danger-tint)' : 'var(--pg-hover)',
        color: ink,
        border: none,
      };
    case 'default':
      return { background: 'var(--pg-surface)', hover: 'var(--pg-hover)', color: 'var(--pg-text)', border: '1px solid var(--pg-control)' };
    case 'outline':
      return { background: 'transparent', hover: 'var(--pg-hover)', color: ink, border: `1px solid ${ink}` };
    case 'transparent':
      return { background: 'transparent', hover: 'transparent', color: ink, border: none };
    default:
      return { background: 'transparent', hover: 'var(--pg-hover)', color: ink, border: none };
  }
};

const sizes = new Set(['xs', 'compact', 'sm', 'md', 'lg']);

/** Heights by size (base.css): 24 is the least target, 28 stands in toolbars, 32 everywhere else; fingers get more. */
function heightOf(size: unknown): string {
  return `var(--pg-height-${typeof size === 'string' && sizes.has(size) ? size : 'sm'})`;
}

/** The one theme of staff app, portal and widget. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', 'Noto Sans Arabic Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent: single(light.accent), danger: single(light.danger) },
  variantColorResolver: variantColors,
  white: light.surface,
  black: light.text,
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  activeClassName: '',
  defaultRadius: 'sm',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '12px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '18px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '22px', lg: '24px', xl: '28px' },
  breakpoints: { xs: '36em', sm: '48em', md: '62em', lg: '68.75em', xl: '82.5em' },
  shadows: {
    xs: 'none',
    sm: 'none',
    md: 'var(--pg-shadow)',
    lg: 'var(--pg-shadow)',
    xl: 'var(--pg-shadow)',
  },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '18px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
      h4: { fontSize: '14px', lineHeight: '20px' },
      h5: { fontSize: '13px', lineHeight: '20px' },
      h6: { fontSize: '12px', lineHeight: '16px' },
    },
  },
  // Plain objects, not `Menu.extend(…)`: naming a component here would load it with the first page.
  components: {
    Button: {
      defaultProps: { size: 'sm' },
      vars: (_theme: unknown, props: { size?: unknown }) => ({
        root: { '--button-height': heightOf(props.size), '--button-padding-x': '12px', '--button-fz': 'var(--mantine-font-size-sm)' },
      }),
      styles: { root: { fontWeight: 500 } },
    },
    ActionIcon: {
      defaultProps: { variant: 'subtle', color: 'gray', size: 'compact' },
      vars: (_theme: unknown, props: { size?: unknown }) => ({ root: { '--ai-size': heightOf(props.size) } }),
    },
    Input: {
      defaultProps: { size: 'sm' },
      vars: (_theme: unknown, props: { size?: unknown }) => ({
        wrapper: { '--input-height': heightOf(props.size), '--input-fz': 'var(--pg-input-size)' },
      }),
    },
    InputWrapper: {
      styles: {
        label: { fontWeight: 500, marginBottom: 4 },
        error: { color: 'var(--pg-danger)', fontSize: 12, lineHeight: '16px', marginTop: 4 },
        description: { color: 'var(--pg-secondary)', fontSize: 12, lineHeight: '16px', marginBottom: 4 },
      },
    },
    // The chosen part is seen by its edge in both schemes, not by a shade alone.
    SegmentedControl: {
      styles: {
        root: { background: 'var(--pg-canvas)' },
        indicator: { background: 'var(--pg-floating)', boxShadow: 'inset 0 0 0 1px var(--pg-control)' },
      },
    },
    Checkbox: { defaultProps: { size: 'xs', radius: 'xs' } },
    Tooltip: {
      defaultProps: { openDelay: 400, transitionProps: { duration: 120 }, radius: 'sm' },
      styles: { tooltip: { background: 'var(--pg-text)', color: 'var(--pg-surface)' } },
    },
    Popover: { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 120 } } },
    // The first entry has the focus, not an empty place before it, which readers of the screen would stumble over.
    Menu: { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 120 }, withInitialFocusPlaceholder: false } },
    Modal: {
      defaultProps: { radius: 'lg', shadow: 'md', transitionProps: { duration: 180 }, overlayProps: { backgroundOpacity: 0.35 } },
      styles: {
        title: { fontSize: '18px', lineHeight: '24px', fontWeight: 600 },
        content: { background: 'var(--pg-floating)' },
        header: { background: 'var(--pg-floating)' },
      },
    },
    Tabs: { defaultProps: { color: 'accent' }, styles: { tab: { minHeight: 'var(--pg-height-md)', padding: '0 12px' } } },
  },
});

function mantineRoles(tokens: Tokens): Record<string, string> {
  return {
    ...cssVariables(tokens),
    '--mantine-color-body': 'var(--pg-surface)',
    '--mantine-color-text': 'var(--pg-text)',
    '--mantine-color-bright': 'var(--pg-text)',
    '--mantine-color-dimmed': 'var(--pg-secondary)',
    '--mantine-color-placeholder': 'var(--pg-meta)',
    '--mantine-color-anchor': 'var(--pg-accent)',
    '--mantine-color-error': 'var(--pg-danger)',
    '--mantine-color-success': 'var(--pg-good)',
    '--mantine-color-default': 'var(--pg-surface)',
    '--mantine-color-default-hover': 'var(--pg-hover)',
    '--mantine-color-default-color': 'var(--pg-text)',
    '--mantine-color-default-border': 'var(--pg-hairline)',
    '--mantine-color-disabled': 'var(--pg-hover)',
    '--mantine-color-disabled-color': 'var(--pg-meta)',
    '--mantine-color-disabled-border': 'var(--pg-hairline)',
    '--mantine-primary-color-contrast': 'var(--pg-on-accent)',
    '--mantine-primary-color-filled': 'var(--pg-accent)',
    '--mantine-primary-color-filled-hover': 'var(--pg-accent-hover)',
    '--mantine-primary-color-light': 'var(--pg-selected)',
    '--mantine-primary-color-light-hover': 'var(--pg-selected)',
    '--mantine-primary-color-light-color': 'var(--pg-accent)',
    '--mantine-color-accent-filled': 'var(--pg-accent)',
    '--mantine-color-accent-filled-hover': 'var(--pg-accent-hover)',
    '--mantine-color-accent-light': 'var(--pg-selected)',
    '--mantine-color-accent-light-hover': 'var(--pg-selected)',
    '--mantine-color-accent-light-color': 'var(--pg-accent)',
    '--mantine-color-accent-outline': 'var(--pg-accent)',
    // Mantine reads shades by index here and there (borders of tables, skeletons, menus): all lead to roles.
    ...Object.fromEntries(
      Array.from({ length: 10 }, (_, shade) => [
        [`--mantine-primary-color-${shade}`, 'var(--pg-accent)'],
        [`--mantine-color-accent-${shade}`, 'var(--pg-accent)'],
        [`--mantine-color-danger-${shade}`, 'var(--pg-danger)'],
        [`--mantine-color-gray-${shade}`, shade < 3 ? 'var(--pg-hover)' : shade < 5 ? 'var(--pg-hairline)' : 'var(--pg-secondary)'],
        [`--mantine-color-dark-${shade}`, shade < 4 ? 'var(--pg-secondary)' : shade < 5 ? 'var(--pg-hairline)' : 'var(--pg-floating)'],
      ]).flat(),
    ),
  };
}

/** Gives Mantine and our own style sheets the tokens of both schemes. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: { '--pg-ease': 'cubic-bezier(.2,.8,.2,1)', '--pg-input-size': 'var(--mantine-font-size-sm)' },
  light: { ...mantineRoles(light), '--pg-shadow': '0 4px 16px rgb(0 0 0 / 12%)' },
  dark: { ...mantineRoles(dark), '--pg-shadow': '0 4px 16px rgb(0 0 0 / 50%)' },
});
