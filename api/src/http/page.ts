import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Express } from 'express'

const FOLDER = join(import.meta.dirname, '..', 'page')

/** A page of three files without inline script, so that its policy can forbid all else. */
export function servePage(app: Express): void {
  const files: Record<string, [file: string, type: string]> = {
    '/': ['page.html', 'text/html; charset=utf-8'],
    '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
    '/page.css': ['page.css', 'text/css; charset=utf-8'],
  }
  for (const [path, [file, type]] of Object.entries(files)) {
    app.get(path, (_, response, next) => {
      readFile(join(FOLDER, file))
        .then((bytes) => response.type(type).send(bytes))
        .catch(next)
    })
  }
}
