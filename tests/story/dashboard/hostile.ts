/** What contributors could send to do harm. Each sets `window.harmed` if anything of it runs. */
export const HARM = 'window.harmed = true'

export const HOSTILE_TEXTS = [
  `<script>${HARM}</script>`,
  `<img src=x onerror="${HARM}">`,
  `<svg onload="${HARM}"><animate onbegin="${HARM}"/></svg>`,
  `[click](javascript:${encodeURIComponent(HARM)}) ![x](x" onerror="${HARM})`,
  `"><iframe srcdoc="<script>parent.harmed = true</script>">`,
  `{{constructor.constructor('${HARM}')()}}`,
]

/** Contents with the type that they claim. */
export const HOSTILE_FILES: readonly { mediaType: string; bytes: Buffer }[] = [
  {
    mediaType: 'image/svg+xml',
    bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="${HARM}"><script>${HARM}</script></svg>`),
  },
  { mediaType: 'text/html', bytes: Buffer.from(`<!doctype html><body onload="${HARM}"><script>${HARM}</script>`) },
  { mediaType: 'text/markdown', bytes: Buffer.from(HOSTILE_TEXTS.join('\n')) },
  { mediaType: 'image/png', bytes: Buffer.from(`<script>${HARM}</script>`) },
  { mediaType: 'text/html; charset=utf-8"><script>window.harmed = true</script>', bytes: Buffer.from('x') },
  { mediaType: 'audio/mpeg', bytes: id3(`<script>${HARM}</script>`) },
  {
    mediaType: 'application/pdf',
    bytes: Buffer.from(`%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(${HARM})>>>>endobj`),
  },
]

/** An MP3 whose title is markup. */
function id3(title: string): Buffer {
  const text = Buffer.concat([Buffer.of(3), Buffer.from(title)])
  const frame = Buffer.concat([Buffer.from('TIT2'), Buffer.of(0, 0, 0, text.length, 0, 0), text])
  return Buffer.concat([Buffer.from('ID3'), Buffer.of(3, 0, 0, 0, 0, 0, frame.length), frame])
}
