import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { readChecked } from '../api/content.ts'
import { bytes as sizeOf } from '../app/format.ts'
import { Badge, Empty, Failure, Loading } from './states.tsx'

/** Types that browsers only ever decode. SVG, HTML, PDF and whatever may hold programs are shown as their text. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif', 'image/bmp'])
const SOUNDS = new Set(['audio/wav', 'audio/x-wav', 'audio/mpeg', 'audio/flac', 'audio/ogg'])
const MOST_TEXT = 200_000

/** A record’s bytes, checked against its CID in this browser and then shown as what they can harmlessly be. */
export function RecordContent({ cid, mediaType, title }: { cid: string; mediaType: string; title: string }) {
  const content = useQuery({
    queryKey: ['content', cid],
    queryFn: ({ signal }) => readChecked(cid, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (content.error) return <Failure error={content.error} onRetry={() => void content.refetch()} />
  if (content.data === undefined) return <Loading lines={6} what="Fetching the content" />
  const type = mediaType.split(';')[0]!.trim().toLowerCase()
  return (
    <>
      <p className="mb-3 flex flex-wrap items-center gap-2">
        <Badge tone="good">bytes match the CID, computed in this browser</Badge>
        <span className="numeric text-muted text-xs">{sizeOf(content.data.length)}</span>
      </p>
      <Shown bytes={content.data} type={type} title={title} />
    </>
  )
}

function Shown({ bytes, type, title }: { bytes: Uint8Array<ArrayBuffer>; type: string; title: string }) {
  if (PICTURES.has(type)) return <Picture bytes={bytes} type={type} title={title} />
  if (SOUNDS.has(type)) return <Sound bytes={bytes} type={type} title={title} />
  const text = textOf(bytes)
  if (text === null)
    return (
      <Empty title={`Bytes of the type ${type}`}>
        They are not shown; the CID names them for whoever reads such files.
      </Empty>
    )
  return (
    <pre
      className="max-h-[32rem] overflow-auto whitespace-pre-wrap break-words rounded-md bg-sunken p-4 font-mono text-xs leading-5"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {text.slice(0, MOST_TEXT)}
    </pre>
  )
}

function Picture({ bytes, type, title }: { bytes: Uint8Array<ArrayBuffer>; type: string; title: string }) {
  const url = useObjectUrl(bytes, type)
  return url === null ? null : (
    <img src={url} alt={`The record ${title}`} className="max-h-[32rem] max-w-full rounded-md" />
  )
}

function Sound({ bytes, type, title }: { bytes: Uint8Array<ArrayBuffer>; type: string; title: string }) {
  const url = useObjectUrl(bytes, type)
  // biome-ignore lint/a11y/useMediaCaption: contributed sounds have no captions; the page says what they are called
  return url === null ? null : <audio src={url} controls aria-label={`The record ${title}`} className="w-full" />
}

function useObjectUrl(bytes: Uint8Array<ArrayBuffer>, type: string): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, type])
  return url
}

/** null for what is no UTF-8 text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
