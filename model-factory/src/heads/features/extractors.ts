/** From a record's bytes to the numbers that a head is trained on. A change of any of them is a new version. */
import { AUDIO_DIMENSIONS, audioFeatures } from './audio-features.ts'
import { IMAGE_DIMENSIONS, imageFeatures } from './image-features.ts'
import { TEXT_DIMENSIONS, textFeatures } from './text-features.ts'

export type Extractor = {
  /** With its version: features of different versions are never mixed. */
  name: string
  dimensions: number
  extract(bytes: Uint8Array): Float64Array
  /** One sentence for cards. */
  description: string
}

export type HeadKind = 'image-head' | 'audio-head' | 'text-head'

export const EXTRACTORS: Readonly<Record<HeadKind, Extractor>> = {
  'image-head': {
    name: 'openledger/image-hog@1',
    dimensions: IMAGE_DIMENSIONS,
    extract: imageFeatures,
    description: 'histograms of oriented gradients, light and colour of the image at 32 x 32 pixels',
  },
  'audio-head': {
    name: 'openledger/audio-log-mel@1',
    dimensions: AUDIO_DIMENSIONS,
    extract: audioFeatures,
    description: 'mean and deviation over time of 40 log-mel bands at 16 kHz',
  },
  'text-head': {
    name: 'openledger/text-n-grams@1',
    dimensions: TEXT_DIMENSIONS,
    extract: textFeatures,
    description: 'hashed groups of one to four letters and words',
  },
}
