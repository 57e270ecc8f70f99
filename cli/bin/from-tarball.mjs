/**
 * Lets Node run this package's TypeScript where it lies below `node_modules`, as it does after `npx openledger`: there Node strips
 * no types by itself, and no links name our workspaces. Children inherit it by NODE_OPTIONS. In a checkout nothing of this is used.
 */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = new URL('../../', import.meta.url)
/** What each specifier of ours stands for, written when the tarball was packed. */
const places = JSON.parse(readFileSync(new URL('cli/bin/workspaces.json', root), 'utf8'))

registerHooks({
  resolve(specifier, context, next) {
    const place = places[specifier]
    return place === undefined ? next(specifier, context) : { url: new URL(place, root).href, shortCircuit: true }
  },
  load(url, context, next) {
    if (!url.startsWith(root.href) || !url.endsWith('.ts')) return next(url, context)
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
    return { format: 'module', source, shortCircuit: true }
  },
})

const own = `--import=${pathToFileURL(fileURLToPath(import.meta.url)).href}`
if (!process.env.NODE_OPTIONS?.includes(own)) {
  process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, own].filter(Boolean).join(' ')
}
