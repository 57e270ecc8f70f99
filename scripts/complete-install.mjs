// Runs after `npm install`, in two steps.
//
// 1. An npm that runs on Node older than 22 leaves out optional packages whose `engines` want a
//    newer Node, among them Hardhat's native EVM. The project runs on the Node that it brings, so they are wanted: a second
//    pass of the same npm on that Node fetches them. On Node 22 and newer nothing is missing and nothing is done.
// 2. ONNX Runtime's package brings the libraries of five platforms, 245 MB of them for others than this one; they go.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? '.', '..')

/** Names of optional packages for this platform that the lockfile lists and node_modules lacks. */
function missing() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const fits = (list, own) => list === undefined || list.includes(own)
  const libc = process.report?.getReport?.().header?.glibcVersionRuntime ? 'glibc' : 'musl'
  return Object.entries(lock.packages)
    .filter(
      ([, about]) => about.optional && about.os && fits(about.os, process.platform) && fits(about.cpu, process.arch),
    )
    .filter(([, about]) => process.platform !== 'linux' || fits(about.libc, libc))
    .map(([folder]) => folder)
    .filter((folder) => folder.startsWith('node_modules/@nomicfoundation/edr-') && !existsSync(join(root, folder)))
}

function removeOtherPlatforms() {
  const libraries = join(root, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6')
  if (!existsSync(join(libraries, process.platform, process.arch))) return
  for (const platform of readdirSync(libraries)) {
    for (const arch of readdirSync(join(libraries, platform))) {
      const own = platform === process.platform && arch === process.arch
      if (!own) rmSync(join(libraries, platform, arch), { recursive: true, force: true })
    }
  }
}

removeOtherPlatforms()
const absent = existsSync(join(root, 'package-lock.json')) ? missing() : []
if (absent.length > 0 && process.env.OPENLEDGER_COMPLETING === undefined) {
  const npm = process.env.npm_execpath
  const brought = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (npm === undefined || !existsSync(brought)) {
    console.error(`Not installed: ${absent.join(', ')}\nNext: npx -y -p node@24 -c "npm install"`)
    process.exit(1)
  }
  const second = spawnSync(brought, [npm, 'install', '--ignore-scripts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, OPENLEDGER_COMPLETING: '1' },
  })
  process.exit(second.status ?? 1)
}
