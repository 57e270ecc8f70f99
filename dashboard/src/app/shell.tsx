import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useLinks } from '../api/links.ts'
import { useOperation } from '../api/use-operation.ts'
import { Icon } from '../components/icon.tsx'
import { status } from '../generated/status.ts'
import { AccountMenu } from '../wallet/account-menu.tsx'
import { announceDemoWallets, LOCAL_CHAIN } from '../wallet/demo-wallets.ts'
import { listenForWallets } from '../wallet/wallets.ts'
import { count } from './format.ts'
import { NAVIGATION } from './nav.ts'
import { chooseTheme, type Theme, useTheme } from './theme.ts'

/** What stands around every page: navigation, the index's state, theme, account. */
export function Shell() {
  const links = useLinks()
  const [isMenuOpen, setMenuOpen] = useState(false)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(listenForWallets, [])
  const chainId = links.data?.chainId
  useEffect(() => {
    if (chainId === LOCAL_CHAIN) announceDemoWallets()
  }, [chainId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page is what this waits for
  useEffect(() => {
    setMenuOpen(false)
    // A new page is announced by moving the focus to it, as a full load would.
    if (isFirst.current) isFirst.current = false
    else main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2"
      >
        Skip to content
      </a>
      <nav
        aria-label="Pages"
        className="border-line border-r bg-surface max-lg:border-r-0 lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto"
      >
        <div className="flex items-center justify-between px-5 py-4 max-lg:border-line max-lg:border-b">
          <Link to="/" className="flex items-center gap-2.5 font-semibold tracking-tight">
            <img src="/icon.svg" alt="" width={26} height={26} />
            OpenLedger
          </Link>
          <button
            type="button"
            className="button lg:hidden"
            aria-expanded={isMenuOpen}
            aria-controls="navigation"
            onClick={() => setMenuOpen(!isMenuOpen)}
          >
            <Icon name={isMenuOpen ? 'close' : 'menu'} />
            Menu
          </button>
        </div>
        <div id="navigation" className={`px-3 pb-6 ${isMenuOpen ? '' : 'max-lg:hidden'}`}>
          {NAVIGATION.map(({ group, pages }) => (
            <div key={group} className="mt-4">
              <p className="px-2 pb-1 font-medium text-muted text-xs">{group}</p>
              <ul>
                {pages.map(({ to, name, icon }) => (
                  <li key={to}>
                    <Link
                      to={to}
                      activeOptions={{ exact: to === '/' }}
                      className="flex items-center gap-3 rounded-lg px-2 py-1.5 text-muted text-sm hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-strong"
                    >
                      <Icon name={icon} />
                      {name}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </div>
      </nav>
      <div className="min-w-0">
        <header className="sticky top-0 z-20 flex items-center justify-between gap-3 border-line border-b bg-ground/90 px-4 py-2.5 backdrop-blur sm:px-8">
          <IndexState />
          <div className="flex items-center gap-2">
            <ThemeChoice />
            <AccountMenu />
          </div>
        </header>
        <main ref={main} id="main" tabIndex={-1} className="mx-auto max-w-7xl px-4 py-8 outline-none sm:px-8">
          <Outlet />
        </main>
      </div>
    </div>
  )
}

/** How near the index is to the chain: in words, with a mark. */
function IndexState() {
  const { data, error } = useOperation(status, {}, { everyMs: 4_000 })
  if (data === undefined && error === null) return <p className="text-muted text-sm">Asking the index…</p>
  if (data === undefined || error !== null) return <State tone="bad" text="The api does not answer" />
  const { block, lagBlocks, missing, hasIndexingErrors } = data._meta
  if (hasIndexingErrors) return <State tone="bad" text={`Index stopped by a fault at block ${count(block)}`} />
  if (missing.length > 0) {
    return <State tone="warn" text={`Incomplete: ${missing.map(({ source }) => source).join(', ')} does not answer`} />
  }
  if ((lagBlocks ?? 0) > 5)
    return <State tone="warn" text={`Index ${count(lagBlocks!)} blocks behind, at ${count(block)}`} />
  return <State tone="good" text={`Block ${count(block)}`} detail="indexed" />
}

const TONES = { good: 'text-good', warn: 'text-warn', bad: 'text-bad' } as const
const MARKS = { good: 'check', warn: 'warning', bad: 'cross' } as const

function State({ tone, text, detail }: { tone: keyof typeof TONES; text: string; detail?: string }) {
  return (
    <p className="numeric flex min-w-0 items-center gap-1.5 text-sm">
      <span className={TONES[tone]}>
        <Icon name={MARKS[tone]} size={16} />
      </span>
      <span className="truncate">{text}</span>
      {detail !== undefined && <span className="text-muted max-sm:hidden">{detail}</span>}
    </p>
  )
}

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const

function ThemeChoice() {
  const theme = useTheme()
  return (
    <button type="button" className="button px-2" title={`Theme: ${theme}`} onClick={() => chooseTheme(NEXT[theme])}>
      <Icon name={THEME_ICONS[theme]} size={16} />
      <span className="sr-only">
        Theme: {theme}. Change to {NEXT[theme]}.
      </span>
    </button>
  )
}
