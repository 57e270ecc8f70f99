import parse from 'spdx-expression-parse'

/**
 * Addresses of the licences that an SPDX expression names, each once, in its order. An expression that cannot be parsed, as
 * strangers may write on chain, names none.
 */
export function licenceUrls(expression: string): string[] {
  return licenceIds(expression).map((id) => `https://spdx.org/licenses/${id}.html`)
}

/** SPDX identifiers in an expression, each once, in its order. */
export function licenceIds(expression: string): string[] {
  try {
    return [...new Set(idsOf(parse(expression)))]
  } catch {
    return []
  }
}

function idsOf(node: parse.Info): string[] {
  if ('license' in node) return [node.license]
  return [...idsOf(node.left), ...idsOf(node.right)]
}
