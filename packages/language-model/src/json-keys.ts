/**
 * The first key that an object in `json` has twice, at any depth; undefined if none has.
 *
 * `JSON.parse` keeps the last of two equal keys without a word, so that a file could show one tensor to us and another
 * to a stricter reader. `json` must already have parsed: only then are quotes and brackets known to be balanced.
 */
export function duplicateKey(json: string): string | undefined {
  // Strings, or one structural character; what lies between (numbers, true, false, null, space) cannot hold a key.
  const tokens = json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)
  const keysOfOpenObjects: Set<string>[] = []
  let lastString = ''
  for (const [token] of tokens) {
    if (token.startsWith('"')) lastString = token
    else if (token === '{' || token === '[') keysOfOpenObjects.push(new Set())
    else if (token === '}' || token === ']') keysOfOpenObjects.pop()
    else {
      const key = lastString.includes('\\') ? (JSON.parse(lastString) as string) : lastString.slice(1, -1)
      const keys = keysOfOpenObjects.at(-1)!
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}
