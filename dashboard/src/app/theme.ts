import { useSyncExternalStore } from 'react'

/** `system` follows the operating system. */
export type Theme = 'system' | 'light' | 'dark'
const KEY = 'openledger.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()
dark.addEventListener('change', tell)

function tell(): void {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function chosen(): Theme {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  tell()
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen)
}

/** What is shown, whoever chose it: charts draw on a canvas and must be told. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => chosen() === 'dark' || (chosen() === 'system' && dark.matches))
}
