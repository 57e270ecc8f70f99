/** What can be known of docker-compose.yml and its dashboards without a container runtime: that they name what the code has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

type Service = {
  image?: string
  build?: unknown
  command?: string[]
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  restart?: string
  ports?: string[]
  volumes?: string[]
}
type Dashboard = { uid: string; panels: { title: string; description: string; targets: { expr: string }[] }[] }

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
const services = Object.entries(compose.services)
const dashboards = readdirSync(join(root, 'deploy/grafana/dashboards')).map(
  (file) => JSON.parse(read(`deploy/grafana/dashboards/${file}`)) as Dashboard,
)
const expressions = [
  ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
  ...(parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] }).groups.flatMap(
    ({ rules }) => rules.map(({ expr }) => expr),
  ),
]

/** Of graph-node 0.45 and of prom-client's defaults, read from their /metrics. */
const FOREIGN_METRICS = [
  'up',
  'deployment_blocks_processed_count',
  'deployment_handler_execution_time',
  'deployment_head',
  'deployment_status',
  'eth_rpc_request_duration',
  'ethereum_chain_head_number',
  'nodejs_eventloop_lag_p99_seconds',
  'polling_monitor_errors',
  'polling_monitor_not_found',
  'process_cpu_seconds_total',
  'process_open_fds',
  'process_resident_memory_bytes',
  'query_execution_time',
  'store_connection_wait_time_ms',
]

test('every service waits for health or completion, and whatever stays up tells its health', () => {
  for (const [name, service] of services) {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(Object.keys(compose.services), `${name} needs ${needed}`).toContain(needed)
      expect(condition, `${name} needs ${needed}`).toMatch(/^service_(healthy|completed_successfully)$/)
      if (condition === 'service_healthy') expect(compose.services[needed]!.healthcheck, needed).toBeDefined()
    }
    if (service.restart === 'unless-stopped') expect(service.healthcheck, name).toBeDefined()
  }
})

test('every image of others is pinned, every port is on loopback, every named volume is declared', () => {
  for (const [name, { image, build, ports, volumes }] of services) {
    if (build === undefined) expect(image, name).toMatch(/:v?\d+\.\d+/)
    for (const port of ports ?? []) expect(port, name).toMatch(/^127\.0\.0\.1:/)
    for (const volume of volumes ?? []) {
      const [source] = volume.split(':')
      if (source!.startsWith('.')) expect(existsSync(join(root, source!)), `${name}: ${source}`).toBe(true)
      else expect(Object.keys(compose.volumes), name).toContain(source)
    }
  }
})

test('every program that a service of ours starts is there, with settings that it reads', () => {
  const ours = services.filter(([, { build }]) => build !== undefined)
  expect(ours.length).toBeGreaterThanOrEqual(6)
  for (const [name, { command, environment }] of ours) {
    const program = command!.find((part) => /\.(ts|sh)$/.test(part))!
    expect(existsSync(join(root, program)), `${name}: ${program}`).toBe(true)
    // What all services of ours are given alike need not be read by each.
    const shared = parse(read('docker-compose.yml'))['x-places'] as Record<string, string>
    for (const setting of Object.keys(environment ?? {}).filter((setting) => !(setting in shared))) {
      expect(settingsOf(program), `${name}: ${setting}`).toContain(setting)
    }
  }
})

test('every metric of ours that a dashboard or an alert asks for is one that the code registers', () => {
  const code = [
    'inference-node/src/api/metrics.ts',
    'attribution-engine/src/http/metrics.ts',
    'api/src/http/metrics.ts',
  ]
    .map(read)
    .join('\n')
  const asked = new Set(expressions.flatMap(metricsIn))
  expect(asked.size).toBeGreaterThan(20)
  for (const metric of asked) {
    const ours = metric.startsWith('openledger_')
    const known = ours
      ? code.includes(`'${metric}'`) || code.includes(`  ${metric.slice('openledger_'.length)}: '`)
      : FOREIGN_METRICS.includes(metric)
    expect(known, metric).toBe(true)
  }
})

test('every panel says what it shows', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length)
  for (const { panels } of dashboards) {
    expect(panels.length).toBeGreaterThan(5)
    for (const { title, description, targets } of panels) {
      expect(description.length, title).toBeGreaterThan(10)
      expect(targets.length, title).toBeGreaterThan(0)
    }
  }
})

/** Names of metrics in an expression, without what a histogram appends. */
function metricsIn(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}/g, '').replaceAll(/by \([^)]*\)/g, '')
  const names = [...bare.matchAll(/\b([a-z][a-z0-9_]*)\b(?!\s*\()/g)].map(([, name]) => name!)
  return names
    .map((name) => name.replace(/_bucket$|_seconds_count$/, (end) => (end === '_bucket' ? '' : '_seconds')))
    .filter((name) => !['s', 'm', 'h', 'e18', 'sum', 'by', 'le', 'topk'].includes(name))
}

/** The text of the files beside a program: where its settings are named. */
function settingsOf(program: string): string {
  const folder = join(root, program, '..')
  const files = readdirSync(folder).filter((file) => /\.(ts|sh)$/.test(file) && !file.endsWith('.test.ts'))
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
}
