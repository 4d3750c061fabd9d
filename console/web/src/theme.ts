import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

// Mantine's components take their colours from the tokens in theme.css, by name, in both
// schemes. Its own dimmed, placeholder and error colours are too faint.
const shades = (token: string): MantineColorsTuple => {
  const c = `var(--${token})`
  return [`var(--${token}-soft)`, c, c, c, c, c, c, c, c, c]
}

const tokens = (): Record<string, string> => {
  const out: Record<string, string> = {
    '--mantine-color-body': 'var(--ground)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-bright': 'var(--text)',
    '--mantine-color-dimmed': 'var(--quiet)',
    '--mantine-color-placeholder': 'var(--quiet)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-default': 'var(--card)',
    '--mantine-color-default-hover': 'var(--over-soft)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--edge)',
    '--mantine-color-disabled': 'var(--over-soft)',
    '--mantine-color-disabled-color': 'var(--quiet)',
    '--mantine-color-disabled-border': 'var(--line)',
    '--mantine-primary-color-contrast': 'var(--on-accent)',
  }
  for (const tone of ['accent', 'good', 'wait', 'bad', 'over']) {
    const on = tone === 'bad' ? 'var(--on-bad)' : tone === 'accent' ? 'var(--on-accent)' : 'var(--card)'
    Object.assign(out, {
      [`--mantine-color-${tone}-text`]: `var(--${tone})`,
      [`--mantine-color-${tone}-filled`]: `var(--${tone})`,
      [`--mantine-color-${tone}-filled-hover`]: `color-mix(in srgb, var(--${tone}) 88%, var(--text))`,
      [`--mantine-color-${tone}-contrast`]: on,
      [`--mantine-color-${tone}-light`]: `var(--${tone}-soft)`,
      [`--mantine-color-${tone}-light-hover`]: `color-mix(in srgb, var(--${tone}-soft) 85%, var(--${tone}))`,
      [`--mantine-color-${tone}-light-color`]: `var(--${tone})`,
      [`--mantine-color-${tone}-outline`]: `var(--${tone})`,
      [`--mantine-color-${tone}-outline-hover`]: `var(--${tone}-soft)`,
    })
  }
  return out
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: tokens(),
  // What opens over a page in the dark is of Mantine's greys: these are its ground and lines.
  dark: { ...tokens(), '--mantine-color-dark-6': 'var(--card)', '--mantine-color-dark-5': 'var(--over-soft)', '--mantine-color-dark-4': 'var(--line)' },
})

export const theme = createTheme({
  fontFamily: "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace",
  primaryColor: 'accent',
  // On a filled ground stands the tone's own colour: white is too faint in the dark.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input)
    return input.variant === 'filled' ? { ...colors, color: `var(--mantine-color-${input.color ?? 'accent'}-contrast)` } : colors
  },
  colors: { accent: shades('accent'), good: shades('good'), wait: shades('wait'), bad: shades('bad'), over: shades('over') },
  defaultRadius: 'md',
  radius: { md: '8px', lg: '12px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  fontSizes: { xs: '12px', sm: '14px', md: '16px', lg: '18px', xl: '24px' },
  lineHeights: { xs: '16px', sm: '20px', md: '24px', lg: '24px', xl: '32px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '24px', lineHeight: '32px' },
      h2: { fontSize: '18px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  focusRing: 'never', // theme.css draws one for all
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'md', fz: 'sm', h: 44 } },
    ActionIcon: { defaultProps: { size: 44, variant: 'subtle', color: 'over' } },
    TextInput: { defaultProps: { size: 'md' } },
    TagsInput: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md', allowDeselect: false, withScrollArea: false, checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { withScrollArea: false } },
    Radio: { defaultProps: { iconColor: 'var(--on-accent)' } },
    // A page has one banner; Mantine's header elements in them would be more.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Modal: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' } } },
    // A menu's first item takes the focus; what would take it instead is nothing that a menu may hold.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { events: { hover: true, focus: true, touch: true } } },
  },
})
