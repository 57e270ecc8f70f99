#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it and say what is wrong; the rest needs a Node that strips types.
import { existsSync } from 'node:fs'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`OpenLedger needs Node 24; this is ${process.version}.\n`)
  console.error(
    'Next: npx -y -p node@24 -c "npm install && npm start", or npx -y -p node@24 -p openledger openledger --help',
  )
  process.exit(1)
}
// Only a tarball has this file.
if (existsSync(new URL('workspaces.json', import.meta.url))) await import('./from-tarball.mjs')
await import('../src/main.ts')
