#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it and say what is wrong; the rest needs a Node that strips types.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`OpenLedger needs Node 24; this is ${process.version}.\n`)
  console.error('Next: npx -y -p node@24 -c "npm install && npm start"')
  process.exit(1)
}
await import('../src/main.ts')
