import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Unpacks a tarball where npm would, with its dependencies in the versions that it names: the installed files, without a registry.
 * @param consumer folder of a project that knows nothing of this repository
 * @param homes folders of this repository from which Node finds those dependencies
 * @returns where the package lies
 */
export function installTarball(consumer: string, tarball: string, name: string, homes: readonly string[]): string {
  const place = join(consumer, 'node_modules', name)
  mkdirSync(place, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', place])
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
  const finders = homes.map((home) => createRequire(join(home, 'package.json')))
  for (const [dependency, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    const found = finders.flatMap((finder) =>
      (finder.resolve.paths(dependency) ?? [])
        .map((folder) => join(folder, dependency))
        .filter((folder) => versionOf(folder) === version),
    )[0]
    if (found === undefined) throw new Error(`${dependency}@${version} is not installed`)
    const target = join(consumer, 'node_modules', dependency)
    mkdirSync(dirname(target), { recursive: true })
    if (!existsSync(target)) symlinkSync(found, target)
  }
  return place
}

function versionOf(folder: string): string | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  } catch {
    return null
  }
}
